// A program for a host of the laboratory: sends hostile packets, so many of each kind in turn, and
// ends. Words: interface index, packets of each kind, packets a millisecond (0 = as many as go),
// kinds. Writes how long it took. Ends by itself after a minute whatever happens.

import { performance } from "node:perf_hooks";
import {
  AF_INET,
  IP_HDRINCL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IPPROTO_IP,
  IPPROTO_VRRP,
  SOCK_RAW,
} from "@keepalived-ts/netops/constants/socket";
import {
  DatagramSocket,
  type OutgoingDatagram,
} from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeIpv4Membership } from "@keepalived-ts/netops/raw-socket/membership";
import { encodeIpv4 } from "@keepalived-ts/netops/raw-socket/sockaddr";
import type { RandomState } from "@keepalived-ts/shared-config/base/random";
import { GROUP, type HostileKind, hostilePacket } from "./hostile-packets.js";
import { sleep } from "./wait.js";

const LIMIT_MS = 60_000;
const BATCH = 64;
/** Of each kind, sent again and again. */
const VARIANTS = 64;

const [interfaceIndex = 0, perKind = 0, perMillisecond = 0] = process.argv.slice(2, 5).map(Number);
const kinds = process.argv.slice(5) as HostileKind[];
const random: RandomState = { seed: 1 };
const address = encodeIpv4(GROUP, 0);
const pool: OutgoingDatagram[] = Array.from({ length: VARIANTS }, () =>
  kinds.map((kind) => ({ data: hostilePacket(kind, random), address })),
).flat();

const socket = DatagramSocket.open({ family: AF_INET, type: SOCK_RAW, protocol: IPPROTO_VRRP });
socket.setOption(IPPROTO_IP, IP_HDRINCL, 1);
socket.setOption(IPPROTO_IP, IP_MULTICAST_LOOP, 0);
socket.setOption(IPPROTO_IP, IP_MULTICAST_IF, encodeIpv4Membership("0.0.0.0", interfaceIndex));

const total = perKind * kinds.length;
const from = performance.now();
let sent = 0;
while (sent < total && performance.now() - from < LIMIT_MS) {
  const due = perMillisecond === 0 ? total : (performance.now() - from) * perMillisecond;
  if (sent >= due) {
    await sleep(1);
    continue;
  }
  const at = sent % pool.length;
  const batch = pool.slice(at, Math.min(at + BATCH, pool.length, at + total - sent));
  const result = socket.sendBatch(batch);
  sent += result.sent;
  // A full queue of the interface.
  if (result.sent < batch.length) await sleep(1);
}
socket.close();
process.stdout.write(`${JSON.stringify({ sent, ms: performance.now() - from })}\n`);
