// Configurations of which the kernel must look alike under Debian's keepalived and under ours. One
// instance each, all in one file, each with a network of its own.

export interface Row {
  readonly name: string;
  /** Lines of `virtual_ipaddress`; VIP is the row's own address. */
  readonly addresses?: readonly string[];
  readonly routes?: readonly string[];
  readonly rules?: readonly string[];
  /** Other lines of the instance. */
  readonly lines?: readonly string[];
}

const metrics =
  "mtu 1000 hoplimit 100 advmss 101 rtt 102 rttvar 103 reordering 104 window 105 cwnd 106 " +
  "ssthresh lock 107 rto_min 108 initcwnd 109 initrwnd 110 features ecn";

const unreadable = "dev eth1 table 6909 tos 0x04 protocol bird priority 12";

/** What every host has, whoever is MASTER; the second ones after a reload. */
export const statics: readonly (readonly string[])[] = [
  [
    "static_ipaddress {",
    "  192.0.2.201/24 dev eth0 label eth0:s1 brd 192.0.2.255",
    "  192.0.2.202/32 dev eth0 scope host no_track",
    "  2001:db8::201/64 dev eth0 -nodad",
    "  2001:db8::202/64 dev eth0 preferred_lft 0",
    "  10.7.0.1 peer 10.7.0.2 dev eth1",
    "}",
    "static_routes {",
    "  10.50.0.0/16 via 192.0.2.254 dev eth0 src 192.0.2.201",
    "  10.51.0.0/16 via 192.0.2.254 dev eth0 no_track",
    "  prohibit 10.52.0.0/16 no_track",
    "  2001:db8:50::/48 via 2001:db8::2 dev eth0",
    "}",
    "static_rules {",
    "  from 10.50.0.0/16 table 200 priority 500",
    "  iif eth1 table 201 priority 501",
    "}",
  ],
  [
    "static_ipaddress {",
    "  192.0.2.202/32 dev eth0 scope host no_track",
    "  192.0.2.203/24 dev eth0",
    "  2001:db8::202/64 dev eth0 preferred_lft 0",
    "  10.7.0.1 peer 10.7.0.2 dev eth1",
    "}",
    "static_routes {",
    "  10.50.0.0/16 via 192.0.2.253 dev eth0 src 192.0.2.203",
    "  2001:db8:50::/48 via 2001:db8::2 dev eth0",
    "}",
    "static_rules {",
    "  iif eth1 table 201 priority 501",
    "  iif eth1 table 202 priority 502",
    "}",
  ],
];

