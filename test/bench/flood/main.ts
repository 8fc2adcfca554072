// Sends hostile VRRP packets as fast as it can: node main.js COUNT. Random, mutated, replayed under
// the master's own address, oversized, wrong in every field; none that a MASTER of priority 100
// must obey. Prints how many left and how long that took, as JSON. The same packets in every run.

import {
  AF_INET,
  IP_HDRINCL,
  IPPROTO_IP,
  IPPROTO_VRRP,
  SOCK_RAW,
} from "@keepalived-ts/netops/constants/socket";
import {
  DatagramSocket,
  type OutgoingDatagram,
} from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeIpv4 as socketAddress } from "@keepalived-ts/netops/raw-socket/sockaddr";
import { parseIp } from "@keepalived-ts/shared-config/base/ip";
import {
  nextInteger,
  nextRandom,
  type RandomState,
} from "@keepalived-ts/shared-config/base/random";
import { encodeAdvert } from "@keepalived-ts/vrrp/packet/advert";
import { encodeIpv4 } from "@keepalived-ts/vrrp/packet/ipv4";

const random: RandomState = { seed: 7 };
const distinctPackets = 8_192;
const batchSize = 256;
const ownId = 51;
const group = parseIp("224.0.0.18") ?? new Uint8Array(4);
const attacker = parseIp("192.0.2.9") ?? new Uint8Array(4);
const master = parseIp("192.0.2.1") ?? new Uint8Array(4);
const vip = parseIp("192.0.2.100") ?? new Uint8Array(4);

interface Kind {
  readonly payload: () => Uint8Array;
  readonly source?: Uint8Array;
  readonly ttl?: number;
}

function advert(priority: number, virtualRouterId = ownId, version: 2 | 3 = 3): Uint8Array {
  const fields = {
    version,
    virtualRouterId,
    priority,
    addresses: [vip],
    advertIntervalUs: version === 2 ? 1_000_000 : 100_000,
  };
  return encodeAdvert(
    { ...fields, authenticationType: 0, authenticationData: "0".repeat(16) },
    attacker,
    group,
  );
}

function randomBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, () => nextInteger(random, 0, 255));
}

function mutated(): Uint8Array {
  const bytes = advert(nextInteger(random, 1, 90));
  const at = nextInteger(random, 0, bytes.length - 1);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << nextInteger(random, 0, 7));
  return bytes;
}

/** The right router id in front of garbage: what is looked at first. */
function garbage(): Uint8Array {
  const bytes = randomBytes(nextInteger(random, 2, 60));
  bytes[0] = 0x31;
  bytes[1] = ownId;
  return bytes;
}

const kinds: readonly Kind[] = [
  { payload: () => randomBytes(nextInteger(random, 0, 64)) },
  { payload: garbage },
  { payload: mutated },
  { payload: () => advert(nextInteger(random, 1, 90)) },
  { payload: () => advert(0) },
  { payload: () => advert(100), source: master },
  { payload: () => advert(200), ttl: 64 },
  { payload: () => advert(200, nextInteger(random, 100, 255)) },
  { payload: () => advert(200, ownId, 2).subarray(0, nextInteger(random, 1, 15)) },
  { payload: () => Buffer.concat([advert(200), randomBytes(1_400)]) },
];

function packet(): OutgoingDatagram {
  const kind = kinds[Math.floor(nextRandom(random) * kinds.length)] ?? kinds[0];
  const fields = {
    source: kind?.source ?? attacker,
    destination: group,
    ttl: kind?.ttl ?? 255,
    tos: 0xc0,
    protocol: IPPROTO_VRRP,
    payload: kind?.payload() ?? new Uint8Array(0),
  };
  return { data: encodeIpv4(fields), address: socketAddress("224.0.0.18", 0) };
}

const count = Number(process.argv[2] ?? 1_000);
const socket = DatagramSocket.open({ family: AF_INET, type: SOCK_RAW, protocol: IPPROTO_VRRP });
socket.setOption(IPPROTO_IP, IP_HDRINCL, 1);
const packets = Array.from({ length: distinctPackets }, packet);
const startMs = performance.now();
let sent = 0;
for (let first = 0; sent < count; first = (first + batchSize) % distinctPackets) {
  sent += socket.sendBatch(packets.slice(first, first + batchSize)).sent;
  await new Promise((resolve) => setImmediate(resolve));
}
const seconds = (performance.now() - startMs) / 1000;
process.stdout.write(`${JSON.stringify({ sent, seconds })}\n`);
socket.close();
