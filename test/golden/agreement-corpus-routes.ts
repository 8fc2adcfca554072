// Lines of addresses, routes and rules, each in a block that is sound by itself, for which
// keepalived -t and ours must agree whether there is anything to mend.

import type { AgreementCase } from "./agreement-corpus.js";

/** A line, and why we differ on purpose. */
type Row = string | readonly [line: string, difference: string];

const instance =
  "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.9\n}\n}\n";

function inBlock(block: string, rows: readonly Row[], above = ""): AgreementCase[] {
  return rows.map((row) => {
    const line = typeof row === "string" ? row : row[0];
    const text = `${above}${block} {\n${line}\n}\n${instance}`;
    return typeof row === "string" ? { text } : { text, difference: row[1] };
  });
}

function inInstance(block: string, rows: readonly string[]): AgreementCase[] {
  return rows.map((line) => ({
    text: instance.replace("virtual_ipaddress", `${block} {\n${line}\n}\nvirtual_ipaddress`),
  }));
}

const peerLength = "2.4.3 takes a prefix length after peer, 2.2.7 does not";
const times = "2.4.3 raises times to 200 ms and says so, 2.2.7 takes them without a word";
const swallows = "keepalived's inet and inet6 swallow the word after them";
const untracked = "2.2.7 wants dev in every route to track it, 2.4.3 does not";
const wraps = "keepalived lets a number that is too large wrap round";
const ordered = "keepalived takes default for no family at all, and drops the line";

const virtualAddresses: readonly string[] = [
  ...["192.0.2.8 peer 192.0.2.10", "192.0.2.8 peer x", "192.0.2.8 peer 2001:db8::1"],
  ...["192.0.2.8/24 peer 192.0.2.10", "192.0.2.8 peer 192.0.2.10 peer 192.0.2.11"],
  ...["192.0.2.8 home", "192.0.2.8 -nodad", "192.0.2.8 mngtmpaddr", "192.0.2.8 noprefixroute"],
  ...["192.0.2.8 autojoin", "192.0.2.8 no_track", "192.0.2.8 use_vmac", "192.0.2.8 peer"],
  ...["192.0.2.8 preferred_lft 20", "192.0.2.8 preferred_lft forever"],
  ...["192.0.2.8 preferred_lft x", "192.0.2.8 preferred_lft 4294967295"],
  ...["192.0.2.8 preferred_lft 4294967296", "192.0.2.8 preferred_lft"],
  ...["192.0.2.8 track_group G", "192.0.2.8 scope 0x10", "192.0.2.8/+24", "192.0.2.8/-1"],
  ...["192.0.2.8/24 brd + peer 192.0.2.10", "192.0.2.8 brd 1.2.3.4 brd 5.6.7.8", "default"],
];

const staticAddresses: readonly Row[] = [
  ...["192.0.3.1/24", "192.0.3.1/24 dev eth1", "192.0.3.1/24 dev eth9", "192.0.3.1/24 use_vmac"],
  ...["192.0.3.1/24 track_group G", "192.0.3.1/24 track_group H", "192.0.3.1/24 track_group"],
  ...["192.0.3.1/24 track_group G track_group G", "192.0.3.1/24 broadcast 192.0.3.255"],
  ...["192.0.3.1/24 broadcast x", "192.0.3.1/24 scope host", "192.0.3.1 label x", ""],
  ...["2001:db8::1/64", "2001:db8::1 home -nodad mngtmpaddr", "2001:db8::1 preferred_lft 0"],
  ...["2001:db8::1 scope link", "2001:db8::1 scope global", "2001:db8::1 label x"],
  ...["2001:db8::1 brd +", "2001:db8::1/129", "2001:db8::1 peer 2001:db8::2"],
  ["192.0.3.1 peer 192.0.3.2/24", peerLength],
  "192.0.3.1 peer 192.0.3.2/24 brd 192.0.3.255",
];

