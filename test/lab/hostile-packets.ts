// Packets that no router should send: short, long, of another version, type, password, interval,
// TTL, broken, random, and old ones once more. Version 2, IPv4, to the group. None of them may move
// a MASTER of priority 200 with the password below. Pure; what is to count them is named.

import { parseIp } from "@keepalived-ts/shared-config/base/ip";
import { nextInteger, type RandomState } from "@keepalived-ts/shared-config/base/random";
import { type AdvertFields, encodeAdvert } from "@keepalived-ts/vrrp/packet/advert";
import { encodeIpv4 } from "@keepalived-ts/vrrp/packet/ipv4";

export const VIRTUAL_ROUTER_ID = 51;
export const PASSWORD = "s3cret";
export const ADDRESS = "192.0.2.10";
export const FLOODER = "192.0.2.66";
export const GROUP = "224.0.0.18";

const RANDOM_BYTES_MAX = 1_400;

interface Shape {
  readonly fields?: Partial<AdvertFields>;
  readonly ttl?: number;
  readonly change?: (message: Uint8Array, random: RandomState) => Uint8Array;
}

export const HOSTILE_KINDS = [
  "short",
  "long",
  "version",
  "version3",
  "type",
  "checksum",
  "ttl",
  "password",
  "noPassword",
  "authenticationType",
  "interval",
  "stranger",
  "replay",
  "mutation",
  "random",
] as const;
export type HostileKind = (typeof HOSTILE_KINDS)[number];

const shapes: Readonly<Record<HostileKind, Shape>> = {
  short: { change: (message) => message.subarray(0, 6) },
  long: { change: (message) => joined(message, new Uint8Array(1_000)) },
  version: { change: (message) => withByte(message, 0, 0x71) },
  version3: { fields: { version: 3 } },
  type: { change: (message) => withByte(message, 0, 0x25) },
  checksum: { change: (message) => withByte(message, 6, (message[6] ?? 0) ^ 0x55) },
  ttl: { ttl: 64 },
  password: { fields: { authenticationData: "6775657373656400" } },
  noPassword: { fields: { authenticationType: 0, authenticationData: "" } },
  authenticationType: { fields: { authenticationType: 9 } },
  interval: { fields: { advertIntervalUs: 2_000_000 } },
  stranger: { fields: { virtualRouterId: 52 } },
  replay: {},
  mutation: { change: mutated },
  random: { change: randomBytes },
};

/** What an honest BACKUP of priority 100 would send. */
const honest: AdvertFields = {
  version: 2,
  virtualRouterId: VIRTUAL_ROUTER_ID,
  priority: 100,
  addresses: [bytesOf(ADDRESS)],
  advertIntervalUs: 1_000_000,
  authenticationType: 1,
  authenticationData: Buffer.from(PASSWORD).toString("hex").padEnd(16, "0"),
};

/** With its IP header. */
export function hostilePacket(kind: HostileKind, random: RandomState): Uint8Array {
  const { fields, ttl, change } = shapes[kind];
  const source = bytesOf(FLOODER);
  const destination = bytesOf(GROUP);
  const message = encodeAdvert({ ...honest, ...fields }, source, destination);
  const payload = change?.(message, random) ?? message;
  return encodeIpv4({ source, destination, ttl: ttl ?? 255, tos: 0xc0, protocol: 112, payload });
}

function bytesOf(address: string): Uint8Array {
  const bytes = parseIp(address);
  if (bytes === undefined) throw new Error(`${address} is no address`);
  return bytes;
}

function withByte(message: Uint8Array, at: number, value: number): Uint8Array {
  message[at] = value;
  return message;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  return Uint8Array.of(...first, ...second);
}

/** One byte is another, so that the checksum is never right. */
function mutated(message: Uint8Array, random: RandomState): Uint8Array {
  const at = nextInteger(random, 0, message.length - 1);
  return withByte(message, at, (message[at] ?? 0) ^ nextInteger(random, 1, 255));
}

function randomBytes(_message: Uint8Array, random: RandomState): Uint8Array {
  const length = nextInteger(random, 0, RANDOM_BYTES_MAX);
  const bytes = Uint8Array.from({ length }, () => nextInteger(random, 0, 255));
  // Where they say whose they are, they say the victim's.
  if (bytes.length > 1) bytes[1] = VIRTUAL_ROUTER_ID;
  return bytes;
}
