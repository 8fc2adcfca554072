// What is tracked, who tracks it, and what is set for groups of instances and interfaces:
// configurations for which keepalived -t and ours must agree whether there is anything to mend.

import type { AgreementCase } from "./agreement-corpus.js";

/** The names of the two instances. */
const members = ["V", "W"];

function instance(body: string, name = "V", id = 1): string {
  return [
    `vrrp_instance ${name} {\ninterface eth0\nvirtual_router_id ${id}`,
    body,
    `virtual_ipaddress {\n192.0.2.${id + 8}\n}\n}\n`,
  ].join("\n");
}

const pair = `${instance("", "V", 1)}${instance("", "W", 2)}`;

/** A block, and an instance that tracks what it defines. */
function tracked(kind: string, list: string): (body: string) => string {
  return (body) => `${kind} t {\n${body}\n}\n${instance(list === "" ? "" : `${list} {\nt\n}`)}`;
}

const inFile = tracked("track_file", "track_file");
const inProcess = tracked("vrrp_track_process", "track_process");
const inBfd = tracked("bfd_instance", "track_bfd");

const file = "file /run/load\n";
const files: readonly string[] = [
  ...["", "weight 254", "weight -254", "weight 255", "weight x", "weight", "weight 5 reverse"],
  ...["weight 5 noreverse", "weight 5\nweight 6", "init_file", "init_file 5", "init_file -5"],
  ...["init_file overwrite", "init_file 5 overwrite", "init_file overwrite 5", "init_file x"],
  ...["init_file 5 x", "init_file 2147483648", "init_file 255", "init_file 254", "init_file 5x"],
  ...["file /run/other", "nosuch", "init_file 1\ninit_file 2", "init_file overwrite overwrite"],
].map((body) => inFile(file + body));

const process = "process /usr/bin/server\n";
const processes: readonly string[] = [
  ...["", "param_match", "param_match initial", "param_match partial", "param_match exact"],
  ...["weight 254", "weight 255", "weight x", "weight", "weight 5 reverse", "weight 5 noreverse"],
  ...["weight 5\nweight 6", "quorum 0", "quorum 1", "quorum 65535", "quorum 65536", "quorum x"],
  ...["quorum", "quorum_max", "quorum_max 0", "quorum_max 65535", "quorum_max 65536"],
  ...["quorum 5\nquorum_max 3", "quorum_max 3\nquorum 5", "quorum 1\nquorum_max 0"],
  ...["quorum_max 0\nquorum 1", "quorum 5\nquorum_max 5", "quorum 5\nquorum_max 0"],
  ...["fork_delay 0", "fork_delay 0.000001", "fork_delay 0.0000001", "fork_delay 3600"],
  ...["fork_delay 3601", "fork_delay", "terminate_delay 5", "terminate_delay 0", "delay 3601"],
  ...["terminate_delay", "delay 5", "delay x", "delay", "full_command", "full_command x"],
  ...["process /usr/bin/other", "process", "quorum_max 0\nquorum_max 5\nquorum 3", "nosuch"],
].map((body) => inProcess(process + body));

const neighbor = "neighbor_ip 198.51.100.1\n";
const bfd: readonly string[] = [
  ...["", "source_ip 192.0.2.1", "source_ip fe80::1", "source_ip x", "source_ip", "min_rx 1"],
  ...["min_rx 0", "min_rx 4294967", "min_rx 4294968", "min_rx 10001", "min_rx 10.5", "min_rx 0.5"],
  ...["min_rx", "min_tx 1", "min_tx 0", "min_tx 1.0001", "min_tx x", "min_tx", "idle_tx 1000"],
  ...["idle_tx 999", "idle_tx 4294968", "idle_tx", "multiplier 1", "multiplier 255", "passive"],
  ...["multiplier 0", "multiplier 256", "multiplier", "passive x", "ttl 1", "ttl 0", "ttl 256"],
  ...["ttl", "hoplimit 5", "hoplimit 0", "hoplimit 256", "hoplimit", "max_hops 255", "max_hops 0"],
  ...["max_hops -1", "max_hops -2", "max_hops 256", "max_hops", "ttl 5\nmax_hops 6"],
  ...["max_hops 6\nttl 5", "weight 253", "weight 254", "weight -253", "weight x", "weight"],
  ...["weight 5 reverse", "weight 5 noreverse", "weight 5\nweight 6", "vrrp", "checker"],
  ...["vrrp\nchecker", "vrrp x", "nosuch", "neighbour_ip 198.51.100.2", "ttl 5\nhoplimit 6"],
].map((body) => inBfd(neighbor + body));

