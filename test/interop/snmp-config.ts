// The configuration whose objects are compared: something of everything that KEEPALIVED-MIB's VRRP
// half has a column for.

const metrics =
  "tos 16 rtt 100 rttvar 50 reordering 4 window 9000 cwnd lock 10 ssthresh 12 initcwnd 11 " +
  "initrwnd 13 advmss 1300 hoplimit 30 rto_min 300ms quickack 1 congctl cubic features ecn " +
  "realms 4/5";
const hops = "nexthop via 192.0.2.253 dev eth0 weight 2 nexthop via 192.0.2.254 dev eth0 weight 3";

export function snmpConfig(socket: string): string {
  return `global_defs {
  router_id LAB
  notification_email {
    root@example.com
    ops@example.com
  }
  notification_email_from ka@example.com
  smtp_server 192.0.2.200 26
  smtp_connect_timeout 20
  smtp_alert
  script_user root
  enable_script_security
  snmp_socket ${socket}
  enable_snmp_keepalived
  enable_snmp_rfc
  enable_traps
  vrrp_garp_master_delay 3
}
static_ipaddress {
  192.0.2.77/32 dev eth0 scope link
}
static_routes {
  198.51.100.0/24 via 192.0.2.254 dev eth0
}
static_rules {
  from 198.51.100.0/24 table 100 preference 200
}
vrrp_script good {
  script "/usr/bin/true a b"
  interval 2
  weight -5
  rise 1
  fall 3
}
vrrp_script bad {
  script /usr/bin/false
  interval 1
  weight 4
  rise 2
  fall 1
}
vrrp_track_file level {
  file /tmp/level
  weight 3
  init_file 4
}
vrrp_track_process shells {
  process sleep 100
  weight 2
  quorum 2
  terminate_delay 1
}
vrrp_sync_group G1 {
  group {
    VI_1
    VI_6
  }
  smtp_alert
  notify_master "/usr/bin/echo gm"
  notify_backup "/usr/bin/echo gb"
  notify_fault "/usr/bin/echo gf"
  notify_stop "/usr/bin/echo gs"
  notify "/usr/bin/echo gn"
  track_interface {
    lo weight 6
  }
  track_script {
    good
  }
  track_file {
    level
  }
}
vrrp_instance VI_1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 150
  advert_int 1
  authentication {
    auth_type PASS
    auth_pass 1234
  }
  virtual_ipaddress {
    192.0.2.10/24 brd 192.0.2.255 dev eth0 label eth0:vip
    192.0.2.11
    192.0.2.13 peer 192.0.2.14
  }
  virtual_ipaddress_excluded {
    192.0.2.12 scope link
    2001:db8::12/64
  }
  virtual_routes {
    198.51.101.0/24 via 192.0.2.254 dev eth0 metric 20 mtu lock 1400 table 101
    198.51.102.0/24 via 192.0.2.254 dev eth0 ${metrics}
    default src 192.0.2.10 via 192.0.2.254 table 102
    blackhole 203.0.113.0/24
    203.0.113.128/25 table 103 ${hops}
  }
  virtual_rules {
    from 192.0.2.10 to 198.51.101.0/24 table 101 priority 300 fwmark 3/7 iif eth0
    to 203.0.113.0/24 blackhole preference 301 tos 16
    from 192.0.2.10 goto 310 preference 302
    from 192.0.2.11 table 101 preference 310 suppress_prefixlength 8 oif eth0 uidrange 10-20
    not from 192.0.2.12 table 101 preference 311 ipproto tcp sport 10-20 dport 30
  }
  notify "/usr/bin/echo n"
  notify_master "/usr/bin/echo m"
  notify_backup "/usr/bin/echo b"
  notify_fault "/usr/bin/echo f"
  notify_stop "/usr/bin/echo s"
  notify_deleted "/usr/bin/echo d"
  notify_master_rx_lower_pri "/usr/bin/echo l"
  garp_master_delay 9
}
vrrp_instance VI_6 {
  interface eth0
  version 3
  virtual_router_id 52
  priority 100
  advert_int 0.5
  virtual_ipaddress {
    fe80::52
    2001:db8::52/64
  }
  virtual_routes {
    2001:db8:1::/48 via 2001:db8::fe dev eth0 pref high
  }
  virtual_rules {
    from 2001:db8::52 table 104 preference 302
  }
  accept
}
vrrp_instance VI_3 {
  interface eth0
  version 3
  virtual_router_id 53
  priority 99
  advert_int 0.5
  nopreempt
  track_interface {
    lo weight 5
  }
  track_script {
    good
    bad weight 7
  }
  track_file {
    level weight -2
  }
  track_process {
    shells weight 9
  }
  virtual_ipaddress {
    192.0.2.53/32
  }
  promote_secondaries
  no_accept
}
`;
}
