// Small configurations for which keepalived -t and ours must agree whether there is anything to
// mend. Each body is put into a wrapper that is sound by itself.

import { checkerCases } from "./agreement-corpus-checker.js";
import { globalAgreementCases } from "./agreement-corpus-global.js";
import { instanceAgreementCases } from "./agreement-corpus-instance.js";
import { routeAgreementCases } from "./agreement-corpus-routes.js";
import { trackCases } from "./agreement-corpus-track.js";

/** A configuration file and, where we differ on purpose, why. */
export interface AgreementCase {
  readonly text: string;
  readonly difference?: string;
}

function inGlobals(body: string): string {
  return `global_defs {\n${body}\n}\n${inInstance("")}`;
}

function inInstance(body: string): string {
  return [
    "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1",
    body,
    "virtual_ipaddress {\n192.0.2.9\n}\n}\n",
  ].join("\n");
}

function inAddresses(body: string): string {
  return [
    "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {",
    body,
    "}\n}\n",
  ].join("\n");
}

const globals: readonly string[] = [
  ...['router_id "a b" c', 'router_id ab"cd ef"gh', 'router_id "abc', "router_id a#b", "router_id"],
  ...["router_id a\\#b", "router_id 'a b'", 'router_id ""', "vrrp_garp_interval 0"],
  ...["vrrp_gna_interval 0.0000001", "vrrp_mcast_group4 192.0.2.1", "vrrp_mcast_group4 x"],
  ...["vrrp_mcast_group4 224.1.2.3", "vrrp_priority -21", "vrrp_priority -20", "vrrp_version 4"],
  ...[
    "vrrp_version 3",
    "vrrp_priorit 4",
    "default_interface nosuch",
    "vrrp_garp_master_refresh -1",
  ],
  ...["vrrp_garp_master_repeat 0", "vrrp_garp_master_delay 4294", "vrrp_garp_master_delay 4295"],
  ...["@other zzz", "@^other router_id", "@^other router_id x", "router_id a{b", "router_id } }"],
  ...["include /nonexistent/x.conf", "include", "{\nrouter_id x\n}", "vrrp_down_timer_adverts 0"],
  ...["$X=3\nvrrp_version $X", "$X=4\nvrrp_version $X", "vrrp_version ${".concat("Y}")],
];

const instances: readonly string[] = [
  ...["advert_int 1", "advert_int 1.4", "advert_int 0", "advert_int x", "advert_int 300"],
  ...["version 3\nadvert_int 0.01", "version 3\nadvert_int 0.123", "version 3\nadvert_int 50"],
  ...["version 3\nadvert_int 0.001", "version 1", "version 4", "version 2"],
  ...["state MASTER", "state BACUP", "state master", "state MASTER\nstate BACKUP", "state"],
  ...["priority 0", "priority 255", "priority 300", "priority -5", "priority x", "priority"],
  ...["priority 100 200", "priority 10abc", "virtual_router_id 300", "virtual_router_id 255"],
  ...["authentication {\nauth_type PASS\nauth_pass 12345678\n}"],
  ...["authentication {\nauth_type PASS\nauth_pass 123456789\n}"],
  ...["version 3\nauthentication {\nauth_type PASS\nauth_pass 1234\n}"],
  ...["authentication {\nauth_type PASS\n}", "authentication {\nauth_pass abc\n}"],
  ...["authentication {\nauth_type PAS\nauth_pass abc\n}"],
  ...["nopreempt", "nopreempt yes", "nopreempt\npreempt", "state MASTER\nnopreempt"],
  ...["preempt_delay 1000", "preempt_delay 2000", "nopreempt\npreempt_delay 20"],
  ...["state MASTER\npriority 100\npreempt_delay 1.5", "priority 255\nstate BACKUP"],
  ...["down_timer_adverts 0", "down_timer_adverts 100", "down_timer_adverts 101"],
  ...["mcast_src_ip 192.0.2.77", "mcast_src_ip fe80::1", "mcast_src_ip x"],
  ...["unicast_src_ip 192.0.2.1", "garp_master_repeat 0", "garp_master_delay 5000"],
  ...["skip_check_adv_addr off", "skip_check_adv_addr x", "lower_prio_no_advert maybe"],
  ...["lower_prio_no_advert yes", "higher_prio_send_advert", "dont_track_primary"],
  ...["interface eth1", "interface lo", "interface nosuch", "unknown_keyword 1", "}", "{"],
];

const addresses: readonly string[] = [
  ...["192.0.2.9/33", "192.0.2.9/24 dev eth0 brd + label eth0:1 scope link", "dev eth0 192.0.2.9"],
  ...["192.0.2.9 brd +", "192.0.2.9/24 brd 1.2.3", "192.0.2.9/24 brd -", "192.0.2.9 dev nosuch"],
  ...["192.0.2.9 label eth0:123456789012", "192.0.2.9 scope x", "192.0.2.9 scope 300"],
  ...["192.0.2.9 scope 200", "192.0.2.9\n2001:db8::1", "192.0.2.9\n192.0.2.9", "192.0.2.300"],
  ...["host.example", "192.0.2.9 foo bar", "192.0.2.9 dev", "192.0.2.9/", "192.0.2.9/a"],
  ...[
    "192.0.2.9/24 dev eth0 dev eth1",
    "",
    "10.1",
    "010.0.0.1",
    "192.0.2.9/0",
    "192.0.2.9 label x",
  ],
  ...["192.0.2.9 192.0.2.10", "192.0.2.9 dev eth1"],
];

const whole: readonly AgreementCase[] = [
  { text: "vrrp_instance {\ninterface eth0\n}\n" },
  { text: "vrrp_instance V {\ninterface eth0\n}\n" },
  { text: "vrrp_instance V {\nvirtual_router_id 1\n}\n" },
  { text: `${inInstance("")}${inInstance("")}` },
  { text: `${inInstance("")}${inInstance("").replace("V", "W")}` },
  { text: `${inInstance("")}}` },
  { text: inAddresses("2001:db8::1") },
  { text: inInstance("").replace("V {", "V W {") },
  { text: inInstance("").replace("V {", '"V W" {') },
  { text: inInstance("").replace(/\}\n$/, "") },
  {
    text: `net_namespace red\n${inInstance("").replace(/\}\n$/, "")}`,
    difference: "with net_namespace keepalived -t ends with 0 whatever it complains of",
  },
];

export const agreementCases: readonly AgreementCase[] = [
  ...globals.map((body) => ({ text: inGlobals(body) })),
  ...globalAgreementCases,
  ...instances.map((body) => ({ text: inInstance(body) })),
  ...instanceAgreementCases,
  ...addresses.map((body) => ({ text: inAddresses(body) })),
  ...checkerCases,
  ...whole,
  ...routeAgreementCases,
  ...trackCases,
];