const bfdNeighbors: readonly string[] = [
  ...["", "neighbour_ip 198.51.100.1", "neighbor_ip x", "neighbor_ip 2001:db8::1"],
  ...["neighbor_ip fe80::2%eth0", "neighbor_ip fe80::2", "neighbor_ip"],
  ...["source_ip 2001:db8::9\nneighbor_ip 2001:db8::1", "max_hops 65\nneighbor_ip 2001:db8::1"],
  "source_ip 192.0.2.1\nneighbor_ip 2001:db8::1",
].map(inBfd);

const trackers = [
  "track_file f {\nfile /run/load\n}",
  "vrrp_track_process p {\nprocess server\n}",
  "bfd_instance b {\nneighbor_ip 198.51.100.1\n}\n",
].join("\n");

/** What may follow a name. */
const effects: readonly string[] = [
  ...["", "weight 10", "weight 253", "weight 254", "weight -254", "weight 255", "weight x"],
  ...["weight", "weight 10 reverse", "weight 10 noreverse", "reverse", "reverse weight 10"],
  ...["weight 10 more", "more", "weight 0", "weight 10 reverse more", "weight reverse"],
];

const lists: readonly string[] = [
  ["track_interface", "eth1"],
  ["track_file", "f"],
  ["track_process", "p"],
  ["track_bfd", "b"],
].flatMap(([list, name]) => [
  ...effects.map((effect) => trackers + instance(`${list} {\n${name} ${effect}\n}`)),
  trackers + instance(`${list} {\n${name}\n${name}\n}`),
  trackers + instance(`${list} {\n}`),
  trackers + instance(`${list} x {\n${name}\n}`),
  trackers + instance(`priority 255\n${list} {\n${name} weight 0\n}`),
]);

const interfaces: readonly string[] = [
  ...["eth0", "eth0 weight 10", "lo", "nosuch", "nosuch weight 10"].map((line) =>
    instance(`track_interface {\n${line}\n}`),
  ),
  instance("dont_track_primary\ntrack_interface {\neth0\n}"),
  instance("priority 255\ntrack_interface {\neth1 weight 10\n}"),
];

const others: readonly string[] = [
  trackers + instance("track_process {\nq\n}"),
  trackers + instance("track_bfd {\nc\n}"),
  instance("track_file {\nf\n}") + trackers,
  instance("track_process {\np\n}") + trackers,
  instance("track_bfd {\nb\n}") + trackers,
  trackers + instance(""),
  trackers + instance("priority 255\ntrack_file {\nf\n}"),
  trackers + instance("priority 255\ntrack_bfd {\nb weight 10\n}"),
  instance(""),
  "track_file {\nfile /run/load\n}\n",
  "vrrp_track_process {\nprocess server\n}\n",
  "bfd_instance {\nneighbor_ip 198.51.100.1\n}\n",
  "track_file f {\n}\n",
  "track_file f {\nfile\n}\n",
  "vrrp_track_process p {\n}\n",
  `${inBfd(neighbor)}bfd_instance t {\nneighbor_ip 198.51.100.2\n}\n`,
  `${inBfd(neighbor)}bfd_instance u {\nneighbor_ip 198.51.100.1\n}\n`,
  inBfd(neighbor).replaceAll("t {", `${"n".repeat(32)} {`),
  `vrrp_track_file f {\nfile /run/load\nweight 5\ninit_file\n}\n${instance("track_file {\nf\n}")}`,
];

function group(body: string, names: readonly string[] = members): string {
  return `vrrp_sync_group G {\ngroup {\n${names.join("\n")}\n}\n${body}\n}\n`;
}

const groupBodies: readonly string[] = [
  ...["", "global_tracking", "sync_group_tracking_weight", "sync_group_tracking_weight on"],
  ...["smtp_alert", "smtp_alert on", "smtp_alert x", "smtp_alert false", "nosuch"],
  ...["notify_priority_changes", "notify_priority_changes x", "notify_priority_changes off"],
  ...["notify_deleted x", "notify_master", "notify_backup", "notify_fault", "notify_stop"],
  ...["notify", "track_interface {\nlo\n}", "track_interface {\nlo weight 10\n}"],
  ...["track_interface {\neth0\n}", "track_interface {\nnosuch\n}", "track_file {\nf\n}"],
  ...["track_file {\nf weight 0\n}", "track_process {\np weight 5\n}", "track_bfd {\nb\n}"],
  ...["track_bfd {\nc\n}", "track_process {\nq\n}", "track_script {\ns\n}"],
  ...["sync_group_tracking_weight\ntrack_bfd {\nb weight 5\n}"],
].map((body) => trackers + group(body) + pair);

