// Small configurations of virtual servers, real servers, checks and groups for which keepalived -t
// and ours must agree whether there is anything to mend.

import type { AgreementCase } from "./agreement-corpus.js";

const check = "TCP_CHECK {\n}";

interface Parts {
  readonly name?: string;
  readonly head?: string;
  readonly body?: string;
  readonly server?: string;
}

function service({ name, head, body = "", server = check }: Parts): string {
  return [
    `virtual_server ${name ?? "192.0.2.9 80"} {`,
    head ?? "protocol TCP\nlb_algo rr\nlb_kind NAT",
    body,
    `real_server 198.51.100.1 80 {\n${server}\n}\n}\n`,
  ].join("\n");
}

function inService(body: string): string {
  return service({ body });
}

/** With what stands for protocol, scheduler and method. */
function withHead(head: string): string {
  return service({ head });
}

function inMark(body: string): string {
  return service({ name: "fwmark 7", head: "lb_algo rr\nlb_kind NAT", body });
}

function inServer(server: string): string {
  return service({ server });
}

function inCheck(kind: string, body: string): string {
  return inServer(`${kind} {\n${body}\n}`);
}

function inUrl(body: string, kind = "HTTP_GET"): string {
  return inCheck(kind, `url {\npath /\n${body}\n}`);
}

function inHttp(body: string, kind = "HTTP_GET"): string {
  return inCheck(kind, `url {\npath /\n}\n${body}`);
}

function inGroup(lines: string, body = ""): string {
  return `virtual_server_group G {\n${lines}\n}\n${service({ name: "group G", body })}`;
}

function inGroup6(lines: string): string {
  return inGroup(lines).replace("198.51.100.1", "2001:db8:1::1");
}

function inMarkGroup(lines: string): string {
  const head = "lb_algo rr\nlb_kind NAT";
  return `virtual_server_group G {\n${lines}\n}\n${service({ name: "group G", head })}`;
}

const services: readonly string[] = [
  ...["", "lb_algo x", "lb_kind nat", "protocol x", "protocol tcp", "protocol SCTP"],
  ...["persistence_timeout", "persistence_timeout 0", "persistence_timeout 2678400"],
  ...["persistence_timeout 2678401", "persistence_granularity 255.255.0.0"],
  ...["persistence_granularity 24", "persistence_timeout 5\npersistence_granularity 24"],
  ...["persistence_engine sip", "persistence_engine abcdefghijklmnop", "persistence_engine"],
  ...["persistence_engine abcdefghijklmnopq", "retry 0", "retry 2", "delay_loop 0"],
  ...["delay_loop 0.5", "weight 0", "weight 3", "warmup 0", "warmup x", "connect_timeout 0"],
  ...["connect_timeout 4294.967295", "delay_before_retry 0", "delay_before_retry x"],
  ...["lvs_sched wlc", "lvs_sched x", "lvs_method NAT", "lvs_method x", "nosuch"],
  ...["ip_family inet", "ip_family inet6", "ip_family x", "inhibit_on_failure"],
  ...["inhibit_on_failure off", "hashed", "ops", "flag-1\nflag-2\nflag-3", "ha_suspend", "alpha"],
  ...["alpha x", "omega", "quorum 0", "quorum 1", "quorum 5", "quorum x", "quorum"],
  ...["quorum 1\nhysteresis 3", "hysteresis 0", "hysteresis -1", "quorum_up /bin/nosuch"],
  ...["weight 3\nquorum 3\nhysteresis 1", "weight 10\nquorum 3\nhysteresis 5", "quorum_up"],
  ...["quorum_up /bin/nosuch\nquorum_up /bin/nosuch", "quorum_down /bin/nosuch", "quorum_down"],
  ...["smtp_alert", "smtp_alert off", "smtp_alert x", "virtualhost a.example", "virtualhost"],
  ...["virtualhost a b", "snmp_name foo", "snmp_name foo bar", "snmp_name"],
  ...["sorry_server 192.0.2.50 80", "sorry_server 192.0.2.50", "sorry_server x 80"],
  ...["sorry_server 192.0.2.50 0", "sorry_server 192.0.2.50 70000", "sorry_server"],
  ...["sorry_server 192.0.2.50 81", "sorry_server 2001:db8::5 80", "sorry_server_inhibit"],
  ...["lb_kind DR\nsorry_server 192.0.2.50 81", "sorry_server_lvs_method DR"],
  ...["sorry_server 192.0.2.50 80\nsorry_server 192.0.2.51 80"],
  ...["sorry_server 192.0.2.50 80\nsorry_server_inhibit", "sorry_server 192.0.2.50 80 90"],
  ...["sorry_server 192.0.2.50 80\nsorry_server_lvs_method DR"],
  ...["sorry_server 192.0.2.50 80\nsorry_server_lvs_method x"],
  ...["sorry_server 198.51.100.1 80\nsorry_server_inhibit"],
  ...["sorry_server 2001:db8::5 80\nsorry_server_lvs_method TUN"],
  ...["real_server www.example.com 80 {\n}", "real_server fe80::1 80 {\n}"],
  ...["real_server 198.51.100.1 80 {\n}", "real_server 198.51.100.2 {\n}"],
  ...["real_server 198.51.100.2 81 {\nlvs_method DR\n}", "real_server 198.51.100.2 81 {\n}"],
  ...["real_server 198.51.100.2 80 {\nweight -1\n}", "real_server 198.51.100.2 80 {\nweight 0\n}"],
];

