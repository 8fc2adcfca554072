// The frame that tells neighbours where an address is: gratuitous ARP for IPv4 (RFC 826), an
// unsolicited neighbour advertisement for IPv6 (RFC 4861 section 7.2.6). Decides nothing about
// when.

import { ETH_P_ARP, ETH_P_IPV6 } from "@keepalived-ts/netops/constants/socket";
import type { OutgoingDatagram } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeLinkLayer } from "@keepalived-ts/netops/raw-socket/sockaddr";
import { parseIp } from "@keepalived-ts/shared-config/base/ip";
import type { VrrpAction } from "../core/action.js";
import { encodeGratuitousArp } from "../packet/garp.js";
import { encodeNeighbourAdvertisement } from "../packet/ndisc.js";
import type { LinkView, Ports } from "./ports.js";

const broadcast = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
/** RFC 2464 section 7, for ff02::1. */
const allNodes = Uint8Array.of(0x33, 0x33, 0x00, 0x00, 0x00, 0x01);
/** More of them and the table of link-layer addresses starts afresh. */
const linkAddressesMax = 8192;
const linkAddresses: Map<number, Uint8Array> = new Map();

/** Null where nothing announces it. */
export function announcementOf(text: string, link: LinkView): OutgoingDatagram | null {
  const address = link.hasArp ? parseIp(text) : undefined;
  if (address === undefined) return null;
  const hardwareAddress = hardwareAddressBytes(link.hardwareAddress);
  const family = address.length === 4 ? 4 : 6;
  const encode = family === 4 ? encodeGratuitousArp : encodeNeighbourAdvertisement;
  return {
    data: encode(address, hardwareAddress),
    address: linkAddress(link.index, family),
  };
}

/** As keepalived's logs call it. */
export function announcementName(address: string): string {
  return address.includes(":") ? "unsolicited Neighbour Advert" : "gratuitous ARP";
}

type AnnounceSource = Extract<VrrpAction, { readonly type: "announceSource" }>;

/** Sends it once; a failure matters little, for the peers hear the next advert. */
export function announceSource(
  { links, arp, parent }: Pick<Ports, "links" | "arp" | "parent">,
  { instance, device, address }: AnnounceSource,
): void {
  const link = links.link(device);
  const frame = link === undefined ? null : announcementOf(address, link);
  if (frame === null) return;
  const { error } = arp.send([frame]);
  const what = `announce our own address ${address} on ${device}`;
  const text = error === null ? what : `Cannot ${what}: ${error}`;
  parent.log({ level: "detail", text: `(${instance}) ${text}`, about: { instance } });
}

function linkAddress(interfaceIndex: number, family: 4 | 6): Uint8Array {
  const key = interfaceIndex * 2 + (family === 6 ? 1 : 0);
  let address = linkAddresses.get(key);
  if (address === undefined) {
    if (linkAddresses.size === linkAddressesMax) linkAddresses.clear();
    address = encodeLinkLayer({
      interfaceIndex,
      protocol: family === 4 ? ETH_P_ARP : ETH_P_IPV6,
      hardwareAddress: family === 4 ? broadcast : allNodes,
    });
    linkAddresses.set(key, address);
  }
  return address;
}

/** Thousands of frames leave with the same one. */
let lastParsed: { readonly text: string; readonly bytes: Uint8Array } | undefined;

function hardwareAddressBytes(text: string): Uint8Array {
  if (lastParsed?.text !== text) {
    const bytes = Uint8Array.from(text.split(":"), (part) => Number.parseInt(part, 16));
    lastParsed = { text, bytes };
  }
  return lastParsed.bytes;
}
