// What `snmp_socket` may name.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSnmpSocket } from "./snmp-socket.js";

test("parseSnmpSocket() takes Net-SNMP's forms", () => {
  const unix = (path: string) => ({ kind: "unix", path });
  const place = (kind: string, host: string, port: number) => ({ kind, host, port });
  const cases: readonly [text: string, parsed: unknown][] = [
    ["unix:/var/agentx/master", unix("/var/agentx/master")],
    ["/var/agentx/master", unix("/var/agentx/master")],
    ["tcp:192.0.2.1:1705", place("tcp", "192.0.2.1", 1705)],
    ["tcp:agent.example", place("tcp", "agent.example", 705)],
    ["tcp6:[2001:db8::1]:1705", place("tcp", "2001:db8::1", 1705)],
    ["udp:127.0.0.1:705", place("udp", "127.0.0.1", 705)],
    ["udp6:2001:db8::1", place("udp", "2001:db8::1", 705)],
    ["localhost:1705", place("tcp", "localhost", 1705)],
    ["tcp:1705", place("tcp", "localhost", 1705)],
  ];
  for (const [text, parsed] of cases) assert.deepEqual(parseSnmpSocket(text), parsed, text);
});

test("parseSnmpSocket() takes nothing else", () => {
  const bad = ["", "unix:relative", `unix:/${"a".repeat(110)}`, "tcp:host:0", "tcp:host:65536"];
  for (const text of [...bad, "ipx:host", "tcp:[::1", "tcp:a b"]) {
    assert.equal(parseSnmpSocket(text), undefined, text);
  }
});