const heads: readonly string[] = [
  ...[
    "protocol UDP\nlb_algo rr\nlb_kind NAT\nops",
    "protocol TCP\nlb_kind NAT\nlb_algo mh\nflag-1",
  ],
  ...["protocol TCP\nlb_kind NAT\nlb_algo sh\nsh-port\nsh-fallback"],
  ...["protocol TCP\nlb_kind NAT\nlb_algo mh\nmh-port\nmh-fallback"],
  ...[
    "protocol TCP\nlb_kind NAT\nlb_algo rr\nsh-port",
    "protocol TCP\nlb_kind NAT\nlb_algo rr\nmh-port",
  ],
  ...[
    "protocol TCP\nlb_kind NAT\nlb_algo mh\nsh-port",
    "protocol TCP\nlb_kind NAT\nlb_algo sh\nmh-port",
  ],
  ...["protocol TCP\nlb_kind NAT\nlb_algo sh\nhashed", "protocol TCP\nlb_kind NAT"],
  ...["protocol TCP\nlb_algo rr", "lb_algo rr\nlb_kind NAT"],
  ...[
    ...["TUN type gre csum", "TUN type gre nocsum", "TUN type gue", "TUN type gue port 0"],
    ...["TUN type gue port 70000", "TUN type gue port", "TUN type gre remcsum", "TUN csum"],
    ...["TUN type ipip", "TUN", "TUN type gre port 80", "TUN type foo", "TUN foo", "TUN type"],
    ...["DR foo", "NAT type gue port 5", "", "DR"],
  ].map((words) => `protocol TCP\nlb_algo rr\nlb_kind ${words}`),
];

const marks: readonly string[] = [
  ...["", "ha_suspend", "ops", "ip_family inet", "ip_family inet6", "ip_family x", "lb_kind DR"],
  ...["sorry_server 192.0.2.50 80", "protocol TCP"],
];

const servers: readonly string[] = [
  ...["", "weight 3", "weight 0", "weight -1", "weight 3000000000", "weight", "lvs_method NAT"],
  ...["lvs_method DR", "lvs_method foo", "lb_kind DR", "uthreshold 5", "uthreshold -1"],
  ...["uthreshold x", "lthreshold 5", "lthreshold x", "lthreshold 10\nuthreshold 5"],
  ...["inhibit_on_failure", "inhibit_on_failure off", "inhibit_on_failure x", "notify_up"],
  ...["notify_up /bin/nosuch", "notify_down /bin/nosuch root root", "notify_down", "alpha"],
  ...["notify_up /bin/nosuch\nnotify_up /bin/nosuch", "alpha off", "alpha x", "retry 0", "retry 1"],
  ...["delay_before_retry 0", "delay_before_retry x", "warmup 0", "connect_timeout 0"],
  ...["delay_loop 0", "smtp_alert", "smtp_alert x", "virtualhost foo", "virtualhost"],
  ...["snmp_name foo", "snmp_name foo bar", "snmp_name", "HTTP_GET", "TCP_CHECK", "nosuch {\n}"],
  ...["TCP_CHECK {\n}\nTCP_CHECK {\n}"],
];

