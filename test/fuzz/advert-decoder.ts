// Fuzzes what the network can reach: seeded mutations of valid packets through decodeIpv4,
// decodeAdvert and a core in BACKUP and in MASTER. Run by hand with --seconds N [--seed S]; a find
// prints the seed and the packet.

import { parseArgs } from "node:util";
import { formatIp } from "@keepalived-ts/shared-config/base/ip";
import {
  nextInteger,
  nextRandom,
  type RandomState,
} from "@keepalived-ts/shared-config/base/random";
import { type Bench, backup, master } from "@keepalived-ts/vrrp/core/fixtures";
import { snapshots } from "@keepalived-ts/vrrp/core/router";
import { decodeAdvert, encodeAdvert } from "@keepalived-ts/vrrp/packet/advert";
import { decodeIpv4, encodeIpv4 } from "@keepalived-ts/vrrp/packet/ipv4";

export interface FuzzReport {
  readonly packets: number;
  /** How far they came: rejected by each stage, or accepted by the core. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/**
 * One advert can order an answer, a burst, a change of state and their log lines, among them one
 * for each cause that was not told again meanwhile; never more.
 */
const actionsMax = 20;
const packetsPerBench = 2_000;
const pass = { type: "PASS", data: "7333637265740000" } as const;

/** Runs until `seconds` have passed; throws on the first find. */
export function fuzzAdverts(seconds: number, seed: number): FuzzReport {
  const random: RandomState = { seed };
  const outcomes: Record<string, number> = {};
  const end = performance.now() + seconds * 1000;
  let packets = 0;
  while (performance.now() < end) {
    const benches = newBenches();
    for (let i = 0; i < packetsPerBench; i++) {
      const packet = mutate(random, validPacket(random));
      const outcome = tryPacket(random, benches, packet);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      packets++;
    }
  }
  return { packets, outcomes };
}

function newBenches(): Bench[] {
  return [
    backup({ version: 2 }),
    backup({ version: 3, preempt: false, preemptDelayUs: 1_000_000 }),
    backup({ version: 2, authentication: pass }),
    master({ version: 3, higherPrioritySendAdvert: true }),
    master({ version: 2, basePriority: 255, wantedState: "MASTER" }),
  ];
}

function validPacket(random: RandomState): Uint8Array {
  const version = nextRandom(random) < 0.5 ? 2 : 3;
  const source = Uint8Array.of(192, 0, 2, nextInteger(random, 1, 254));
  const destination = Uint8Array.of(224, 0, 0, 18);
  const count = nextRandom(random) < 0.7 ? 1 : nextInteger(random, 0, 255);
  const payload = encodeAdvert(
    {
      version,
      virtualRouterId: 51,
      priority: nextInteger(random, 0, 255),
      addresses: Array.from({ length: count }, (_, i) => Uint8Array.of(192, 0, 2, (100 + i) & 255)),
      advertIntervalUs:
        nextRandom(random) < 0.8 ? 1_000_000 : nextInteger(random, 1, 40) * 1_000_000,
      authenticationType: version === 2 && nextRandom(random) < 0.3 ? 1 : 0,
      authenticationData: pass.data,
    },
    source,
    destination,
  );
  return encodeIpv4({ source, destination, ttl: 255, tos: 0xc0, protocol: 112, payload });
}

type Mutation = (random: RandomState, packet: Uint8Array) => Uint8Array;

const mutations: readonly Mutation[] = [
  (_, packet) => packet,
  flipBits,
  flipBits,
  (random, packet) => packet.subarray(0, nextInteger(random, 0, packet.length)),
  (random, packet) => Buffer.concat([packet, new Uint8Array(nextInteger(random, 0, 60))]),
  (random, packet) => randomBytes(random, packet.length),
  claimLength,
  repairChecksum,
  repairChecksum,
];

function mutate(random: RandomState, packet: Uint8Array): Uint8Array {
  const mutation = mutations[nextInteger(random, 0, mutations.length - 1)] ?? flipBits;
  return mutation(random, packet);
}

function flipBits(random: RandomState, packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  for (let i = nextInteger(random, 1, 8); i > 0 && copy.length > 0; i--) {
    const at = nextInteger(random, 0, Math.min(copy.length - 1, 40));
    copy[at] = (copy[at] ?? 0) ^ (1 << nextInteger(random, 0, 7));
  }
  return copy;
}

function randomBytes(random: RandomState, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => nextInteger(random, 0, 255));
}

function claimLength(random: RandomState, packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  copy[2] = nextInteger(random, 0, 1) * nextInteger(random, 0, 255);
  copy[3] = nextInteger(random, 0, 255);
  return copy;
}

/** Any message with a right version 2 checksum, to get past that check. */
function repairChecksum(random: RandomState, packet: Uint8Array): Uint8Array {
  const copy = flipBits(random, packet);
  const ip = decodeIpv4(copy);
  if (!ip.ok || ip.payload.length < 8) return copy;
  const { payload } = ip;
  payload.fill(0, 6, 8);
  let sum = 0;
  for (let i = 0; i < payload.length; i += 2)
    sum += ((payload[i] ?? 0) << 8) | (payload[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum >> 16) + (sum & 0xffff);
  payload[6] = (~sum >> 8) & 0xff;
  payload[7] = ~sum & 0xff;
  return copy;
}

function tryPacket(random: RandomState, benches: readonly Bench[], packet: Uint8Array): string {
  try {
    return judge(random, benches, packet);
  } catch (thrown) {
    const text = Buffer.from(packet).toString("hex");
    throw new Error(`The packet ${text} broke the core`, { cause: thrown });
  }
}

function judge(random: RandomState, benches: readonly Bench[], packet: Uint8Array): string {
  const ip = decodeIpv4(packet);
  if (!ip.ok) return ip.code;
  const decoded = decodeAdvert(ip.payload, ip.source, ip.destination);
  const pauseUs = nextInteger(random, 0, 200_000);
  for (const bench of benches) {
    bench.elapse(pauseUs);
    const actions = bench.handle({
      type: "advertReceived",
      interfaceIndex: 2,
      source: formatIp(ip.source),
      destination: formatIp(ip.destination),
      ttl: ip.ttl,
      decoded,
    });
    if (actions.length > actionsMax) throw new Error(`${actions.length} actions for one packet`);
    if (snapshots(bench.router).length !== 1) throw new Error("an instance went missing");
    const state = bench.state();
    if (state !== "BACKUP" && state !== "MASTER") throw new Error(`state ${state}`);
    // Throws when nothing is waited for.
    bench.remaining();
  }
  return decoded.ok ? "decoded" : decoded.code;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "10" },
      seed: { type: "string", default: "1" },
    },
  });
  const { packets, outcomes } = fuzzAdverts(Number(values.seconds), Number(values.seed));
  console.log(`${packets} packets, nothing found`, outcomes);
}
