// The loader as a whole: its defaults, its door to the disk, and hostile text at full size.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { memoryLoader } from "../testing/memory-loader.js";
import { diagnosticsMax } from "../text/diagnostic.js";
import type { HostFacts } from "./host.js";
import { type LoadResult, loadConfig } from "./load.js";

const instance = (name: string, id: number): string =>
  `vrrp_instance ${name} {\ninterface eth0\nvirtual_router_id ${id}\n` +
  `virtual_ipaddress { 192.0.2.${id} }\n}\n`;

function load(text: string, encoding: "utf8" | "latin1" = "utf8"): LoadResult {
  const loader = {
    ...memoryLoader({}),
    read: (): { ok: true; text: string; encoding: "utf8" | "latin1" } => ({
      ok: true,
      text,
      encoding,
    }),
  };
  return loadConfig({ path: "/c", loader, hostName: "box.example" });
}

test("loadConfig() reports a missing file, and gives no configuration", () => {
  const { config, diagnostics } = loadConfig({ path: "/nonexistent/keepalived.conf" });
  assert.equal(config, undefined);
  assert.deepEqual(
    diagnostics.map((each) => [each.severity, each.code, each.line]),
    [["fatal", "CONFIG_FILE_NOT_FOUND", 0]],
  );
});

test("loadConfig() takes the host name for router_id, and up to its dot for @id", () => {
  const text = `@box ${instance("V", 1).replaceAll("\n", "\n@box ")}\n@other zzz`;
  const { config, diagnostics } = load(text);
  assert.deepEqual(diagnostics, []);
  assert.equal(config?.global.routerId, "box.example");
  assert.equal(config?.vrrp?.instances.length, 1);
  assert.equal(config?.checker, undefined);
});

test("loadConfig() does not look at interfaces unless it is told how", () => {
  assert.notEqual(load(instance("V", 1)).config, undefined);
});

test("loadConfig() puts the password on the wire in the bytes of the file", () => {
  const text = instance("V", 1).replace(
    "}\n}",
    "}\nauthentication {\nauth_type PASS\nauth_pass é\n}\n}",
  );
  assert.equal(load(text).config?.vrrp?.instances[0]?.authentication?.data, "c3a9000000000000");
  const latin1 = load(text, "latin1").config?.vrrp?.instances[0]?.authentication?.data;
  assert.equal(latin1, "e900000000000000");
});

/** A reference to $A. */
const braced = `${"$"}{A}`;
const megabyte = 1_000_000;

function realServers(count: number): string {
  const one = (i: number): string =>
    `real_server 10.0.${i >> 8}.${i & 255} 80 {\nTCP_CHECK {\n}\n}\n`;
  return Array.from({ length: count }, (_, i) => one(i)).join("");
}

/** Text of about a megabyte each; what is at stake is that time stays linear. */
const hostile: Readonly<Record<string, string>> = {
  "100,000 unknown keywords": "virtual_router_idd 4\n".repeat(megabyte / 20),
  "blocks without end": "a {\n".repeat(megabyte / 4),
  "closing braces": "}\n".repeat(megabyte / 2),
  "open quotes": '"\n'.repeat(megabyte / 2),
  "one line": "a { ".repeat(megabyte / 4),
  "one word": "a".repeat(megabyte),
  "conditions on conditions": `${"@box ".repeat(200)}\n`.repeat(megabyte / 1000),
  "braces in includes": "include {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}\n".repeat(20_000),
  "definitions of themselves": `$A=\${A}\${A}\n${`${braced}\n`.repeat(megabyte / 5)}`,
  "names by the thousand": Array.from({ length: 16_000 }, (_, i) => instance(`V${i}`, 1)).join(""),
  "one name": instance("V", 1).repeat(12_000),
  "addresses by the thousand": instance("V", 1).replace(
    "192.0.2.1 ",
    "\n192.0.2.1/24 dev eth0".repeat(megabyte / 25),
  ),
  "real servers by the thousand": `virtual_server 192.0.2.1 80 {\n${realServers(20_000)}}`,
};