const connected: readonly string[] = [
  ...["", "connect_ip 198.51.100.9", "connect_ip x", "connect_port 8080", "connect_port 0"],
  ...["bindto 192.0.2.1", "bindto x", "bind_port 4000", "bind_port 0"],
  ...["bind_if eth0", "bind_if nosuch", "bind_if abcdefghijklmnopqrst", "bind_if", "fwmark 3"],
  ...["fwmark 0", "fwmark -1", "fwmark x", "connect_timeout 3", "connect_timeout 0"],
  ...["connect_ip fe80::1", "connect_ip fe80::1\nbind_if eth0", "retry 0", "retry -1"],
  ...["delay_before_retry 2.5", "delay_loop 3", "delay_loop x", "warmup 0", "warmup x"],
  ...["alpha", "alpha x", "log_all_failures", "log_all_failures x", "nosuch 3"],
];

const connectedKinds = ["TCP_CHECK", "SMTP_CHECK", "DNS_CHECK", "UDP_CHECK", "PING_CHECK"];

const byKind: Readonly<Record<string, readonly string[]>> = {
  TCP_CHECK: ["nb_get_retry 3", "bindto fe80::1"],
  SMTP_CHECK: [
    ...["helo_name foo", "helo_name", "helo_name foo\nhelo_name bar", "host {\n}"],
    ...["host {\nconnect_ip 198.51.100.5\nconnect_port 25\n}", "host {\nconnect_ip x\n}"],
    ...["host {\nhelo_name x\n}", "host {\nretry -1\n}"],
  ],
  MISC_CHECK: [
    ...["", "misc_path /bin/nosuch", 'misc_path "/bin/nosuch a b"', "misc_path"],
    ...[
      ...["a b", "\nmisc_timeout 5", "\nmisc_timeout 0", "\nmisc_timeout 5000"],
      ...["\nmisc_timeout x", "\nmisc_timeout 1.5", "\nmisc_dynamic", "\nmisc_dynamic off"],
      ...["\nuser root", "\nuser root root", "\nuser", "\nmisc_path /bin/other"],
      ...["\nconnect_timeout 3", "\nretry 3", "\nretry x", "\nalpha", "\nwarmup 0"],
      ...["\ndelay_loop 0", "\nlog_all_failures x"],
    ].map((more) => `misc_path /bin/nosuch ${more}`),
  ],
  DNS_CHECK: [
    ...["type A", "type a", "type PTR", "type", "type RRSIG", "type SRV", "name example.com"],
    ...["name example.com.", "name .", "name a..b", "name .a", 'name ""', "name a b"],
    ...["name a\nname b", "name"],
  ],
  UDP_CHECK: [
    ...["payload 00fe", "payload 00 fe", "payload 0 0 f f", "payload 00f", "payload 0xfe"],
    ...["payload gg", "payload", "require_reply", "require_reply 00fe", "require_reply xx fe"],
    ...["require_reply 0f xX", "require_reply 0", "require_reply gg", "min_reply_length 5"],
    ...["require_reply 00\nmin_reply_length 5\nmax_reply_length 10", "min_reply_length 70000"],
    ...["require_reply 00\nmin_reply_length 10\nmax_reply_length 5", "max_reply_length x"],
  ],
  FILE_CHECK: ["", "track_file nosuch", "weight 3", "track_file", "alpha"],
  BFD_CHECK: ["", "name nosuch", "name", "alpha", "retry 3"],
  HTTP_GET: ["", "url {\n}", "url {\npath\n}", "url {\ndigest 0123456789abcdef0123456789abcdef\n}"],
  SSL_GET: ["", "url {\n}"],
};

const https: readonly string[] = [
  ...[
    ...connected,
    "bindto fe80::1",
    "nb_get_retry 3",
    "nb_get_retry x",
    "retry 1\nnb_get_retry 2",
  ],
  ...["virtualhost foo", "virtualhost", "http_protocol 1.0", "http_protocol 1.0c"],
  ...["http_protocol 1.0C", "http_protocol 1.1", "http_protocol 3", "http_protocol"],
  ...["enable_sni", "enable_sni x", "fast_recovery", "fast_recovery off", "fast_recovery x"],
];

