// TCP sockets with a mark or an interface, connected by Node: what the kernel says of them, and
// that they carry bytes as Node's own do.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { test } from "node:test";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { openTcpDescriptor, type SocketRoute } from "./tcp-descriptor.js";

/** What a server gives back to a client that comes by such a socket. */
async function exchange(address: string, route: SocketRoute): Promise<string> {
  const server = createServer((socket) => void socket.pipe(socket));
  server.listen(0, address);
  await once(server, "listening");
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === "object");
  const options = { fd: openTcpDescriptor(route), manualStart: true };
  const socket = new Socket(options).connect({ port: bound.port, host: address });
  await once(socket, "connect");
  let text = "";
  socket.on("data", (bytes: Buffer) => {
    text += bytes.toString();
  });
  socket.end("hello");
  await once(socket, "end");
  server.close();
  await once(server, "close");
  return text;
}

const routes: readonly (readonly [string, SocketRoute])[] = [
  ["127.0.0.1", { family: 4, mark: 7 }],
  ["127.0.0.1", { family: 4, interface: "lo" }],
  ["::1", { family: 6, mark: 4294967295, interface: "lo" }],
];

for (const [address, route] of routes) {
  test(`openTcpDescriptor() for ${address} ${JSON.stringify(route)} carries bytes`, async () => {
    assert.equal(await exchange(address, route), "hello");
  });
}

test("openTcpDescriptor() throws the errno, and leaves no descriptor behind", () => {
  const before = readdirSync("/proc/self/fd").length;
  for (let i = 0; i < 10; i++) {
    assert.throws(
      () => openTcpDescriptor({ family: 4, interface: "not-there" }),
      (error) => error instanceof KeepalivedError && error.code === "ENODEV",
    );
  }
  assert.ok(readdirSync("/proc/self/fd").length <= before + 1);
});

test("a socket of openTcpDescriptor() tells Node of a refused connection", async () => {
  const options = { fd: openTcpDescriptor({ family: 4, mark: 1 }), manualStart: true };
  const socket = new Socket(options).connect({ port: 1, host: "127.0.0.1" });
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
});
