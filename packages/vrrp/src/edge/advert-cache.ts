// The packets of adverts, encoded once and sent again until something in them changes: the core
// hands out the same order object while nothing changes, so the steady state of a MASTER allocates
// nothing. One that is signed with the time is encoded each time, for no time stamp may be used
// twice.

import { IPPROTO_VRRP } from "@keepalived-ts/netops/constants/socket";
import type { OutgoingDatagram } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import {
  encodeIpv4 as encodeSockaddr4,
  encodeIpv6 as encodeSockaddr6,
} from "@keepalived-ts/netops/raw-socket/sockaddr";
import { parseIp } from "@keepalived-ts/shared-config/base/ip";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { HmacAuthentication } from "@keepalived-ts/shared-config/schema/config";
import type { SendAdvertAction } from "../core/action.js";
import { isUnicast } from "../core/place.js";
import { encodeAdvert, writeChecksum } from "../packet/advert.js";
import { encodeAuthenticated } from "../packet/authentication-header.js";
import { appendTrailer, type HmacSequence, nextSequence } from "../packet/hmac-trailer.js";
import { encodeIpv4 } from "../packet/ipv4.js";
import { encodeIpv6 } from "../packet/ipv6.js";
import type { AdvertPlace } from "./ports.js";

/** RFC 9568 section 5.1.1.3: anything less shows that a router forwarded the packet. */
const ttl = 255;
/** What the kernel puts into packets to one IPv6 router where nothing else is said. */
const ipv6UnicastHopLimit = 64;
/** DSCP CS6, network control, as keepalived. */
const tos = 0xc0;

/** One advert: a packet to the group, or one to each peer. */
export interface EncodedAdvert {
  readonly place: AdvertPlace;
  readonly packets: readonly OutgoingDatagram[];
}

/** What signs an advert: the same for all peers. */
interface Signature {
  readonly key: { readonly id: number; readonly secret: string };
  readonly sequence: HmacSequence;
}

export const placesMax = 4096;

export class AdvertCache {
  readonly #wallClockUs: () => number;
  readonly #encoded: WeakMap<SendAdvertAction, EncodedAdvert> = new WeakMap();
  readonly #places: Map<string, AdvertPlace> = new Map();
  /** By instance: the last time stamp that it signed with. */
  readonly #sequences: Map<string, HmacSequence> = new Map();

  constructor(wallClockUs: () => number = realTimeUs) {
    this.#wallClockUs = wallClockUs;
  }

  /** The packets that `order` asks for. */
  encoded(order: SendAdvertAction): EncodedAdvert {
    const known = this.#encoded.get(order);
    const signature = this.#signature(order);
    if (known !== undefined && signature === undefined) return known;
    const place = known?.place ?? this.#place(order);
    const encoded = { place, packets: encodePackets(order, signature) };
    this.#encoded.set(order, encoded);
    return encoded;
  }

  /** Interned, so that adverts of one place are sent together. */
  #place({ interfaceIndex, source, config }: SendAdvertAction): AdvertPlace {
    const { family } = config;
    const own = config.interface === "" ? source : null;
    const key = `${interfaceIndex} ${family} ${own ?? ""}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      // Interfaces that come and go leave theirs behind.
      if (this.#places.size >= placesMax) this.#places.clear();
      place = { interfaceIndex, family, source: own };
      this.#places.set(key, place);
    }
    return place;
  }

  #signature({ instance, config }: SendAdvertAction): Signature | undefined {
    const { hmacAuthentication: hmac } = config;
    if (hmac === undefined || hmac.mode === "receive-only") return undefined;
    const key = activeKey(hmac);
    if (key === undefined) return undefined;
    const windowS = hmac.antiReplay === "time" ? hmac.timeWindowUs / usPerSecond : null;
    const last = this.#sequences.get(instance);
    const sequence = nextSequence(last, this.#wallClockUs(), windowS);
    this.#sequences.set(instance, sequence);
    return { key, sequence };
  }
}

function activeKey({ keys, activeKey: id }: HmacAuthentication): Signature["key"] | undefined {
  const secret = keys.find((key) => key.id === id)?.secret;
  return secret === undefined ? undefined : { id, secret };
}

function encodePackets(
  order: SendAdvertAction,
  signature: Signature | undefined,
): OutgoingDatagram[] {
  const { config, interfaceIndex } = order;
  const destinations = isUnicast(config)
    ? config.unicastPeers.map(({ address }) => address)
    : [config.multicastGroup];
  return destinations.map((destination) => ({
    data: encodePacket(order, bytes(destination), signature),
    address:
      config.family === 4
        ? encodeSockaddr4(destination, 0)
        : encodeSockaddr6(destination, 0, interfaceIndex),
  }));
}

function encodePacket(
  order: SendAdvertAction,
  destination: Uint8Array,
  signature: Signature | undefined,
): Uint8Array {
  const { config, sequence } = order;
  const source = bytes(order.source);
  const payload = encodeMessage(order, source, destination, signature);
  const limit = isUnicast(config) ? unicastLimit(config) : ttl;
  if (config.family === 6) {
    const fields = { source, destination, hopLimit: limit, trafficClass: tos, payload };
    return encodeIpv6({ ...fields, nextHeader: IPPROTO_VRRP });
  }
  const fields = { source, destination, ttl: limit, tos, payload };
  const { headerAuthentication } = config;
  if (headerAuthentication !== undefined && sequence !== undefined) {
    return encodeAuthenticated({ ...fields, sequence, secret: headerAuthentication.secret });
  }
  return encodeIpv4({ ...fields, protocol: IPPROTO_VRRP });
}

function encodeMessage(
  { config, priority, checksumForm }: SendAdvertAction,
  source: Uint8Array,
  destination: Uint8Array,
  signature: Signature | undefined,
): Uint8Array {
  const message = encodeAdvert(
    {
      version: config.version,
      virtualRouterId: config.virtualRouterId,
      priority,
      addresses: config.virtualAddresses.map(({ address }) => bytes(address)),
      advertIntervalUs: config.advertIntervalUs,
      authenticationType: authenticationType(config),
      authenticationData: config.authentication?.data ?? "",
      checksumForm,
    },
    source,
    destination,
  );
  if (signature === undefined) return message;
  const signed = appendTrailer(message, source, signature.key, signature.sequence);
  // Over IPv6 the checksum covers the trailer, as if the kernel made it.
  if (config.family === 6) writeChecksum(signed, source, destination);
  return signed;
}

/** RFC 2338 section 5.3.6. */
function authenticationType(config: SendAdvertAction["config"]): number {
  if (config.headerAuthentication !== undefined) return 2;
  return config.authentication === undefined ? 0 : 1;
}

function unicastLimit({ family, unicastTtl }: SendAdvertAction["config"]): number {
  return unicastTtl ?? (family === 4 ? ttl : ipv6UnicastHopLimit);
}

/** Addresses in a configuration were checked when it was read. */
function bytes(address: string): Uint8Array {
  return parseIp(address) ?? new Uint8Array(4);
}

function realTimeUs(): number {
  return Date.now() * 1000;
}