const urls: readonly string[] = [
  ...["", "digest 0123456789abcdef0123456789abcdef", "digest 0123", "digest"],
  ...["digest 0123456789abcdef0123456789abcdeg", "status_code 200", "status_code 99"],
  ...["status_code 200 301-303 404", "status_code 600", "status_code 200-", "status_code x 200"],
  ...["status_code 300-200", "status_code 200 - 300", "status_code 200\nstatus_code 300"],
  ...["virtualhost foo", "virtualhost", "regex foo", 'regex "foo bar"', "path /b"],
  ...["regex foo\nregex_no_match", "regex foo\nregex_options caseless multiline"],
  ...["regex foo\nregex_options nosuch", "regex foo\nregex_min_offset 3", "regex foo\nregex bar"],
  ...["regex foo\nregex_max_offset 5", "regex foo\nregex_stack 1000 2000"],
  ...["regex", "regex_no_match", "regex_options caseless", "regex_min_offset 3", "regex_options"],
  ...["regex_stack 1000 2000", "status_code", "regex_max_offset", "regex foo\nregex_stack 1000"],
  ...["regex foo\nregex_min_offset x", "regex foo\nregex_min_offset 10\nregex_max_offset 5"],
  ...["regex foo\nregex_stack 2000 1000"],
];

const groups: readonly string[] = [
  ...["192.0.2.9 80", "192.0.2.9", "192.0.2.9 0", "192.0.2.9 70000", "192.0.2.9 x"],
  ...["192.0.2.9-20 80", "192.0.2.9-9 80", "192.0.2.9-8 80", "192.0.2.9-256 80"],
  ...["192.0.2.9-255 80", "192.0.2.9-192.0.2.20 80", "192.0.2.9-192.0.3.20 80"],
  ...["192.0.2.9-192.0.2.9 80", "192.0.2.9-192.0.2.8 80", "192.0.2.9-2001:db8::1 80"],
  ...["192.0.2.0/24 80", "192.0.2.1/24 80", "192.0.2.0/0 80", "192.0.2.0/33 80"],
  ...["192.0.2.0/x 80", "192.0.2.0/32 80", "x 80", "www.example.com 80", "192.0.2.9 80 90", ""],
  ...["192.0.2.9 80\n192.0.2.9 80", "192.0.2.9 80\nfwmark 5", "fwmark 5\n192.0.2.9 80"],
  ...["192.0.2.9 80\n2001:db8::1 80", "192.0.2.9 80\n2001:db8::1 80\nfwmark 5"],
  ...["192.0.2.9 80\n2001:db8::1 80\nfwmark 5 inet", "fwmark 5"],
];

const groups6: readonly string[] = [
  ...["2001:db8::1-ffff 80", "2001:db8::f-10000 80", "2001:db8::10-2 80", "2001:db8::10-g 80"],
  ...["2001:db8::1-2001:db8::10 80", "2001:db8:6::/112 80", "2001:db8:6::1/112 80"],
];

const markGroups: readonly string[] = [
  ...["fwmark 5", "fwmark 5000000000", "fwmark x", "fwmark", "fwmark 5 inet", "fwmark 5 foo"],
  ...["fwmark 5 inet foo", "fwmark 5\nfwmark 5", "fwmark 5 inet\nfwmark 5 inet6"],
];

const contexts: readonly string[] = [
  ...["password foo", "password", "ca /x", "certificate /x", "key /x", "ca", "certificate", "key"],
  ...["key /x\ncertificate /y\nca /z", "foo", "key /x\nkey /y", "ca /x\nca /y", "ca /x y"],
];

const tracked = "track_file F {\nfile /tmp/x\n}\nbfd_instance B {\nneighbor_ip 192.0.2.5\n}\n";

const trackedChecks: readonly string[] = [
  ...["track_file F", "track_file F\nweight 5 reverse", "track_file F\nweight 5 noreverse"],
  ...["track_file F\nweight 5 foo", "track_file F\nweight 3000000000", "track_file F\nweight x"],
  ...["track_file F\nweight 300", "track_file F\nweight reverse", "track_file F\ntrack_file F"],
  ...["track_file F\ndelay_loop 3"],
];

const trackedSessions: readonly string[] = [
  ...["name B", "name B\nname B\nalpha off", "name B C", "name B\nalpha x"],
];

const newer = "keepalived 2.2.7 does not know the keyword yet";
const byte255 = "keepalived 2.2.7 takes the byte ff for an error";

