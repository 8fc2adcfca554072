// Real sockets on loopback only.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import type { TcpCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import type { ProbeResult } from "../core/event.js";
import { second, tcpCheck } from "../testing/builders.js";
import { closeServer, listen } from "../testing/listening.js";
import { startTcpProbe } from "./tcp.js";

function local(changes: Partial<TcpCheckConfig>): TcpCheckConfig {
  return tcpCheck({ connectAddress: "127.0.0.1", ...changes });
}

function probe(check: TcpCheckConfig): Promise<ProbeResult> {
  return new Promise((resolve) => startTcpProbe(check, resolve));
}

function socketCount(): number {
  return readdirSync("/proc/self/fd").length;
}

for (const address of ["127.0.0.1", "::1"]) {
  test(`startTcpProbe() passes when ${address} accepts, and closes its connection`, async () => {
    const listening = await listen(address);
    const result = await probe(local({ connectAddress: address, connectPort: listening.port }));
    assert.deepEqual(result, { outcome: "passed" });
    if (listening.clients.length === 0) await once(listening.server, "connection");
    const [client] = listening.clients;
    assert.ok(client !== undefined);
    if (!client.readableEnded) await once(client, "end");
    await closeServer(listening);
  });
}

test("startTcpProbe() fails with ECONNREFUSED where nobody listens", async () => {
  const listening = await listen();
  await closeServer(listening);
  assert.deepEqual(await probe(local({ connectPort: listening.port })), {
    outcome: "failed",
    reason: "ECONNREFUSED",
  });
});

/** Listens with room for one connection, says on which port, and then never accepts. */
const deafListener = `
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    require("node:fs").writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

test("startTcpProbe() fails after connect_timeout when the backlog is full", async () => {
  const child = spawn(process.execPath, ["-e", deafListener], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const fillers: Socket[] = [];
  try {
    const [said] = await once(child.stdout, "data");
    const connectPort = Number(said);
    const check = local({ connectPort, connectTimeoutUs: second / 10 });
    // The kernel completes backlog + 1 connections by itself, and leaves the rest without an
    // answer.
    let result: ProbeResult = { outcome: "passed" };
    for (let i = 0; i < 5 && result.outcome === "passed"; i++) {
      fillers.push(connect(connectPort, "127.0.0.1"));
      result = await probe(check);
    }
    assert.deepEqual(result, { outcome: "failed", reason: "connect_timeout" });
  } finally {
    for (const socket of fillers) socket.destroy();
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});

test("startTcpProbe() connects from bindto and bind_port, again and again", async () => {
  const listening = await listen();
  const free = await listen("127.0.0.2");
  await closeServer(free);
  const check = local({
    connectPort: listening.port,
    bindAddress: "127.0.0.2",
    bindPort: free.port,
  });
  for (let i = 1; i <= 5; i++) {
    assert.deepEqual(await probe(check), { outcome: "passed" }, `probe ${i}`);
    while (listening.peers.length < i) await once(listening.server, "connection");
  }
  assert.deepEqual(listening.peers, Array(5).fill(`127.0.0.2 ${free.port}`));
  await closeServer(listening);
});

test("startTcpProbe() does not blame the server for an address that is not ours", async () => {
  const result = await probe(local({ connectPort: 9, bindAddress: "198.51.100.77" }));
  assert.deepEqual(result, { outcome: "notRun", reason: "EADDRNOTAVAIL" });
});

test("startTcpProbe() does not pass by meeting itself on its own port", async () => {
  const free = await listen();
  await closeServer(free);
  const result = await probe(
    local({ connectPort: free.port, bindAddress: "127.0.0.1", bindPort: free.port }),
  );
  assert.deepEqual(result, { outcome: "failed", reason: "met itself" });
});

test("startTcpProbe() tells nothing after cancel(), and leaves no descriptor behind", async () => {
  const listening = await listen();
  await probe(local({ connectPort: listening.port }));
  const before = socketCount();
  const check = tcpCheck({ connectAddress: "127.0.0.1", connectPort: listening.port });
  for (let i = 0; i < 50; i++) {
    startTcpProbe(check, () => assert.fail("a cancelled probe has told a result")).cancel();
  }
  // What the kernel accepted of them is told before this later one.
  assert.deepEqual(await probe(check), { outcome: "passed" });
  for (const client of listening.clients) client.destroy();
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(socketCount() <= before + 1, `${socketCount()} descriptors, ${before} before`);
  await closeServer(listening);
});