for (const [what, text] of Object.entries(hostile)) {
  test(`loadConfig() gets through a megabyte of hostile text: ${what}`, { timeout: 20_000 }, () => {
    const { diagnostics } = load(text);
    assert.ok(diagnostics.length <= 3 * diagnosticsMax + 1);
    assert.ok(diagnostics.every((each) => each.code !== "SCHEMA_MISMATCH"));
  });
}

/** A host that has all addresses by itself, so that there is something to say of each. */
const fullHost: HostFacts = {
  linkExists: () => true,
  linkAddresses: () => ({ get: () => 25, size: 1 }) as unknown as ReadonlyMap<string, number>,
  isDaemonRunning: () => false,
};

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `${line(index)}\n`).join("");
}

function addressOf(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}

/** An instance whose priority no weight can change. */
function eager(index: number): string {
  return instance(`V${index}`, (index % 255) + 1)
    .replace("eth0", `eth${index >> 7}`)
    .replace("virtual_router_id", "nopreempt\nstate BACKUP\npriority 254\nvirtual_router_id");
}

/** What there are many hints about; work is linear, or this would take minutes. */
const remarkable: Readonly<Record<string, string>> = {
  "addresses that the host has": instance("V", 1).replace(
    "192.0.2.1 ",
    `\n${lines(40_000, addressOf)}`,
  ),
  "one keyword after many addresses": instance("V", 1)
    .replace("192.0.2.1 ", `\n${lines(20_000, (index) => `fe80::${index.toString(16)}`)}`)
    .replace("virtual_router_id", `${"native_ipv6\n".repeat(20_000)}virtual_router_id`),
  "a sync group that tracks and has much":
    lines(
      6000,
      (index) => `bfd_instance b${index} {\nneighbor_ip ${addressOf(index)}\nweight 1\n}`,
    ) +
    `vrrp_sync_group G {\ngroup {\n${lines(6000, (index) => `V${index}`)}}\n` +
    `track_bfd {\n${lines(6000, (index) => `b${index}`)}}\n}\n` +
    lines(6000, (index) => eager(index)),
};

for (const [what, text] of Object.entries(remarkable)) {
  test(`loadConfig() gets through: ${what}`, { timeout: 20_000 }, () => {
    const { diagnostics } = loadConfig({
      path: "/c",
      loader: memoryLoader({ "/c": text }),
      host: fullHost,
    });
    assert.ok(diagnostics.length <= 3 * diagnosticsMax + 1);
  });
}

test("loadConfig() needs no more than about double the time for double the text", () => {
  const timeOf = (count: number): number => {
    const text = Array.from({ length: count }, (_, i) => instance(`V${i}`, (i % 255) + 1)).join("");
    // Processor time, for others may use the machine too.
    const begin = process.cpuUsage();
    load(text);
    return process.cpuUsage(begin).user / 1000;
  };
  timeOf(2000);
  const small = Math.min(timeOf(2000), timeOf(2000), timeOf(2000));
  const large = Math.min(timeOf(16_000), timeOf(16_000), timeOf(16_000));
  // Eight times the text; quadratic work would take sixty-four times as long.
  assert.ok(large < 32 * small, `${small} ms for 2,000 instances, ${large} ms for 16,000`);
});

test("loadConfig() never throws nor builds what the children refuse, whatever the words", () => {
  const words = [
    ...["vrrp_instance", "virtual_server", "real_server", "TCP_CHECK", "global_defs", "fwmark"],
    ...["interface", "virtual_router_id", "priority", "advert_int", "state", "version", "weight"],
    ...["virtual_ipaddress", "dev", "label", "brd", "scope", "connect_port", "protocol", "lb_kind"],
    ...["{", "}", "\n", "\n", "eth0", "192.0.2.1", "192.0.2.1/24", "2001:db8::1", "+", "TUN"],
    ...["0", "1", "255", "256", "65536", "4294967296", "-1", "0.001", "x", braced, "$A=", "@box"],
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 60 }), (chosen) => {
      const { config, diagnostics } = load(chosen.join(" "));
      assert.ok(diagnostics.every((each) => each.code !== "SCHEMA_MISMATCH"));
      const isFatal = diagnostics.some((each) => each.severity === "fatal");
      assert.equal(config === undefined, isFatal);
    }),
    { numRuns: 2000 },
  );
});
