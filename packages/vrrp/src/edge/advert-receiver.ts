// Turns what a raw socket received into `advertReceived` events: good or bad, the core counts both.
// Decides nothing but what is not VRRP over IP at all, and counts that.

import { AF_INET6, IPPROTO_AH, IPPROTO_VRRP } from "@keepalived-ts/netops/constants/socket";
import type { ReceivedDatagram } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { formatIp } from "@keepalived-ts/shared-config/base/ip";
import type { AdvertReceived } from "../core/advert-check.js";
import { type DecodedAdvert, decodeAdvert } from "../packet/advert.js";
import {
  authenticationHeaderLength,
  readAuthenticationHeader,
} from "../packet/authentication-header.js";
import { decodeIpv4, type Ipv4Packet } from "../packet/ipv4.js";

/** Routers on a link are few; a flood of forged sources only makes the table start afresh. */
const addressTextsMax = 1024;
/** struct sockaddr_in6: family 2, port 2, flow label 4, then the address. */
const sockaddrAddress = { from: 8, to: 24 };

type Ipv6Datagram = Pick<ReceivedDatagram, "data" | "source" | "destination" | "ttl"> &
  Partial<Pick<ReceivedDatagram, "ageUs">>;

/**
 * An advert counts from its arrival, not from when an idle processor had woken up to read it. What
 * is older was held up by a standstill of this process, and its age says nothing about the master.
 */
const ageMaxUs = 5_000;

export class AdvertReceiver {
  readonly #wallClockS: () => number;
  readonly #addressTexts: Map<number, string> = new Map();
  /** Packets without a readable IP header around them. */
  unreadable = 0;

  constructor(wallClockS: () => number = realTimeS) {
    this.#wallClockS = wallClockS;
  }

  /** The event for one packet with its IPv4 header, or undefined if it has none. */
  event(interfaceIndex: number, packet: Uint8Array, ageUs = 0): AdvertReceived | undefined {
    const ip = decodeIpv4(packet);
    if (ip.ok && ip.protocol === IPPROTO_VRRP) {
      const decoded = decodeAdvert(ip.payload, ip.source, ip.destination);
      return this.#event(interfaceIndex, ip, decoded, ageUs);
    }
    if (ip.ok && ip.protocol === IPPROTO_AH) {
      return this.#headerEvent(interfaceIndex, packet, ip, ageUs);
    }
    this.unreadable += 1;
    return undefined;
  }

  /** The same for one that came over IPv6: the kernel has taken the header off. */
  event6(interfaceIndex: number, datagram: Ipv6Datagram): AdvertReceived | undefined {
    const { data, ttl, destination } = datagram;
    const source = datagram.source.subarray(sockaddrAddress.from, sockaddrAddress.to);
    const isIpv6 = destination?.length === 16 && source.length === 16;
    if (!isIpv6 || datagram.source[0] !== AF_INET6) {
      this.unreadable += 1;
      return undefined;
    }
    const decoded = decodeAdvert(data, source, destination);
    return {
      type: "advertReceived",
      interfaceIndex,
      source: formatIp(source),
      destination: formatIp(destination),
      ttl,
      decoded,
      ageUs: plausibleAge(datagram.ageUs ?? 0),
      ...this.#time(decoded),
    };
  }

  #headerEvent(
    interfaceIndex: number,
    packet: Uint8Array,
    ip: Ipv4Packet,
    ageUs: number,
  ): AdvertReceived | undefined {
    const authenticationHeader = readAuthenticationHeader(packet, ip);
    if (authenticationHeader === undefined) {
      this.unreadable += 1;
      return undefined;
    }
    const payload = ip.payload.subarray(authenticationHeaderLength);
    const decoded = decodeAdvert(payload, ip.source, ip.destination);
    return { ...this.#event(interfaceIndex, ip, decoded, ageUs), authenticationHeader };
  }

  #event(
    interfaceIndex: number,
    ip: Ipv4Packet,
    decoded: DecodedAdvert,
    ageUs: number,
  ): AdvertReceived {
    const event: AdvertReceived = {
      type: "advertReceived",
      interfaceIndex,
      source: this.#text(ip.source),
      destination: this.#text(ip.destination),
      ttl: ip.ttl,
      decoded,
      ageUs: plausibleAge(ageUs),
    };
    const time = this.#time(decoded);
    return time === undefined ? event : { ...event, ...time };
  }

  /** Only who looks at time stamps needs the time. */
  #time(decoded: DecodedAdvert): Pick<AdvertReceived, "wallClockS"> | undefined {
    const isSigned = decoded.ok && decoded.advert.trailer !== undefined;
    return isSigned ? { wallClockS: this.#wallClockS() } : undefined;
  }

  /** The address in text, made once for each address. */
  #text(bytes: Uint8Array): string {
    const key = ((bytes[0] ?? 0) << 24) | ((bytes[1] ?? 0) << 16) | low(bytes);
    let text = this.#addressTexts.get(key);
    if (text === undefined) {
      if (this.#addressTexts.size === addressTextsMax) this.#addressTexts.clear();
      text = formatIp(bytes);
      this.#addressTexts.set(key, text);
    }
    return text;
  }
}

function plausibleAge(ageUs: number): number {
  return Math.min(Math.max(ageUs, 0), ageMaxUs);
}

function low(bytes: Uint8Array): number {
  return ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
}

function realTimeS(): number {
  return Math.floor(Date.now() / 1000);
}
