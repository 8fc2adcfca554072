// Every keyword of global_defs and of the top level, used well and badly, for the agreement with
// keepalived -t. Debian's 2.2.7 is older than some keywords and was built without others.

import type { AgreementCase } from "./agreement-corpus.js";

const instance =
  "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.9\n}\n}\n";

/** Bodies of global_defs about the daemon and its processes; "|" separates cases. */
const daemon: readonly string[] = `
process_names|process_name|process_name ha|process_name a_very_long_process_name
vrrp_process_name x|checker_process_name x|checker_process_name|lvs_process_name x
bfd_process_name x|bfd_process_name a_very_long_process_name|process_name ab cd
vrrp_priority|vrrp_priority 20|vrrp_priority x|checker_priority 19|checker_priority -21
bfd_priority 5|bfd_priority|bfd_priority 20
vrrp_no_swap|vrrp_no_swap x|checker_no_swap|bfd_no_swap
vrrp_rt_priority|vrrp_rt_priority 0|vrrp_rt_priority 100|vrrp_rt_priority 50|vrrp_rt_priority x
checker_rt_priority 1|checker_rt_priority 0|bfd_rt_priority 99|bfd_rt_priority 100
vrrp_cpu_affinity|vrrp_cpu_affinity 0|vrrp_cpu_affinity 4096|vrrp_cpu_affinity x
checker_cpu_affinity 0|checker_cpu_affinity -1|bfd_cpu_affinity 0|bfd_cpu_affinity 0x
vrrp_rlimit_rttime 0|vrrp_rlimit_rttime 1|vrrp_rlimit_rttime 100|vrrp_rlimit_rttime
vrrp_rlimit_rttime 4294967296|checker_rlimit_rttime 5|checker_rlimit_rttime x
bfd_rlimit_rttime 5|bfd_rlimit_rttime 0|vrrp_rlimit_rtime 5|vrrp_rlimit_rtime x
checker_rlimit_rtime 5|bfd_rlimit_rtime 5
max_auto_priority|max_auto_priority -1|max_auto_priority -2|max_auto_priority 99
max_auto_priority 100|max_auto_priority x|min_auto_priority_delay|min_auto_priority_delay 0
min_auto_priority_delay 10000000|min_auto_priority_delay 10000001
script_user|script_user root|script_user root root|script_user nosuch|script_user root nosuch
enable_script_security|startup_script|startup_script "/bin/true"|startup_script ""
startup_script "/bin/true" nosuch|startup_script "/bin/true" root nosuch
startup_script "/nonexistent"|startup_script_timeout|startup_script_timeout 0
startup_script_timeout 1000|startup_script_timeout 1001
shutdown_script "/bin/true"|shutdown_script "/nonexistent" root|shutdown_script
shutdown_script_timeout x|shutdown_script_timeout 5
umask|umask 077|umask 0x1f|umask 63|umask 01777|umask 08|umask 022 5|umask -1|umask 0
umask IRUSR|umask IRUSR IWUSR|umask FOO|umask irusr
random_seed|random_seed 5|random_seed x|random_seed 5x|random_seed 4294967296
reload_check_config|reload_check_config /tmp/log|reload_check_config a b
reload_time_file|reload_time_file /tmp/x|reload_time_file a b|reload_repeat|reload_repeat x
reload_file|reload_file /tmp/x|include_check|include_check read|include_check +read -match
include_check foo|config_save_dir|config_save_dir /tmp
tmp_config_directory|tmp_config_directory /tmp|tmp_config_directory /nonexistent
data_use_instance|data_use_instance x|data_use_instance no
`
  .trim()
  .split(/[|\n]/);

