// For tests only: a TCP server on loopback that does with each client what the test says, and knows
// who they were.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

export interface Listening {
  readonly server: Server;
  readonly port: number;
  readonly clients: Socket[];
  /** Address and port of each client. */
  readonly peers: string[];
}

export async function listen(
  address: string = "127.0.0.1",
  serve: (socket: Socket) => void = (socket) => void socket.resume(),
): Promise<Listening> {
  const clients: Socket[] = [];
  const peers: string[] = [];
  const server = createServer((socket) => {
    clients.push(socket);
    peers.push(`${socket.remoteAddress} ${socket.remotePort}`);
    socket.on("error", () => socket.destroy());
    serve(socket);
  });
  server.listen(0, address);
  await once(server, "listening");
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === "object");
  return { server, port: bound.port, clients, peers };
}

export async function closeServer({ server, clients }: Listening): Promise<void> {
  for (const client of clients) client.destroy();
  server.close();
  await once(server, "close");
}