const groupMembers: readonly string[] = [
  ["V"],
  ["V", "V"],
  ["V W"],
  ["V", "X"],
  ["X", "Y"],
  [],
  ["V", "W", "X"],
  ['"V"', "W"],
].map((names) => group("", names) + pair);

const groups: readonly string[] = [
  ...groupBodies,
  ...groupMembers,
  pair + group(""),
  `vrrp_sync_group G {\n}\n${pair}`,
  group("") + group("") + pair,
  group("") + group("").replace("G", "H") + pair,
  group("").replace("G ", "") + pair,
  group("").replace("G ", "G H ") + pair,
  group("").replace("group {", "group x {") + pair,
  group("group {\nV\n}") + pair,
  ...["track_interface {\neth1 weight 5\n}", "track_interface {\neth1\n}"].flatMap((body) => [
    group("") + instance(body) + instance("", "W", 2),
    group("sync_group_tracking_weight") + instance(body) + instance("", "W", 2),
    group(body) + instance(body) + instance("", "W", 2),
    group(body) + instance("priority 255") + instance("priority 255", "W", 2),
    group("") + instance(`priority 255\n${body}`) + instance("", "W", 2),
    group("") + instance(`priority 255\n${body}`) + instance("priority 255", "W", 2),
  ]),
  ...["track_file {\nf\n}", "track_file {\nf weight 0\n}", "track_bfd {\nb weight 5\n}"].flatMap(
    (body) => [
      trackers + group("") + instance(body) + instance("", "W", 2),
      trackers + group("sync_group_tracking_weight") + instance(body) + instance("", "W", 2),
      trackers + group(body) + instance("priority 255") + instance("", "W", 2),
    ],
  ),
];

const garpGroups: readonly string[] = [
  ...["", "garp_interval 1", "interface eth0", "garp_interval 1\ninterface eth0"],
  ...["gna_interval 0.5\ninterface eth0", "garp_interval 0\ninterface eth0", "nosuch"],
  ...["garp_interval 4294.967296\ninterface eth0", "garp_interval x\ninterface eth0"],
  ...["garp_interval\ninterface eth0", "garp_interval 0.0000001\ninterface eth0"],
  ...["gna_interval", "gna_interval -1\ninterface eth0", "garp_interval 1\ninterface nosuch"],
  ...["garp_interval 1\ninterface", "garp_interval 1\ninterface eth0\ninterface eth1"],
  ...["garp_interval 1\ninterface eth0\ninterface eth0", "garp_interval 2147.483647"],
  ...[
    "garp_interval 1\ninterfaces {\neth0\neth1\n}",
    "garp_interval 1\ninterfaces {\neth0 eth1\n}",
  ],
  ...["garp_interval 1\ninterfaces {\neth0\nnosuch\n}", "interface eth0\ngarp_interval 0.5"],
  ...["garp_interval 1\ninterfaces {\neth0\neth0\n}", "garp_interval 1\ninterface lo"],
].map((body) => `garp_group {\n${body}\n}\n${instance("")}`);

const delays: readonly string[] = [
  ...["eth0 1", "eth0 1 2", "eth0 0 0", "eth0 255", "eth0 256", "eth0 x", "eth0", "eth0 1 x"],
  ...["eth0 1 256", "nosuch 1", "eth0 0.5", "eth0 0.0000001", "eth0 1 2 3", "eth0 1\neth0 2"],
  ...["lo 1", "eth0 -1", "eth0 1abc", "eth1 255 255", ""],
].map((line) => `interface_up_down_delays {\n${line}\n}\n${instance("")}`);

const linkbeat: readonly string[] = [
  ...["eth0", "eth0 MII", "eth0 ETHTOOL", "eth0 IOCTL", "eth0 mii", "nosuch", "eth0 MII more"],
  ...["eth0\neth0", "lo", "eth0 MII\neth0 IOCTL", "eth0 x"],
].map((line) => `linkbeat_interfaces {\n${line}\n}\n${instance("")}`);