/** About mail, FIFOs, SNMP and D-Bus. */
const notify: readonly string[] = `
notification_email { a@example.com }|notification_email { }
notification_email { a@example.com b@example.com "Me <c@example.com>" }
notification_email_from|notification_email_from a@example.com|notification_email_from "A <a@b.c>"
smtp_server|smtp_server 127.0.0.1|smtp_server 127.0.0.1 25|smtp_server 127.0.0.1 0
smtp_server 127.0.0.1 70000|smtp_server 127.0.0.1 x|smtp_server ::1 25|smtp_server fe80::1
smtp_server localhost|smtp_server 1.2.3.300|smtp_helo_name|smtp_helo_name a b
smtp_connect_timeout|smtp_connect_timeout 0|smtp_connect_timeout 4294|smtp_connect_timeout 4295
smtp_connect_timeout 3.5|smtp_connect_timeout x
smtp_alert|smtp_alert maybe|smtp_alert off|smtp_alert_vrrp|smtp_alert_vrrp x
smtp_alert_checker off|smtp_alert_checker x|no_email_faults|no_email_faults on
no_checker_emails|no_checker_emails x
notify_fifo|notify_fifo /tmp/x|notify_fifo /tmp/x nosuch|notify_fifo /tmp/x root nosuch
vrrp_notify_fifo /tmp/x root|lvs_notify_fifo /tmp/x root root|vrrp_notify_fifo|lvs_notify_fifo
notify_fifo_script|notify_fifo_script ""|notify_fifo_script "/bin/true"
notify_fifo_script "/nonexistent"|notify_fifo_script "/bin/true" nosuch
vrrp_notify_fifo_script "/bin/true"|vrrp_notify_fifo_script|lvs_notify_fifo_script
vrrp_notify_priority_changes|vrrp_notify_priority_changes x|fifo_write_vrrp_states_on_reload
snmp_socket|snmp_socket udp:192.0.2.1:705|snmp_socket a b
enable_traps|enable_snmp_vrrp|enable_snmp_keepalived|enable_snmp_checker|enable_snmp_rfc
enable_snmp_rfcv2|enable_snmp_rfcv3|enable_snmp_rfcv3 x
enable_dbus|dbus_service_name|dbus_service_name org.example.Ha
`
  .trim()
  .split(/[|\n]/);

/** About VRRP. */
const vrrp: readonly string[] = `
vrrp_mcast_group4 239.1.2.3|vrrp_mcast_group4 ff02::1|vrrp_mcast_group6 ff05::12
vrrp_mcast_group6 ff02::13|vrrp_mcast_group6 224.0.0.18|vrrp_mcast_group6 fe80::1|vrrp_mcast_group6
vrrp_garp_master_delay 3.5|vrrp_garp_master_delay|vrrp_garp_master_delay 3
vrrp_garp_master_repeat|vrrp_garp_master_repeat 4294967295|vrrp_garp_master_repeat x
vrrp_garp_master_refresh 60|vrrp_garp_master_refresh 3.5
vrrp_garp_master_refresh_repeat 2|vrrp_garp_master_refresh_repeat 0
vrrp_garp_lower_prio_delay 10|vrrp_garp_lower_prio_delay x|vrrp_garp_lower_prio_repeat 0
vrrp_garp_lower_prio_repeat 2147483648|vrrp_down_timer_adverts 100|vrrp_down_timer_adverts 101
vrrp_garp_interval 0.001|vrrp_garp_interval 1.5|vrrp_garp_interval 4294.967295
vrrp_garp_interval 4294.967296|vrrp_garp_interval 0.0000004|vrrp_gna_interval 0.001
vrrp_gna_interval 0|vrrp_gna_interval x|vrrp_min_garp|vrrp_min_garp off|vrrp_min_garp x
vrrp_garp_extra_if|vrrp_garp_extra_if 5|vrrp_garp_extra_if all|vrrp_garp_extra_if all 5
vrrp_garp_extra_if 5 all|vrrp_garp_extra_if 0|vrrp_garp_extra_if 86401|vrrp_vmac_garp_intvl 5
vrrp_lower_prio_no_advert|vrrp_lower_prio_no_advert x|vrrp_higher_prio_send_advert no
vrrp_higher_prio_send_advert x|vrrp_version x|vrrp_version|vrrp_check_unicast_src
vrrp_check_unicast_src on|vrrp_skip_check_adv_addr|vrrp_skip_check_adv_addr off
dynamic_interfaces|dynamic_interfaces allow_if_changes|dynamic_interfaces x
default_interface|default_interface eth1|disable_local_igmp|log_unknown_vrids
log_unknown_vrids on|vmac_prefix|vmac_prefix ha|vmac_addr_prefix|vmac_addr_prefix ha
vrrp_startup_delay 5|vrrp_startup_delay 0|vrrp_startup_delay 0.001|vrrp_startup_delay 0.0005
vrrp_startup_delay 4294.967295|vrrp_startup_delay 4295|vrrp_startup_delay
vrrp_rx_bufs_policy|vrrp_rx_bufs_policy MTU|vrrp_rx_bufs_policy advert|vrrp_rx_bufs_policy 5000
vrrp_rx_bufs_policy MTU ADVERT|vrrp_rx_bufs_policy 5000 MTU|vrrp_rx_bufs_policy MTU 5000
vrrp_rx_bufs_policy x|vrrp_rx_bufs_multiplier|vrrp_rx_bufs_multiplier 3
vrrp_rx_bufs_multiplier 0|vrrp_rx_bufs_multiplier 3 4
vrrp_netlink_cmd_rcv_bufs|vrrp_netlink_cmd_rcv_bufs 0|vrrp_netlink_cmd_rcv_bufs 1000000
vrrp_netlink_cmd_rcv_bufs 4294967296|vrrp_netlink_cmd_rcv_bufs 10x
vrrp_netlink_cmd_rcv_bufs_force|vrrp_netlink_cmd_rcv_bufs_force x
vrrp_netlink_monitor_rcv_bufs 1000|vrrp_netlink_monitor_rcv_bufs -1
vrrp_netlink_monitor_rcv_bufs_force|vrrp_netlink_monitor_rcv_bufs_force x
process_monitor_rcv_bufs 5|process_monitor_rcv_bufs|process_monitor_rcv_bufs_force off
process_monitor_rcv_bufs_force x
`
  .trim()
  .split(/[|\n]/);

