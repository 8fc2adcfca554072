// Virtual servers, groups and checks: whatever the lines, what the loader made of them prints as
// text that it makes the same of, and the children take it.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { memoryLoader } from "../testing/memory-loader.js";
import { type LoadResult, loadConfig } from "./load.js";
import { printConfig } from "./print-config.js";
import { schemaViolations } from "./validate.js";

function load(text: string): LoadResult {
  const loader = memoryLoader({ "/c": text });
  return loadConfig({ path: "/c", loader, hostName: "box", purpose: "test" });
}

const some = (lines: readonly string[], maxLength = 6): fc.Arbitrary<string> =>
  fc
    .shuffledSubarray([...lines], { maxLength: Math.min(maxLength, lines.length) })
    .map((chosen) => chosen.join("\n"));

const timing = [
  ...["delay_loop 0.5", "delay_loop 5000", "retry 3", "delay_before_retry 0", "warmup 7"],
  ...["connect_timeout 3.25", "alpha", "alpha off"],
];

const connection = [
  ...timing,
  ...["log_all_failures", "connect_ip 198.51.100.9", "connect_ip fe80::1", "connect_port 81"],
  ...["bindto 192.0.2.9", "bindto 2001:db8::9", "bind_port 81", "bind_if eth0", "fwmark 0"],
  ...["fwmark 7"],
];

const url = some([
  ...["path /", "path /", 'path "/a b"', "digest 0123456789ABCDEF0123456789abcdef"],
  ...["status_code 404 200-204 203-299", "virtualhost url.example", "regex a+", 'regex "a {2}"'],
  ...["regex_no_match", "regex_options caseless utf", "regex_min_offset 5", "regex_max_offset 4"],
  ...["regex_max_offset 9", "regex_stack 1 2", "tls_compliant"],
]).map((lines) => `url {\n${lines}\n}`);

const http = (kind: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      some([
        ...connection,
        ...["virtualhost check.example", "http_protocol 1.0C", "enable_sni", "enable_sni no"],
        ...["sni_name sni.example", "sni_name", "fast_recovery", "tls_compliant", "nb_get_retry 9"],
      ]),
      fc.array(url, { minLength: 0, maxLength: 2 }),
    )
    .map(([lines, urls]) => `${kind} {\n${lines}\n${urls.join("\n")}\n}`);

const simple = (kind: string, lines: readonly string[]): fc.Arbitrary<string> =>
  some(lines).map((body) => `${kind} {\n${body}\n}`);

const check: fc.Arbitrary<string> = fc.oneof(
  http("HTTP_GET"),
  http("SSL_GET"),
  simple("TCP_CHECK", connection),
  simple("PING_CHECK", connection),
  simple("SMTP_CHECK", [
    ...connection,
    "helo_name mail.example",
    "host {\nconnect_ip 198.51.100.7\nretry 0\n}",
    "host {\nconnect_port 25\n}",
  ]),
  simple("DNS_CHECK", [...connection, "type aaaa", "name example.com.", "name ."]),
  simple("UDP_CHECK", [
    ...[...connection, "payload 0 ff 123", "require_reply", "require_reply 0x xF"],
    ...["min_reply_length 2", "max_reply_length 1"],
  ]),
  simple("MISC_CHECK", [
    ...[...timing, 'misc_path "/bin/check -a b"', "misc_path /bin/check", "misc_timeout 3"],
    ...["misc_timeout 0", "misc_dynamic", "user nobody nogroup", "user root"],
  ]),
  simple("FILE_CHECK", ["track_file nosuch", "weight 3 reverse"]),
  simple("BFD_CHECK", ["name nosuch", "alpha"]),
);

const realServer: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom("198.51.100.1 80", "198.51.100.1 81", "198.51.100.2", "2001:db8::1 80"),
    some([
      ...[...timing, "weight 0", "weight 7", "weight 70000", "lvs_method NAT", "lvs_method TUN"],
      ...["lvs_method TUN type gue port 6080 remcsum", "uthreshold 9", "lthreshold 7"],
      ...["inhibit_on_failure", "notify_up /bin/up", 'notify_down "/bin/down a" root'],
      ...["smtp_alert no", "virtualhost rs.example", "snmp_name 'rs'"],
    ]),
    fc.array(check, { maxLength: 3 }),
  )
  .map(([name, lines, checks]) => `real_server ${name} {\n${lines}\n${checks.join("\n")}\n}`);

const virtualServer: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(
      "192.0.2.1 80",
      "192.0.2.1",
      "2001:db8::80 80",
      "fwmark 7",
      "group g",
      "group h",
    ),
    some(
      [
        ...[...timing, "ip_family inet6", "lb_algo sh", "lb_algo mh", "lb_kind NAT", "lb_kind DR"],
        ...["lb_kind TUN type gre csum", "lb_kind TUN", "protocol TCP", "protocol udp", "ops"],
        ...["flag-1", "flag-3", "sh-port", "mh-fallback", "hashed", "persistence_engine sip"],
        ...["persistence_timeout 9", "persistence_granularity 24", "ha_suspend", "smtp_alert"],
        ...["virtualhost vs.example", "snmp_name vs", "omega", "inhibit_on_failure", "quorum 3"],
        ...["hysteresis 2", "quorum_up /bin/up", "quorum_down /bin/down", "weight 4"],
        ...["sorry_server 192.0.2.99", "sorry_server 198.51.100.1 80", "sorry_server_inhibit"],
        ...["sorry_server_lvs_method TUN type gue port 1"],
      ],
      14,
    ),
    fc.array(realServer, { minLength: 1, maxLength: 3 }),
  )
  .map(([name, lines, servers]) => `virtual_server ${name} {\n${lines}\n${servers.join("\n")}\n}`);

const entries = [
  ...["192.0.2.1 80", "192.0.2.1-9 80", "192.0.2.0/24", "192.0.2.1-192.0.3.9 81", "fwmark 8"],
  ...["2001:db8::1 80", "2001:db8::/112 80", "fwmark 9 inet6", "fwmark 9 inet"],
];

const group = (name: string): fc.Arbitrary<string> =>
  some(entries, 3).map((lines) => `virtual_server_group ${name} {\n${lines}\n}`);

const ssl = simple("SSL", ["password 'a", "ca /ca.pem", 'key "/a b"', "certificate /c.pem"]);

const text: fc.Arbitrary<string> = fc
  .tuple(ssl, group("g"), group("h"), fc.array(virtualServer, { minLength: 1, maxLength: 3 }))
  .map(([context, g, h, servers]) => [context, g, h, ...servers].join("\n"));

test("printConfig() gives text that loads to the same virtual servers", () => {
  fc.assert(
    fc.property(text, (written) => {
      const { config } = load(written);
      if (config === undefined) return;
      assert.deepEqual(schemaViolations("/c", config), []);
      const printed = printConfig(config);
      const again = load(printed);
      assert.deepEqual(again.config?.checker, config.checker, printed);
      // That every weight is 0 cannot be mended by printing it, nor a port that a group lacks.
      const wrong = again.diagnostics.filter(
        ({ severity, code }) =>
          severity === "error" && code !== "QUORUM_TOO_HIGH" && code !== "PORT_MISMATCH",
      );
      assert.deepEqual(
        wrong.map(({ message }) => message),
        [],
      );
    }),
    { numRuns: 500 },
  );
});
