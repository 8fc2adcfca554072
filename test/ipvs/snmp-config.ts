// The virtual servers whose objects are compared: something of everything that KEEPALIVED-MIB's
// checker half has a column for. One server of the first answers, the other does not.

export const checkerConfig: string = `global_defs {
  router_id LAB
  script_user root
  enable_script_security
  enable_snmp_checker
  enable_traps
  snmp_socket unix:/tmp/agentx
  lvs_timeouts tcp 900 tcpfin 60 udp 300
  lvs_sync_daemon vip0 id 7 maxlen 1400 port 8850 ttl 2 group 224.0.0.82
  snmp_vs_stats_update_interval 1
}
virtual_server_group GRP {
  192.0.2.3 80
  192.0.2.10-11 80
  fwmark 9
}
virtual_server 192.0.2.1 80 {
  delay_loop 3
  lb_algo sh
  sh-fallback
  sh-port
  lb_kind DR
  persistence_timeout 60
  persistence_granularity 255.255.255.0
  protocol TCP
  alpha
  omega
  quorum 2
  hysteresis 1
  quorum_up "/usr/bin/echo up"
  quorum_down "/usr/bin/echo down"
  virtualhost v.example
  retry 2
  delay_before_retry 1
  warmup 1
  weight 5
  smtp_alert
  inhibit_on_failure
  sorry_server 127.0.0.9 80
  real_server 127.0.0.1 80 {
    uthreshold 100
    lthreshold 50
    notify_up "/usr/bin/echo rup"
    notify_down "/usr/bin/echo rdown"
    TCP_CHECK {
      connect_timeout 5
    }
  }
  real_server 127.0.0.2 81 {
    weight 3
    virtualhost r.example
    TCP_CHECK {
      connect_timeout 2
      retry 1
    }
    TCP_CHECK {
      connect_port 8081
    }
  }
}
virtual_server fwmark 5 {
  delay_loop 5
  lb_algo mh
  mh-port
  lb_kind TUN
  ops
  real_server 127.0.0.3 0 {
  }
}
virtual_server group GRP {
  delay_loop 5
  lb_algo wrr
  lb_kind NAT
  protocol TCP
  real_server 127.0.0.4 80 {
    weight 2
  }
}
virtual_server 2001:db8::1 80 {
  delay_loop 5
  lb_algo rr
  lb_kind NAT
  persistence_timeout 30
  persistence_granularity 64
  protocol TCP
  real_server 2001:db8::2 80 {
  }
}
`;