/** About the packet filter and IPVS. */
const lvs: readonly string[] = `
nftables|nftables ha|nftables_priority|nftables_priority 5|nftables_priority x
nftables_priority 5x|nftables_priority -2147483648|nftables_priority 2147483648
nftables_ifindex|nftables_ifindex on|nftables_counters|nftables_ipvs|nftables_ipvs ha
nftables_ipvs_priority -1|nftables_ipvs_priority x|nftables_ipvs_start_fwmark 0
nftables_ipvs_start_fwmark 4294967295|nftables_ipvs_start_fwmark 4294967296
lvs_timeouts|lvs_timeouts tcp|lvs_timeouts tcp 5|lvs_timeouts tcp 5 tcpfin 6 udp 7
lvs_timeouts tcp 2678400|lvs_timeouts tcp 2678401|lvs_timeouts tcp x|lvs_timeouts foo 5
lvs_timeouts tcp 5 udp|lvs_flush|lvs_flush x
lvs_flush_on_stop|lvs_flush_on_stop VS|lvs_flush_on_stop vs|lvs_flush_onstop|lvs_flush_onstop VS
lvs_flush_onstop x|lvs_sync_daemon|lvs_sync_daemon eth0|lvs_sync_daemon nosuch
lvs_sync_daemon eth0 V|lvs_sync_daemon eth0 W|lvs_sync_daemon eth0 V 5|lvs_sync_daemon eth0 V 256
lvs_sync_daemon eth0 V x|lvs_sync_daemon eth0 inst W|lvs_sync_daemon eth0 inst
lvs_sync_daemon eth0 inst V id 5 maxlen 1000 port 8000 ttl 3 group 224.0.0.99
lvs_sync_daemon eth0 id|lvs_sync_daemon eth0 id 256|lvs_sync_daemon eth0 id 5x
lvs_sync_daemon eth0 maxlen 0|lvs_sync_daemon eth0 maxlen 65507|lvs_sync_daemon eth0 maxlen 65508
lvs_sync_daemon eth0 port 0|lvs_sync_daemon eth0 ttl 256|lvs_sync_daemon eth0 group 192.0.2.4
lvs_sync_daemon eth0 group x|lvs_sync_daemon eth0 group ff02::5|lvs_sync_daemon eth0 inst V foo
lvs_sync_daemon eth0 id 5 foo|lvs_sync_daemon eth0 id 5 V|lvs_sync_daemon eth0 inst V inst V
lvs_sync_daemon eth0123456789012345
lvs_netlink_cmd_rcv_bufs 5|lvs_netlink_cmd_rcv_bufs|lvs_netlink_cmd_rcv_bufs_force
lvs_netlink_cmd_rcv_bufs_force x|lvs_netlink_monitor_rcv_bufs 5|lvs_netlink_monitor_rcv_bufs x
lvs_netlink_monitor_rcv_bufs_force|lvs_netlink_monitor_rcv_bufs_force x
rs_init_notifies|rs_init_notifies x|checker_log_all_failures|checker_log_all_failures x
`
  .trim()
  .split(/[|\n]/);

