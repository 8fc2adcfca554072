// The part of the agreement corpus that is about vrrp_instance: each keyword clean and to mend. The
// wrapper is sound by itself.

import type { AgreementCase } from "./agreement-corpus.js";

function inInstance(body: string): string {
  return [
    "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1",
    body,
    "virtual_ipaddress {\n192.0.2.9\n}\n}\n",
  ].join("\n");
}

function inIpv6(body: string, addresses = "fe80::9\n2001:db8::9"): string {
  return [
    "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1",
    body,
    `virtual_ipaddress {\n${addresses}\n}\n}\n`,
  ].join("\n");
}

function nowhere(body: string, address: string): string {
  return [
    "vrrp_instance V {\nvirtual_router_id 1",
    body,
    `virtual_ipaddress {\n${address}\n}\n}\n`,
  ].join("\n");
}

const peers = "unicast_peer {\n192.0.2.5\n}";
const header = "authentication {\nauth_type AH\nauth_pass x\n}";

const virtualLinks: readonly string[] = [
  ...["use_vmac", "use_vmac vrrp7", "use_vmac vrrp7 02:00:00:00:00:01", "use_vmac 02:00:00:00:00"],
  ...["use_vmac 2:0:0:0:0:1", "use_vmac 02:00:00:00:00:01:", "use_vmac 01:00:00:00:00:01"],
  ...["use_vmac 00:00:5e:00:01:09", "use_vmac 02:00:00:00", "use_vmac 02:00:00:00:zz:01"],
  ...["use_vmac 02:00:00:00:00:01 02:00:00:00:00:02", "use_vmac a/b", "use_vmac averyverylongname"],
  ...["use_vmac vr.1 vr.2", "use_vmac\nuse_vmac vr.2", "use_vmac_addr", "vmac_xmit_base"],
  ...["use_vmac\nvmac_xmit_base", "strict_mode\nuse_vmac\nvmac_xmit_base"],
  ...["use_vmac\npromote_secondaries", `use_vmac\n${peers}`, `use_vmac\nvmac_xmit_base\n${peers}`],
  ...["use_ipvlan", "use_ipvlan 192.0.2.7/24", "use_ipvlan ipv7 192.0.2.7/24 private"],
  ...["use_ipvlan ipv7 192.0.2.7/24 private vepa", "use_ipvlan 192.0.2.7 192.0.2.8"],
  ...["use_ipvlan 192.0.2.7\nuse_ipvlan 192.0.2.8", "use_ipvlan averyverylongname 192.0.2.7"],
  ...["use_ipvlan 2001:db8::1", "use_vmac\nuse_ipvlan 192.0.2.7", "use_ipvlan 192.0.2.7/40"],
];

const unicast: readonly string[] = [
  ...[peers, "unicast_peer {\n}", "unicast_peer {\n192.0.2.5 min_ttl 3 max_ttl 200\n}"],
  ...["unicast_peer {\n192.0.2.5 max_ttl 300\n}", "unicast_peer {\n192.0.2.5 min_ttl x\n}"],
  ...["unicast_peer {\n192.0.2.5 min_ttl 200 max_ttl 100\n}", "unicast_peer {\n192.0.2.5 foo\n}"],
  ...["unicast_peer {\n192.0.2.5 foo 3\n}", "unicast_peer {\n192.0.2.5 min_ttl\n}"],
  ...["unicast_peer {\n2001:db8::1\n}", "unicast_peer {\nrouter\n}", "unicast_fault_no_peer"],
  ...["unicast_peer {\n192.0.2.1\n}", "check_unicast_src", `check_unicast_src\n${peers}`],
  ...["old_unicast_checksum", `old_unicast_checksum\n${peers}`, "old_unicast_checksum x"],
  ...[`old_unicast_checksum never\n${peers}`, "unicast_ttl 5", `unicast_ttl 5\n${peers}`],
  ...[`unicast_ttl 256\n${peers}`, "unicast_ttl", `unicast_src_ip 192.0.2.1\n${peers}`],
  ...["unicast_fault_no_peer\nunicast_src_ip 192.0.2.1", "mcast_dst_ip 224.0.0.50"],
  ...["mcast_dst_ip 192.0.2.3", "mcast_dst_ip ff02::12", `mcast_dst_ip 224.0.0.50\n${peers}`],
  ...["track_src_ip", "track_src_ip\nmcast_src_ip 192.0.2.1", "vrf eth1", "vrf nosuch", "vrf"],
  ...["mcast_src_ip 192.0.2.1\nmcast_src_ip 192.0.2.2", "mcast_src_ip"],
];

const strict: readonly string[] = [
  ...["strict_mode", "strict_mode off", "strict_mode x", "strict_mode\nstate MASTER\npriority 100"],
  ...["strict_mode\nstate BACKUP\npriority 255", "strict_mode\nauthentication {\nauth_pass x\n}"],
  ...["strict_mode\nauthentication {\nauth_type PASS\nauth_pass x\n}"],
  ...["strict_mode\npreempt_delay 4", "strict_mode\ndown_timer_adverts 4"],
  ...["strict_mode\ndown_timer_adverts 3", "strict_mode\ngarp_lower_prio_delay 4"],
  ...["strict_mode\ngarp_lower_prio_repeat 4", "strict_mode\ngarp_lower_prio_repeat 0"],
  ...["strict_mode\nlower_prio_no_advert off", "strict_mode\nhigher_prio_send_advert"],
  ...["strict_mode\naccept", "strict_mode\naccept\nversion 3", "strict_mode\nno_accept"],
  ...["strict_mode off\nstate MASTER\npriority 100"],
];