const routes: readonly Row[] = [
  ...["192.0.3.0/24 via 192.0.2.5 dev eth0", "to 192.0.3.0/24 oif eth0", "192.0.3.0/24 dev eth9"],
  ...["default via 192.0.2.5 dev eth0", "any via 192.0.2.5 dev eth0", "all dev eth0"],
  ...["default via 2001:db8::1 dev eth0", "::/0 via 2001:db8::1 dev eth0", "dev eth0"],
  ...["192.0.3.0/24 dev eth0 via inet 192.0.2.5", "192.0.3.0/24 dev eth0 via inet6 192.0.2.5"],
  ...["192.0.3.0/24 dev eth0 via 2001:db8::1", "192.0.3.0/24 dev eth0 via x"],
  ...["192.0.3.0/24 dev eth0 via 192.0.2.5/24", "192.0.3.0/24 dev eth0 gw 192.0.2.5"],
  ...["192.0.3.0/24 dev eth0 src 192.0.2.1", "192.0.3.0/24 dev eth0 src default"],
  ...["192.0.3.0/24 dev eth0 from 192.0.4.0/24", "2001:db8::/32 dev eth0 from 2001:db9::/32"],
  ...["2001:db8::/32 dev eth0 from default", "192.0.3.0/24 dev eth0 as to 192.0.2.1"],
  ...[
    "192.0.3.0/33 dev eth0",
    "192.0.3.0/x dev eth0",
    "192.0.3.0/ dev eth0",
    "192.0.3.1/24 dev eth0",
  ],
  ...["192.0.3.0/24 192.0.4.0/24 dev eth0", "192.0.3.0/24 dev eth0 dev eth1", "x dev eth0"],
  ...["unicast 192.0.3.0/24 dev eth0", "local 192.0.3.1 dev eth0", "nat 192.0.3.1 dev eth0"],
  ...["broadcast 192.0.3.1 dev eth0", "brd 192.0.3.1 dev eth0", "anycast 192.0.3.1 dev eth0"],
  ...[
    "multicast 224.0.0.0/4 dev eth0",
    "prohibit 192.0.3.0/24 dev eth0",
    "throw 10.0.0.0/8 dev lo",
  ],
  ...[
    "unreachable 192.0.3.0/24 dev lo",
    "blackhole 192.0.3.0/24 dev lo",
    "xresolve 10.0.0.0/8 dev lo",
  ],
  ...["to blackhole 192.0.3.0/24", "blackhole to 192.0.3.0/24", "blackhole x", "local", "to"],
  ...["6 192.0.3.0/24 dev lo", "0x6 192.0.3.0/24 dev lo", "256 192.0.3.0/24 dev lo"],
  ...["192.0.3.0/24 dev eth0 table 100", "192.0.3.0/24 dev eth0 table main", "192.0.3.0/24 dev"],
  ...["192.0.3.0/24 dev eth0 table nosuch", "192.0.3.0/24 dev eth0 table", "192.0.3.0/24 vrf eth0"],
  ...["192.0.3.0/24 dev eth0 scope link", "192.0.3.0/24 dev eth0 scope 256"],
  ...["192.0.3.0/24 dev eth0 protocol bird", "192.0.3.0/24 dev eth0 protocol bird no_track"],
  ...["192.0.3.0/24 dev eth0 protocol 18", "192.0.3.0/24 dev eth0 protocol nosuch"],
  ...["192.0.3.0/24 dev eth0 tos 0x10", "192.0.3.0/24 dev eth0 dsfield 256"],
  ...["192.0.3.0/24 dev eth0 metric 5", "192.0.3.0/24 dev eth0 priority 4294967295"],
  ...["192.0.3.0/24 dev eth0 preference 4294967296", "192.0.3.0/24 dev eth0 metric -1"],
  ...["192.0.3.0/24 dev eth0 onlink", "192.0.3.0/24 dev eth0 add", "192.0.3.0/24 dev eth0 append"],
  ...["192.0.3.0/24 dev eth0 prepend", "192.0.3.0/24 dev eth0 nosuch"],
  ...["192.0.3.0/24 dev eth0 realms 1/2", "192.0.3.0/24 dev eth0 realms 0x14"],
  ...["192.0.3.0/24 dev eth0 realms nosuch/2", "2001:db8::/32 dev eth0 realms 1"],
  ...["2001:db8::/32 dev eth0 expires 30", "192.0.3.0/24 dev eth0 expires 30"],
  ...["2001:db8::/32 dev eth0 pref high", "2001:db8::/32 dev eth0 pref 256"],
  ...["192.0.3.0/24 dev eth0 pref low", "192.0.3.0/24 dev eth0 ttl-propagate enabled"],
  ...["192.0.3.0/24 dev eth0 ttl-propagate on", "192.0.3.0/24 dev eth0 track_group G"],
  ...["192.0.3.0/24 dev eth0 track_group H", "192.0.3.0/24 track_group G"],
  ...["192.0.3.0/24 dev eth0 track_group G track_group G"],
  ...["192.0.3.0/24 dev eth0 inet", "192.0.3.0/24 dev eth0 inet6"],
  ["inet 192.0.3.0/24 dev eth0", swallows],
  ["inet6 default via 2001:db8::1 dev eth0", swallows],
  ["via 192.0.2.5 dev eth0 default", ordered],
  ["default6 via 2001:db8::1 dev eth0", "2.4.3 calls default6 old, 2.2.7 does not"],
  ["blackhole 192.0.3.0/24", untracked],
  ["192.0.3.0/24 via 192.0.2.5", untracked],
  ["200 192.0.3.0/24 dev eth0", "the kernel has no such type of routes"],
  ["192.0.3.0/24 dev eth0 table 4294967296", wraps],
  ["192.0.3.0/24 dev eth0 table -1", wraps],
  ["192.0.3.0/24 dev eth0 realms 0x1455", "2.4.3 takes realms of 16 bits, 2.2.7 of 8"],
];