/** keepalived 2.2.7 wants dev in a route that is tracked, 2.4.3 does not. */
export const rows: readonly Row[] = [
  { name: "gateway", routes: ["10.10.0.0/16 via 192.0.2.254 dev eth0"] },
  { name: "source", routes: ["10.11.0.0/16 via 192.0.2.254 dev eth0 src VIP metric 7"] },
  {
    name: "by_the_address",
    addresses: ["203.0.113.1/24 dev eth0"],
    routes: ["10.12.0.0/16 via 203.0.113.254 dev eth0"],
  },
  {
    name: "types",
    routes: [
      "blackhole 10.13.0.0/24 no_track",
      "unreachable 10.13.1.0/24 metric 4278198272 no_track",
      "prohibit 10.13.2.0/24 no_track",
      "throw 10.13.3.0/24 table 300 no_track",
    ],
  },
  {
    name: "nexthops",
    routes: [
      "10.14.0.0/16 no_track nexthop via 192.0.2.252 dev eth0 weight 3 " +
        "nexthop via 198.51.100.252 dev eth1 weight 2",
      "10.14.0.0/17 table 6909 no_track nexthop via 203.0.114.1 dev eth0 onlink weight 1 " +
        "nexthop via 203.0.114.2 dev eth0 onlink weight 2",
    ],
  },
  {
    name: "document",
    routes: [
      "192.168.2.0/24 via 192.0.2.100 dev eth0",
      `192.168.200.0/24 ${unreadable} scope link ${metrics} realms 5/0x14`,
      `2001:470:69e9:1:2::4 ${unreadable} ${metrics}`,
    ],
  },
  {
    name: "tables",
    routes: [
      "default via 192.0.2.254 dev eth0 table 101 metric 10",
      "10.15.0.0/16 via 192.0.2.254 dev eth0 table 70000",
      "10.15.0.0/16 dev eth1 scope link table 101",
    ],
  },
  { name: "onlink", routes: ["10.16.0.0/16 via 203.0.115.1 dev eth0 onlink"] },
  { name: "or", routes: ["10.17.0.0/16 via 192.0.2.252 or 192.0.2.253 no_track"] },
  { name: "own_protocol", routes: ["10.18.0.0/16 dev eth1 protocol static no_track"] },
  {
    name: "same_destination",
    routes: [
      "10.19.0.0/16 via 192.0.2.252 dev eth0",
      "10.19.0.0/16 via 192.0.2.253 dev eth0",
      "append 10.19.0.0/16 via 192.0.2.251 dev eth0",
    ],
  },
  {
    name: "metrics",
    routes: [
      "10.20.0.0/16 via 192.0.2.254 dev eth0 quickack 1 congctl reno fastopen_no_cookie 1",
      "10.20.1.0/24 via 192.0.2.254 dev eth0 mtu lock 1300 ttl-propagate enabled",
    ],
  },
  {
    name: "selectors",
    rules: [
      "from 192.168.2.0/24 table 1 preference 1000",
      "to 192.168.2.0/24 table 1 preference 1001",
      "from 192.168.28.0/24 to 192.168.29.0/26 table 5 iif eth0 oif eth1 tos 4 fwmark 24/12 " +
        "preference 39 realms 30/20",
      "not from 10.0.0.0/8 tos 0x10 lookup main preference 1002",
      "ipproto tcp sport 10-20 dport 80-90 table 6 preference 1003",
      "uidrange 10-20 table 6 preference 1004",
      "tunnel-id 17 table 6 preference 1005",
      "from all table 6 suppress_prefixlength 8 preference 1006",
    ],
  },
  {
    name: "actions",
    rules: [
      "from VIP to 10.0.0.0/8 unreachable preference 2100",
      "from VIP to 172.16.0.0/12 prohibit preference 2101",
      "from VIP to 192.168.0.0/16 blackhole preference 2102",
      "from VIP goto 3000 preference 2103",
      "from VIP lookup main preference 3000",
    ],
  },
  { name: "no_preference", rules: ["from VIP table 7", "iif eth1 table 8"] },
  {
    name: "ipv6_routes",
    routes: [
      "2001:db8:a::/48 via fe80::1 dev eth0 metric 77",
      "2001:db8:b::/48 via 2001:db8::2 dev eth0 pref high",
      "2001:db8:c::/48 dev eth1 table 500 mtu 1300",
      "blackhole 2001:db8:d::/48 no_track",
      "2001:db8:e::/48 no_track nexthop via 2001:db8::2 dev eth0 weight 2 " +
        "nexthop via 2001:db8:1::2 dev eth1 weight 3",
    ],
  },
  {
    name: "ipv6_rules",
    rules: [
      "to 1:2:3:4:5:6:7:0/112 from 7:6:5:4:3:2::/96 table 6908 preference 1100",
      "from 2001:db8::/32 iif eth1 table 6909 preference 1101",
      "from 2001:db8::/32 prohibit preference 1102",
    ],
  },
  { name: "default_route", routes: ["default via 192.0.2.254 dev eth0 metric 20"] },
  { name: "default_route6", routes: ["::/0 via 2001:db8::2 dev eth0 metric 20"] },
  { name: "host_route", routes: ["10.30.0.1 via 192.0.2.254 dev eth0"] },
  {
    name: "local_types",
    routes: [
      "local 10.31.0.0/24 dev eth0 scope host",
      "broadcast 10.31.1.255 dev eth0 scope link",
      "multicast 239.1.0.0/16 dev eth0 scope link",
      "anycast 10.31.2.1 dev eth0 scope link",
    ],
  },
  {
    name: "table_names",
    routes: [
      "10.32.0.0/24 dev eth0 scope link table main",
      "10.32.1.0/24 dev eth0 scope link table default",
      "10.32.2.0/24 dev eth0 scope link table local",
    ],
  },
  { name: "protocol_names", routes: ["10.33.0.0/24 dev eth0 protocol boot no_track"] },
  {
    name: "service_types",
    routes: [
      "10.34.0.0/24 via 192.0.2.254 dev eth0 tos 0x10",
      "10.34.0.0/24 via 192.0.2.253 dev eth0 dsfield 8",
    ],
  },
  {
    name: "realms",
    routes: [
      "10.35.0.0/24 via 192.0.2.254 dev eth0 realms 7",
      "10.35.1.0/24 via 192.0.2.254 dev eth0 realms 3/4",
    ],
  },
  {
    name: "two_metrics",
    routes: [
      "10.36.0.0/24 via 192.0.2.254 dev eth0 metric 10",
      "10.36.0.0/24 via 198.51.100.254 dev eth1 metric 20",
    ],
  },
  {
    name: "preferences6",
    routes: [
      "2001:db8:37::/48 via 2001:db8::2 dev eth0 pref low",
      "2001:db8:38::/48 via 2001:db8::2 dev eth0 pref medium mtu 1400 hoplimit 33",
    ],
  },
  {
    name: "types6",
    routes: [
      "unreachable 2001:db8:39::/48 no_track",
      "prohibit 2001:db8:3a::/48 metric 55 no_track",
      "throw 2001:db8:3b::/48 table 300 no_track",
    ],
  },
  {
    name: "tunnel",
    routes: ["10.40.0.0/24 encap ip id 17 dst 192.0.2.200 ttl 9 dev eth0"],
  },
  { name: "labels", routes: ["10.41.0.0/24 encap mpls 100/200 via 192.0.2.254 dev eth0"] },
  {
    name: "excluded",
    lines: ["virtual_ipaddress_excluded {", "  192.0.2.250/32 dev eth0", "  2001:db8::250", "}"],
    routes: ["10.42.0.0/24 via 192.0.2.254 dev eth0 src 192.0.2.250"],
  },
  {
    name: "next_tables",
    rules: [
      "from 10.43.0.0/24 goto 5000 preference 4000",
      "from 10.43.1.0/24 lookup default preference 4001",
      "from 10.43.2.0/24 lookup 70000 preference 4002",
    ],
  },
  {
    name: "marks",
    rules: ["fwmark 16 table 9 preference 4010", "fwmark 0x10/0xff table 9 preference 4011"],
  },
  {
    name: "loopback",
    rules: ["iif lo table 9 preference 4020", "oif eth1 table 9 preference 4021"],
  },
  { name: "everything", rules: ["from all to 10.44.0.0/16 table 9 preference 4030"] },
  { name: "master_device", rules: ["from 10.45.0.0/16 l3mdev preference 4040"] },
  {
    name: "groups",
    rules: ["from 10.46.0.0/16 table 9 suppress_ifgroup 5 preference 4050"],
  },
  {
    name: "own_rule_protocol",
    rules: ["from 10.47.0.0/16 table 9 preference 4060 protocol 4 no_track"],
  },
  {
    name: "ports",
    rules: ["ipproto udp sport 1000-2000 table 9 preference 4070"],
  },
  {
    name: "inverted6",
    rules: [
      "not from 2001:db8:48::/48 table 9 preference 4080",
      "from 2001:db8:49::/48 tos 0x10 unreachable preference 4081",
      "to 2001:db8:4a::/48 fwmark 5/7 blackhole preference 4082",
      "from 2001:db8:4b::/48 goto 4090 preference 4083",
    ],
  },
  {
    name: "virtual_mac",
    lines: ["use_vmac"],
    routes: [
      "10.60.0.0/24 via 192.0.2.254 dev eth0",
      "10.60.1.0/24 via 192.0.2.254 dev eth0 src VIP",
    ],
    rules: ["from VIP table 7 preference 4100", "iif eth0 to VIP table 7 preference 4101"],
  },
  {
    name: "addresses",
    addresses: [
      "198.51.100.10/24 dev eth1 label eth1:ten brd 198.51.100.255",
      "198.51.100.11/32 dev eth1 scope link",
      "198.51.100.12/24 brd + dev eth1 noprefixroute",
    ],
  },
];

/** The whole file, `top` before the instances. */
export function rowsText(all: readonly Row[], top: readonly string[] | undefined = []): string {
  return [...top, ...all.flatMap(instanceLines)].join("\n");
}

function instanceLines(row: Row, index: number): string[] {
  // The name decides, so that a row keeps its address when others come and go.
  const known = rows.findIndex(({ name }) => name === row.name) + 1;
  const number = known === 0 ? rows.length + 1 + index : known;
  const vip = `192.0.2.${100 + number}`;
  const own = (lines: readonly string[]): string[] =>
    lines.map((line) => `    ${line.replaceAll("VIP", vip)}`);
  const block = (name: string, lines: readonly string[] | undefined): string[] =>
    lines === undefined ? [] : [`  ${name} {`, ...own(lines), "  }"];
  return [
    `vrrp_instance ${row.name} {`,
    "  interface eth0",
    "  version 3",
    "  advert_int 0.1",
    `  virtual_router_id ${number}`,
    ...own(row.lines ?? []),
    ...block("virtual_ipaddress", [`${vip}/24`, ...(row.addresses ?? [])]),
    ...block("virtual_routes", row.routes),
    ...block("virtual_rules", row.rules),
    "}",
  ];
}
