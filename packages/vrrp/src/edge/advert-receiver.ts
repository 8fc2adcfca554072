// Turns what a raw socket received into `advertReceived` events: good or bad, the core counts both.
// Decides nothing but what is not VRRP over IPv4 at all, and counts that.

import { IPPROTO_VRRP } from "@keepalived-ts/netops/constants/socket";
import { formatIp } from "@keepalived-ts/shared-config/base/ip";
import type { VrrpEvent } from "../core/event.js";
import { decodeAdvert } from "../packet/advert.js";
import { decodeIpv4 } from "../packet/ipv4.js";

/** Routers on a link are few; a flood of forged sources only makes the table start afresh. */
const addressTextsMax = 1024;

export class AdvertReceiver {
  readonly #addressTexts: Map<number, string> = new Map();
  /** Packets without a readable IPv4 header around them. */
  unreadable = 0;

  /** The event for one packet with its IPv4 header, or undefined if it has none. */
  event(interfaceIndex: number, packet: Uint8Array): VrrpEvent | undefined {
    const ip = decodeIpv4(packet);
    if (!ip.ok || ip.protocol !== IPPROTO_VRRP) {
      this.unreadable += 1;
      return undefined;
    }
    return {
      type: "advertReceived",
      interfaceIndex,
      source: this.#text(ip.source),
      destination: this.#text(ip.destination),
      ttl: ip.ttl,
      decoded: decodeAdvert(ip.payload, ip.source, ip.destination),
    };
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

function low(bytes: Uint8Array): number {
  return ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
}
