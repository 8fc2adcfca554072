// Where a probe's packets go and come from, on real interfaces: the network is built so that a
// probe gets through only with the right source address, port, interface or mark, and the server
// says who came.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { ProbeResult } from "@keepalived-ts/checker/core/event";
import type { CheckConfig, CheckConnection } from "@keepalived-ts/shared-config/schema/config";
import type { Host } from "../lab/host.js";
import { createLab, type Lab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

const program: string = fileURLToPath(new URL("./probe-run.js", import.meta.url));

/** Answers everybody on TCP port 80 and UDP port 53, and says who it was. */
const server80 = `
  const say = (address, port) => console.log(address.replace("::ffff:", "") + " " + port);
  for (const own of ["10.9.0.10", "10.9.7.1", "::"]) {
    const ipv6Only = own === "::";
    const type = ipv6Only ? "udp6" : "udp4";
    const udp = require("node:dgram").createSocket({ type, ipv6Only });
    udp.on("message", (bytes, { address, port }) => {
      say(address, port);
      bytes[2] |= 0x80;
      udp.send(bytes, port, address);
    });
    udp.bind(53, own);
  }
  require("node:net").createServer((socket) => {
    socket.on("error", () => undefined);
    say(socket.remoteAddress, socket.remotePort);
    socket.end("HTTP/1.0 200 OK\\r\\n\\r\\n");
  }).listen(80, "::", () => console.log("listening"));
`;

const timing = {
  retry: 0,
  delayLoopUs: 1e6,
  delayBeforeRetryUs: 1e6,
  warmupUs: 0,
  alpha: false,
  logAllFailures: false,
  connectTimeoutUs: 3_000_000,
};

let lab: Lab;
let checker: Host;
let server: Host;
const seen: string[] = [];

/**
 * eth1 leads to the server too, but no route prefers it. Only packets with mark 7 have a route to
 * the server's address 10.9.7.1.
 */
before(async () => {
  lab = await createLab("probe-options");
  checker = await lab.addHost("checker", {
    addresses: ["10.9.0.1/24", "10.9.0.2/24", "2001:db8::1/64"],
  });
  server = await lab.addHost("server", {
    addresses: ["10.9.0.10/24", "10.9.1.10/24", "10.9.7.1/32", "2001:db8::10/64"],
  });
  await checker.attach({ segment: lab.lan, interface: "eth1", addresses: ["10.9.1.1/24"] });
  await checker.ip("route", "add", "10.9.0.0/24", "dev", "eth1", "metric", "500");
  await checker.ip("route", "add", "10.9.7.1", "via", "10.9.0.10", "table", "7");
  await checker.ip("rule", "add", "fwmark", "7", "table", "7");
  const child = server.spawn([process.execPath, "-e", server80], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  assert.ok(child.stdout !== null);
  const lines = createInterface(child.stdout);
  lines.on("line", (line) => void seen.push(line));
  await once(lines, "line");
  for (const host of [checker, server]) {
    await waitFor("duplicate address detection to be over", async () => {
      const text = await host.ip("-6", "address", "show", "tentative");
      return text === "";
    });
  }
});

after(() => lab.close());

async function probe(check: CheckConfig, wrapper: readonly string[] = []): Promise<ProbeResult> {
  const request = JSON.stringify({ check, urlIndex: 0 });
  const text = await checker.must([...wrapper, process.execPath, program, request]);
  return JSON.parse(text) as ProbeResult;
}

type Changes = Partial<CheckConnection>;

const kinds: Readonly<Record<string, (changes: Changes) => CheckConfig>> = {
  HTTP_GET: (changes) => ({
    kind: "HTTP_GET",
    connectAddress: "10.9.0.10",
    connectPort: 80,
    protocol: "1.0",
    enableSni: false,
    fastRecovery: false,
    urls: [{ path: "/", statusCodes: [{ from: 200, to: 200 }], tlsCompliant: false }],
    ...timing,
    ...changes,
  }),
  DNS_CHECK: (changes) => ({
    kind: "DNS_CHECK",
    connectAddress: "10.9.0.10",
    connectPort: 53,
    type: "SOA",
    name: "example.org",
    ...timing,
    ...changes,
  }),
};

function ping(changes: Changes): CheckConfig {
  const { connectPort: _, ...others } = changes;
  return { kind: "PING_CHECK", connectAddress: "10.9.0.10", ...timing, ...others };
}

const passed: ProbeResult = { outcome: "passed" };

const rows: readonly (readonly [Changes, RegExp])[] = [
  [{}, /^10\.9\.0\.1 /],
  [{ bindAddress: "10.9.0.2" }, /^10\.9\.0\.2 /],
  [{ bindAddress: "10.9.0.2", bindPort: 4444 }, /^10\.9\.0\.2 4444$/],
  [{ bindPort: 4445 }, /^10\.9\.0\.1 4445$/],
  [{ bindInterface: "eth1" }, /^10\.9\.1\.1 /],
  [{ bindInterface: "eth1", bindAddress: "10.9.0.2", bindPort: 4446 }, /^10\.9\.0\.2 4446$/],
  [{ connectAddress: "10.9.7.1", fwmark: 7 }, /^10\.9\.0\.1 /],
  [{ connectAddress: "2001:db8::10", fwmark: 9, bindInterface: "eth0" }, /^2001:db8::1 /],
];

for (const [kind, check] of Object.entries(kinds)) {
  for (const [changes, source] of rows) {
    test(`${kind} with ${JSON.stringify(changes)} comes from ${source.source}`, async () => {
      const before = seen.length;
      assert.deepEqual(await probe(check(changes)), passed);
      await waitFor("the server to say who came", () => seen.length > before);
      assert.match(seen[before] ?? "", source);
    });
  }

  test(`${kind} of a link-local address goes by bind_if`, async () => {
    const [address = ""] = (await server.addresses()).filter((one) => one.startsWith("fe80"));
    const connectAddress = address.split("/")[0] ?? "";
    assert.deepEqual(await probe(check({ connectAddress, bindInterface: "eth1" })), passed);
  });

  test(`${kind} without the mark, or from a place not ours, does not get through`, async () => {
    assert.equal((await probe(check({ connectAddress: "10.9.7.1" }))).outcome, "failed");
    const rows: readonly (readonly [Changes, string])[] = [
      [{ bindAddress: "10.9.0.77" }, "EADDRNOTAVAIL"],
      [{ bindInterface: "eth7" }, "ENODEV"],
    ];
    for (const [changes, reason] of rows) {
      assert.deepEqual(await probe(check(changes)), { outcome: "notRun", reason });
    }
  });
}

test("PING_CHECK takes the same ways, over IPv4 and IPv6", async () => {
  const [link = ""] = (await server.addresses()).filter((one) => one.startsWith("fe80"));
  const ways: readonly Changes[] = [
    {},
    { bindAddress: "10.9.0.2" },
    { bindInterface: "eth1" },
    { connectAddress: "10.9.7.1", fwmark: 7 },
    { connectAddress: "2001:db8::10" },
    { connectAddress: link.split("/")[0] ?? "", bindInterface: "eth0" },
  ];
  for (const way of ways) assert.deepEqual(await probe(ping(way)), passed, JSON.stringify(way));
});

test("PING_CHECK fails where nobody answers", async () => {
  assert.equal((await probe(ping({ connectAddress: "10.9.0.99" }))).outcome, "failed");
  assert.equal((await probe(ping({ connectAddress: "10.9.7.1" }))).outcome, "failed");
});

test("PING_CHECK goes without CAP_NET_RAW where the kernel lets it", async () => {
  const noRaw = ["setpriv", "--bounding-set", "-net_raw"];
  const forbidden = await probe(ping({}), noRaw);
  assert.deepEqual(forbidden, { outcome: "notRun", reason: "EACCES" });
  await checker.must(["sysctl", "-qw", "net.ipv4.ping_group_range=0 0"]);
  for (const connectAddress of ["10.9.0.10", "2001:db8::10"]) {
    assert.deepEqual(await probe(ping({ connectAddress }), noRaw), passed);
  }
});