const others: readonly string[] = [
  ...["accept", "no_accept", "priority 255\nno_accept", "promote_secondaries"],
  ...["prompte_secondaries", "linkbeat_use_polling", "debug 3", "debug 5", "debug x", "debug"],
  ...["notify_deleted", "notify_master", "notify_backup", "notify_fault", "notify_stop", "notify"],
  ...["notify_master_rx_lower_pri", "smtp_alert", "smtp_alert maybe", "smtp_alert off"],
  ...["notify_priority_changes", "notify_priority_changes x", "lvs_sync_daemon_interface eth0"],
  ...["garp_extra_if 5", "garp_extra_if all 5", "garp_extra_if 5 all", "garp_extra_if all"],
  ...["garp_extra_if", "garp_extra_if 86401", "garp_extra_if 0", "vmac_garp_intvl 5"],
  ...["kernel_rx_buf_size 5", "kernel_rx_buf_size", "kernel_rx_buf_size x"],
  ...["kernel_rx_buf_size 5 6", "garp_interval 5", "gna_interval 5", "version 3\nversion 2"],
  ...["version 2\nversion 2", "garp_master_delay 1.5", "garp_master_refresh 1.5"],
  ...["garp_lower_prio_delay 1.5", "garp_master_delay 10", "garp_master_refresh 60"],
  ...["garp_lower_prio_delay 10", "garp_lower_prio_repeat 2147483648", "preempt_delay 1.5"],
  ...["priority 255\nstate MASTER\nnopreempt\npreempt_delay 4", "state", "interface", "preempt"],
  ...["authentication {\nauth_type AH\n}", header, "native_ipv6"],
  ...[`${header}\nstate MASTER\npriority 100`, `${header}\nstate MASTER`],
  'notify_master "/bin/true"\nnotify_master "/bin/false"',
];

const whole: readonly AgreementCase[] = [
  { text: inIpv6("") },
  { text: inIpv6("version 2") },
  { text: inIpv6("strict_mode\nversion 2") },
  { text: inIpv6("strict_mode") },
  { text: inIpv6("strict_mode", "2001:db8::9") },
  { text: inIpv6("", "2001:db8::9") },
  { text: inIpv6("native_ipv6") },
  { text: inIpv6("native_ipv6\nversion 2") },
  { text: inIpv6("version 2\nnative_ipv6") },
  { text: inIpv6(`version 2\n${header}`) },
  { text: inIpv6("mcast_src_ip 2001:db8::1") },
  { text: inIpv6("mcast_dst_ip ff05::12") },
  { text: inIpv6("unicast_peer {\n2001:db8::1\n}") },
  { text: inIpv6("use_ipvlan") },
  { text: inInstance("").replace(/}\n$/, "native_ipv6\n}\n") },
  { text: `${inInstance("")}${inIpv6("").replace("V", "W")}` },
  { text: "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\n}\n" },
  { text: "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nversion 3\n}\n" },
  { text: "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nstrict_mode\n}\n" },
  { text: nowhere("mcast_src_ip 192.0.2.1", "192.0.2.9 dev eth0") },
  { text: nowhere(peers, "192.0.2.9 dev eth0") },
  { text: nowhere(`unicast_src_ip 192.0.2.1\n${peers}`, "192.0.2.9") },
  { text: nowhere(`vrf nosuch\nunicast_src_ip 192.0.2.1\n${peers}`, "192.0.2.9 dev eth0") },
  {
    text: inInstance("use_vmac vr.1") + inInstance("use_vmac vr.1").replace("V", "W"),
  },
];

/** What 2.4.3 does and Debian's 2.2.7 does not know yet. */
const newer: readonly string[] = [
  ...["v3_checksum_as_v2", "v3_checksum_as_v2 off", "timer_expired_backup\nnopreempt"],
  ...["owner_ignore_adverts", "no_virtual_ipaddress"],
  ...["use_vmac name vr.1", "use_vmac group 5", "use_vmac netlink_notify_msg"],
  ...["use_ipvlan name ipv7 192.0.2.7", "use_ipvlan 192.0.2.7 group 4"],
  ...["auth_hmac {\nkey 1 0123456789abcdef0123456789abcdef\nactive_key 1\n}"],
];

const different: readonly AgreementCase[] = [
  ...newer.map((body) => ({
    text: inInstance(body),
    difference: "known since a release after 2.2.7",
  })),
  {
    text: inInstance("unicast_peer {\n192.0.2.5\n192.0.2.5\n}"),
    difference: "2.4.3 refuses a peer that is there, 2.2.7 sends to it twice",
  },
  {
    text: inInstance(`strict_mode\n${peers}`),
    difference: "2.4.3 ends the VRRP process over it, 2.2.7 says nothing with -t",
  },
  {
    text: nowhere(`unicast_src_ip 192.0.2.1\n${peers}`, "192.0.2.9 dev eth0"),
    difference: "2.2.7 wants an interface even where its manual does not",
  },
  {
    text: inInstance("use_vmac 02:00:00:00:00:01:02"),
    difference: "keepalived takes the first six octets of seven without a word",
  },
  {
    text: inInstance(`use_ipvlan 192.0.2.7\n${peers}`),
    difference: "keepalived sets vmac_xmit_base itself, then complains of it",
  },
];

export const instanceAgreementCases: readonly AgreementCase[] = [
  ...[...virtualLinks, ...unicast, ...strict, ...others].map((body) => ({
    text: inInstance(body),
  })),
  ...whole,
  ...different,
];