/** Bodies of more than one line, or with a bar. */
const several: readonly string[] = [
  "umask IRUSR|IWUSR",
  "umask IRUSR | IWUSR",
  "umask IRUSR|",
  'startup_script "/bin/true"\nstartup_script "/bin/false"',
  'enable_script_security\nnotify_fifo_script "/bin/true"',
  'enable_script_security\nnotify_fifo_script "/bin/true" root',
  'enable_script_security\nnotify_fifo_script "/bin/true" root nosuch',
  'enable_script_security\nscript_user root\nlvs_notify_fifo_script "/bin/true"',
  "enable_script_security\nnotify_fifo /tmp/x",
  'script_user nosuch\nnotify_fifo_script "/bin/true"',
  "notify_fifo /tmp/x\nnotify_fifo /tmp/y",
  "notify_fifo /tmp/x\nvrrp_notify_fifo /tmp/x",
  'notify_fifo_script "/bin/true"\nnotify_fifo_script "/bin/false"',
  "snmp_socket a\nsnmp_socket b",
  "tmp_config_directory /tmp\ntmp_config_directory /var",
  "vmac_prefix a\nvmac_prefix b",
  "vmac_addr_prefix a\nvmac_addr_prefix b",
  "nftables a\nnftables b",
  "nftables\nnftables_priority 5",
  "nftables_priority 5\nnftables",
  "nftables_ipvs\nnftables_ipvs",
  ...["vrrp_iptables", "vrrp_iptables in out", "vrrp_ipsets", "vrrp_ipsets ha"],
  "lvs_sync_daemon eth0\nlvs_sync_daemon eth1",
  "vrrp_cpu_affinity 0\nvrrp_cpu_affinity x",
];

/** Lines of the top level. */
const top: readonly string[] = [
  ...["linkbeat_use_polling", "net_namespace", "net_namespace red"],
  ...["net_namespace red\nnet_namespace green", "net_namespace_ipvs", "net_namespace_ipvs red"],
  ...["net_namespace_ipvs red\nnet_namespace_ipvs green", "namespace_with_ipsets"],
  ...["namespace_with_ipsets on", "use_pid_dir", "use_pid_dir off", "instance", "instance east"],
  ...["instance east west", "instance east\ninstance west", "child_wait_time"],
  ...["child_wait_time 0", "child_wait_time 4294967295", "child_wait_time 4294967296"],
  ...["child_wait_time 5x", "global_defs east {\nrouter_id x\n}"],
];

/** What 2.2.7 does not know at all, used well. */
const newer: readonly string[] = [
  ...["use_symlink_paths", "set_supplementary_groups", "v3_checksum_as_v2"],
  ...["snmp_vs_stats_update_interval 5", "snmp_rs_stats_update_interval 5"],
  ...["dbus_no_interface_name x", "vrrp_delay_after_boot 10", "vrrp_owner_ignore_adverts"],
  ...["json_version 2", "iproute_usr_dir /usr/share/iproute2", "iproute_etc_dir /etc/iproute2"],
  ...["state_dump_file /tmp/x", "stats_dump_file /tmp/x", "json_dump_file /tmp/x"],
];

/** And badly. */
const newerBad: readonly string[] = [
  ...["use_symlink_paths maybe", "set_supplementary_groups x", "snmp_vs_stats_update_interval 31"],
  ...["snmp_rs_stats_update_interval 0", "vrrp_delay_after_boot 0", "json_version 3"],
  ...["iproute_usr_dir a b", "state_dump_file a b", "vrrp_owner_ignore_adverts x"],
  ...["vrrp_ipset ha", "vrrp_ipsets a a", "vrrp_iptables a_chain_of_more_than_27_characters"],
];

const tooNew = "keepalived 2.2.7 does not know the keyword, 2.4.3 does";

const different: readonly AgreementCase[] = [
  ...newer.map((body) => ({ text: inGlobals(body), difference: tooNew })),
  {
    text: inGlobals("notification_email_from a b"),
    difference: "2.2.7 keeps quiet about surplus words, 2.4.3 does not",
  },
  {
    text: inGlobals("vrrp_strict maybe"),
    difference: "2.2.7 does not look at the word, 2.4.3 does",
  },
  {
    text: inGlobals("vrrp_skip_check_adv_addr maybe"),
    difference: "2.2.7 does not look at the word, 2.4.3 does",
  },
  {
    text: inGlobals("smtp_server mail.example.com"),
    difference: "a name is looked up when mail is sent, not while the configuration is read",
  },
  {
    text: inGlobals("config_save_dir /nonexistent/x"),
    difference: "keepalived makes the directory at once, we make nothing while reading",
  },
  { text: inGlobals('nftables ""'), difference: "2.4.3 refuses an empty name" },
];

function inGlobals(body: string): string {
  return `global_defs {\n${body}\n}\n${instance}`;
}

export const globalAgreementCases: readonly AgreementCase[] = [
  ...[...daemon, ...notify, ...vrrp, ...lvs, ...several, ...newerBad].map((body) => ({
    text: inGlobals(body),
  })),
  ...top.map((line) => ({ text: `${line}\n${instance}` })),
  ...different,
];