const differing: readonly AgreementCase[] = [
  {
    text: inService("") + inService(""),
    difference: "keepalived programs the same IPVS service twice without a word",
  },
  {
    text: inService("persistence_granularity 255.0.255.0"),
    difference: "a mask with gaps cannot be told to the checker, nor sensibly to anyone",
  },
  {
    text: inMark("").replace("198.51.100.1 80", "198.51.100.1"),
    difference: "keepalived probes port 0 and keeps the server out without saying why",
  },
  {
    text: inServer("weight 65536"),
    difference: "IPVS tools and ours stop at weights of 16 bits",
  },
  {
    text: withHead("protocol TCP\nlb_kind NAT\nsh-port\nlb_algo sh"),
    difference: "keepalived takes the flag only below lb_algo",
  },
  {
    text: inHttp("bindto 2001:db8::1\nconnect_ip 2001:db8::2"),
    difference: "keepalived compares bindto with the connect_ip above it only",
  },
  {
    text: inCheck("DNS_CHECK", `name ${"a".repeat(64)}.b`),
    difference: "keepalived sends a question that no server can read",
  },
  ...["sni_name foo", "sni_name"].map((body) => ({ text: inHttp(body), difference: newer })),
  ...["sni_name foo", "tls_compliant", "tls_compliant off"].map((body) => ({
    text: inHttp(body, "SSL_GET"),
    difference: newer,
  })),
  { text: inUrl("tls_compliant", "SSL_GET"), difference: newer },
  ...["payload 00ff", "payload 0 ff", "require_reply xx ff"].map((body) => ({
    text: inCheck("UDP_CHECK", body),
    difference: byte255,
  })),
  {
    text: inGroup("192.0.2.9 80").replace("}\n", "}\nvirtual_server_group G {\n192.0.2.8 80\n}\n"),
    difference: "keepalived 2.2.7 makes two groups of one name without a word",
  },
  {
    text: service({ name: "group G" }),
    difference: "keepalived 2.2.7 says nothing of a group that is not there",
  },
  {
    text: inGroup("192.0.2.9 80") + service({ name: "group G" }),
    difference: "keepalived programs the same IPVS services twice without a word",
  },
  {
    text: inGroup("192.0.2.9 80").replace("198.51.100.1", "2001:db8:1::1"),
    difference: "keepalived does not compare the families of a group and its servers",
  },
  {
    text: inGroup6("2001:db8::-2001:db8:1::10 80"),
    difference: "keepalived expands what the last 16 bits say of a longer range",
  },
  {
    text: inGroup6("2001:db8:5::/64 80"),
    difference: "keepalived expands what the last 16 bits say of a longer range",
  },
  {
    text: inGroup("192.0.2.9 80").replace("_group G", "_group G H"),
  },
  {
    text: inCheck("SMTP_CHECK", "bindto fe80::1"),
    difference: "keepalived 2.2.7 does not compare the families of this check's addresses",
  },
];

export const checkerCases: readonly AgreementCase[] = [
  ...services.map(inService),
  ...heads.map(withHead),
  ...marks.map(inMark),
  ...servers.map(inServer),
  ...connectedKinds.flatMap((kind) => connected.map((body) => inCheck(kind, body))),
  ...Object.entries(byKind).flatMap(([kind, bodies]) => bodies.map((body) => inCheck(kind, body))),
  ...https.map((body) => inHttp(body)),
  ...https.map((body) => inHttp(body, "SSL_GET")),
  ...urls.map((body) => inUrl(body)),
  ...urls.map((body) => inUrl(body, "SSL_GET")),
  ...groups.map((lines) => inGroup(lines)),
  ...groups6.map(inGroup6),
  ...markGroups.map(inMarkGroup),
  ...contexts.map((body) => `SSL {\n${body}\n}\n${inService("")}`),
  ...trackedChecks.map((body) => tracked + inCheck("FILE_CHECK", body)),
  ...trackedSessions.map((body) => tracked + inCheck("BFD_CHECK", body)),
  inUrl("").replace("path /\n", "path /\npath /b\n"),
  inMark("").replace("fwmark 7", "fwmark 0"),
  inMark("").replace("fwmark 7", "fwmark"),
  inService("").replace("192.0.2.9 80", "192.0.2.9 80000"),
  inService("").replace("192.0.2.9 80", "www.example.com 80"),
  inService("").replace("192.0.2.9 80", "192.0.2.9"),
  inService("").replace("192.0.2.9 80", "192.0.2.9 80 81"),
  inService("").replace("192.0.2.9 80", "fwmark 7"),
  inService("").replace("192.0.2.9 80", "group"),
  "virtual_server 192.0.2.9 80 {\nreal_server 198.51.100.1 80 {\n}\n}\n",
  "virtual_server 192.0.2.9 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\n}\n",
  "virtual_server_group {\n192.0.2.9 80\n}\n",
  inGroup("192.0.2.9 80", "ip_family inet6"),
]
  .map((text): AgreementCase => ({ text }))
  .concat(differing);