const metrics: readonly Row[] = [
  ...["mtu 1500", "mtu lock 1500", "mtu 0x10", "mtu 10abc", "mtu", "mtu lock", "hoplimit 255"],
  ...["hoplimit 256", "advmss lock 1460", "advmss x", "rtt 1600", "rtt lock 0.5s", "rtt 5x", "rtt"],
  ...["rttvar 800", "rttvar lock 300ms", "rttvar 1e3", "rto_min 200", "rto_min lock 1secs"],
  ...[
    "rto_min x",
    "reordering lock 3",
    "reordering x",
    "window 5",
    "window lock 5",
    "cwnd lock 10",
  ],
  ...["cwnd x", "ssthresh lock 20", "ssthresh x", "initcwnd 10", "initcwnd lock 10", "initrwnd 10"],
  ...["initrwnd x", "features ecn", "features x", "features", "quickack 1", "quickack 2"],
  ...["congctl cubic", "congctl lock cubic", "congctl", "fastopen_no_cookie 1"],
  ...["fastopen_no_cookie 2", "metric 5 mtu 6"],
  ["rtt 102", times],
  ["rttvar 103", times],
  ["rto_min 108", times],
  ["rtt 121s", times],
].map((row): Row => {
  const line = (words: string): string => `192.0.3.0/24 dev eth0 ${words}`;
  return typeof row === "string" ? line(row) : [line(row[0] ?? ""), row[1] ?? ""];
});

const ends: readonly Row[] = [
  ...["or 192.0.2.6", "via 192.0.2.5 or 192.0.2.6", "via 192.0.2.5 or 192.0.2.6 or 192.0.2.7"],
  ...["via 192.0.2.5 or 192.0.2.6 nexthop via 192.0.2.7", "nexthop via 192.0.2.5 foo"],
  ...["nexthop via 192.0.2.5 weight 1 nexthop via 192.0.2.6 dev eth1 onlink weight 256"],
  ...["nexthop via 192.0.2.5 weight 0", "nexthop via 192.0.2.5 weight 257", "nexthop via x"],
  ...["nexthop via inet 192.0.2.5 realms 1/2", "nexthop via inet6 2001:db8::1", "nexthop dev eth9"],
  ...["nexthop via 2001:db8::1", "nexthop via 192.0.2.5 as to 192.0.2.6", "nexthop"],
  ...["nexthop via 192.0.2.5 table 5", "nexthop via 192.0.2.5 realms nosuch", "nexthop via"],
  ...["nexthop via 192.0.2.5 encap ip dst 192.0.2.6", "nexthop via 192.0.2.5 encap x", "encap"],
  ...["encap ip dst 192.0.2.6 id 5 src 192.0.2.7 tos 4 ttl 3 flags 6", "encap ip src 192.0.2.6"],
  ...["encap ip dst 2001:db8::1", "encap ip6 dst 2001:db8::1", "encap ip6 id 5 hoplimit 256"],
  ...["encap ip6 id 5 hoplimit 255 tc 3 src 2001:db8::1 flags 65535", "encap x"],
  ...["encap ip6 id 5 flags 65536", "encap mpls 100/200", "encap mpls 1/2/3", "encap mpls 1048576"],
  ...["encap mpls", "encap ila 1:2:3:4", "encap ila 1:2:3", "encap ip dst 192.0.2.6 table 5"],
].map((end) => `192.0.3.0/24 dev eth0 ${end}`);