const scriptSecurity = "global_defs {\nenable_script_security\nscript_user root\n}\n";

function inScript(body: string, line = "s"): string {
  const script = `vrrp_script s {\nscript "/bin/true"\n${body}\n}\n`;
  return scriptSecurity + script + instance(`track_script {\n${line}\n}`);
}

const scriptWords: readonly string[] = [
  ...["", "interval 0", "interval 4294", "interval 4295", "interval x", "interval", "timeout 0"],
  ...["timeout 5", "timeout -1", "timeout 5000", "timeout", "weight 253", "weight 254", "weight"],
  ...["weight -254", "weight x", "weight 5 reverse", "weight 5 noreverse", "weight reverse 5"],
  ...["weight 5 reverse more", "rise 0", "rise 3", "rise 2147483648", "rise x", "rise", "fall 0"],
  ...["fall -1", "fall 3", "fall", "user root", "user nosuch", "user root nosuch", "user"],
  ...["user root root", "user root root root", "init_fail", "init_fail x", "nosuch 5"],
  ...["interval 2\ninterval 3", "weight 5\nweight 6", "rise 3abc"],
];

const scripts: readonly string[] = [
  ...scriptWords.map((body) => inScript(body)),
  ...effects.map((effect) => inScript("", `s ${effect}`)),
  ...["s\ns", "s\nt", '"s" weight 0', "s weight 5\ns weight 6"].map((line) => inScript("", line)),
  inScript("", "s").replace('"/bin/true"', '"/bin/true" root root'),
  inScript("", "s").replace('"/bin/true"', "/bin/true a b c d"),
  inScript("", "s").replace('script "/bin/true"', ""),
  inScript("", "s").replace('"/bin/true"', '""'),
  inScript("", "s").replace('"/bin/true"', "/nonexistent"),
  inScript("", "s").replace("vrrp_script s", "vrrp_script s t"),
  inScript("", "s").replace("vrrp_script s", "vrrp_script"),
  inScript("", ""),
  instance("track_script {\ns\n}") + inScript("", "s").replaceAll("V {", "W {"),
  inScript("weight 5", "s").replace("track_script", "priority 255\ntrack_script"),
  inScript("", "s").replace("track_script", "priority 255\ntrack_script"),
  group("") + inScript("weight 5", "s") + instance("", "W", 2),
  group("") + inScript("", "s") + instance("", "W", 2),
  group("sync_group_tracking_weight") + inScript("weight 5", "s") + instance("", "W", 2),
];

const differing: readonly AgreementCase[] = [
  {
    text: inBfd(`${neighbor}multihop`),
    difference: "multihop is younger than 2.2.7 (2.2.8)",
  },
  {
    text: `garp_group {\ngarp_interval 4294.967295\ninterface eth0\n}\n${instance("")}`,
    difference: "2.2.7 takes no interval above 2147.483647 s; 2.4.3 does",
  },
  ...["interval 0.5", "timeout 0.001"].map((body) => ({
    text: inScript(body),
    difference: "2.2.7 takes whole seconds only; 2.4.3 takes milliseconds",
  })),
  ...[
    `track_file t {\n${file}}\n${inFile(file)}`,
    `vrrp_track_process t {\n${process}}\n${inProcess(process)}`,
    `vrrp_script s {\nscript "/bin/true"\n}\n${inScript("")}`,
  ].map((text) => ({
    text,
    difference: "keepalived takes the name twice, and the first block counts, without a word",
  })),
  {
    text: inFile('file ""'),
    difference: "keepalived would read a file without a name",
  },
  {
    text: trackers + group("") + instance("track_process {\np weight 5\n}") + instance("", "W", 2),
    difference: "2.4.3 takes weights of processes away in a group; 2.2.7 forgets to",
  },
  {
    text: trackers + instance("priority 255\ntrack_process {\np weight 5\n}"),
    difference: "2.2.7 says of all trackers but processes that an owner has no use for a weight",
  },
];

export const trackCases: readonly AgreementCase[] = [
  ...[files, processes, bfd, bfdNeighbors, lists, interfaces, others, groups, scripts].flat(),
  ...[garpGroups, delays, linkbeat].flat(),
]
  .map((text): AgreementCase => ({ text }))
  .concat(differing);