const rules: readonly Row[] = [
  ...["from 192.0.3.0/24 table 1", "from 192.0.3.0/24 table 1 preference 10"],
  ...["to 192.0.3.0/24 lookup main order 0x10", "table 1 priority 4294967295"],
  ...["table 1 priority 4294967296", "table 1 priority -1", "table 1 preference x"],
  ...["table 0 preference 5", "table nosuch preference 5", "lookup nosuch preference 5", "table"],
  ...["from default table 5 preference 5", "from any to all table 5 preference 5"],
  ...["from default to 2001:db8::/32 table 5 preference 5", "from x table 5 preference 5"],
  ...["to x table 5 preference 5", "from 192.0.3.0/33 table 5 preference 5"],
  ...["to 1:2:3:4:5:6:7:0/112 from 7:6:5:4:3:2::/96 table 6908 preference 7"],
  ...["to 1:2:3:4:5:6:7:0/112 from 192.0.2.1 table 6908 preference 7"],
  ...["from 192.0.2.0/24 inet6 table 5 preference 5", "preference 5", "nosuch"],
  ...["preference 39 goto 40", "preference 39 goto 39", "goto 40", "preference 39 goto x"],
  ...["preference 39 table 5 goto 40", "preference 5 nop goto 7", "preference 5 nop"],
  ...["preference 5 blackhole", "preference 5 prohibit", "preference 5 unreachable"],
  ...["preference 5 type nop", "preference 5 type goto 7", "preference 5 type throw", "type"],
  ...["preference 5 6", "preference 5 throw", "preference 5 l3mdev", "preference 5 l3mdev table 5"],
  ...["preference 5 table 5 l3mdev", "preference 5 table 5 lookup 6", "preference 5 nop sup_pl 3"],
  ...["preference 5 goto 6 realms 5", "preference 5 nop sup_group 3"],
];

const ruleOptions: readonly Row[] = [
  ...["not", "tos 0x04", "tos 256", "dsfield nosuch", "fwmark 5", "fwmark 0x5/0xff", "fwmark x"],
  ...["fwmark -1", "fwmark 4294967296", "fwmark", "realms 5", "realms 30/20", "realms nosuch"],
  ...["suppress_prefixlength 5", "suppress_prefixlength x", "sup_pl 2147483647"],
  ...["sup_pl 2147483648", "suppress_ifgroup 5", "suppress_ifgroup nosuch", "sup_group nosuch"],
  ...["iif eth0", "iif eth9", "dev eth0", "oif eth1", "oif eth9", "tunnel-id 18446744073709551615"],
  ...[
    "tunnel-id 18446744073709551616",
    "tunnel-id x",
    "uidrange 1-2",
    "uidrange 1",
    "uidrange 1-x",
  ],
  ...["protocol 18", "protocol 5", "protocol 5 no_track", "protocol bird", "protocol 256"],
  ...["ipproto tcp", "ipproto TCP", "ipproto 6", "ipproto nosuch", "ipproto 256", "sport 5-6"],
  ...["sport x", "dport 5-6", "dport x", "sport 6-5", "uidrange 2-1", "no_track", "ip_proto udp"],
  ...["iif eth0 track_group G", "iif eth0 track_group H", "oif eth0 track_group G", "to"],
  ["fwmark 5/", "an empty mask would fit every packet"],
  ["sport 5", "keepalived takes no single port, against its manual"],
  ["dport 5", "keepalived takes no single port, against its manual"],
  ["sport 5-70000", wraps],
  ["uidrange 4294967296-4294967297", wraps],
].map((row): Row => {
  const line = (words: string): string => `table 5 preference 5 ${words}`;
  return typeof row === "string" ? line(row) : [line(row[0] ?? ""), row[1] ?? ""];
});

const unlikeRules: readonly Row[] = [
  ["inet from 192.0.3.0/24 table 5 preference 5", swallows],
  ["inet6 preference 5 table 5", swallows],
  ["to 2001:db8::/32 from default table 5 preference 5", ordered],
];

const group = "track_group G {\ngroup {\nV\n}\n}\n";

const groups: readonly string[] = [
  ...[group, "track_group G {\ngroup {\nV W\n}\n}\n", "track_group G {\n}\n"],
  ...["track_group G {\ngroup {\n}\n}\n", "track_group {\ngroup {\nV\n}\n}\n", `${group}${group}`],
  ...["track_group G H {\ngroup {\nV\n}\n}\n", "track_group G {\ngrop {\nV\n}\n}\n"],
  ...["track_group G {\ngroup {\nV\n}\ngroup {\nV\n}\n}\n"],
];

export const routeAgreementCases: readonly AgreementCase[] = [
  ...inInstance("virtual_ipaddress", virtualAddresses),
  ...inInstance("virtual_ipaddress_excluded", virtualAddresses),
  ...inBlock("static_ipaddress", staticAddresses, group),
  ...inBlock("static_routes", [...routes, ...metrics, ...ends], group),
  ...inBlock("static_rules", [...rules, ...ruleOptions, ...unlikeRules], group),
  ...inInstance("virtual_routes", ["192.0.3.0/24 dev eth0", "192.0.3.0/24 dev eth0 track_group G"]),
  ...inInstance("virtual_rules", ["table 5 preference 5", "table 5 preference 5 track_group G"]),
  ...inInstance("virtual_rules", ["table 5", "table 5 preference 5 iif eth9"]),
  ...groups.map((text) => ({ text: `${text}${instance}` })),
];
