// Turns owed announcements into gratuitous ARP frames and hands them to the ARP socket, a bounded
// number at a time (keepalived vrrp_arp.c; RFC 9568 section 6.4.2). Decides nothing about when.

import { ETH_P_ARP } from "@keepalived-ts/netops/constants/socket";
import type { OutgoingDatagram } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeLinkLayer } from "@keepalived-ts/netops/raw-socket/sockaddr";
import { parseIp } from "@keepalived-ts/shared-config/base/ip";
import { encodeGratuitousArp } from "../packet/garp.js";
import type { AddressEntry, AddressWork } from "./address-work.js";
import type { ArpPort, LinkPort, LinkView, ReportPort } from "./ports.js";

const broadcast = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
/** The queue of the interface is full: these pass by themselves within a millisecond or so. */
const congestion: readonly string[] = ["ENOBUFS", "EAGAIN", "ENOMEM"];
/** More interfaces than this and the table of link-layer addresses starts afresh. */
const linkAddressesMax = 4096;

/** `waiting`: nothing to send now. `more`: call again. `congested`: call again a little later. */
export type AnnounceResult = "waiting" | "more" | "congested";

export class ArpAnnouncer {
  readonly #arp: ArpPort;
  readonly #links: LinkPort;
  readonly #parent: ReportPort;
  readonly #linkAddresses: Map<number, Uint8Array> = new Map();
  readonly #batch: OutgoingDatagram[] = [];
  readonly #batched: AddressEntry[] = [];

  constructor(ports: { arp: ArpPort; links: LinkPort; parent: ReportPort }) {
    this.#arp = ports.arp;
    this.#links = ports.links;
    this.#parent = ports.parent;
  }

  /** Sends up to `count` of what `work` owes. */
  announce(work: AddressWork, count: number): AnnounceResult {
    this.#collect(work, count);
    if (this.#batch.length === 0) return "waiting";
    const { sent, error } = this.#arp.send(this.#batch);
    const unsent = this.#batched.slice(sent);
    this.#batch.length = 0;
    this.#batched.length = 0;
    const [refused] = unsent;
    if (refused === undefined) return "more";
    work.takeBackAnnouncements(unsent);
    if (error === null || congestion.includes(error)) return "congested";
    this.#reportFailure(work.instance, refused, error);
    work.passAnnouncement(refused);
    return "more";
  }

  #collect(work: AddressWork, count: number): void {
    while (this.#batch.length < count) {
      const entry = work.nextAnnouncement();
      if (entry === undefined) return;
      const link = this.#links.link(entry.address.device);
      const frame = link === undefined ? null : this.frame(entry, link);
      if (frame !== null) {
        this.#batched.push(entry);
        this.#batch.push(frame);
      }
      work.passAnnouncement(entry);
    }
  }

  /** What announces `entry` on `link`; null where nothing does. Encoded once. */
  frame(entry: AddressEntry, link: LinkView): OutgoingDatagram | null {
    const former = entry.announcement;
    if (former?.link === link) return former.frame;
    const isSame = former !== undefined && areAlike(former.link, link);
    const frame = isSame ? former.frame : this.#encode(entry, link);
    entry.announcement = { link, frame };
    return frame;
  }

  #encode(entry: AddressEntry, link: LinkView): OutgoingDatagram | null {
    const address = link.hasArp ? parseIp(entry.address.address) : undefined;
    if (address?.length !== 4) return null;
    const hardwareAddress = hardwareAddressBytes(link.hardwareAddress);
    return {
      data: encodeGratuitousArp(address, hardwareAddress),
      address: this.#linkAddress(link.index),
    };
  }

  #linkAddress(interfaceIndex: number): Uint8Array {
    let address = this.#linkAddresses.get(interfaceIndex);
    if (address === undefined) {
      if (this.#linkAddresses.size === linkAddressesMax) this.#linkAddresses.clear();
      address = encodeLinkLayer({
        interfaceIndex,
        protocol: ETH_P_ARP,
        hardwareAddress: broadcast,
      });
      this.#linkAddresses.set(interfaceIndex, address);
    }
    return address;
  }

  #reportFailure(instance: string, entry: AddressEntry, errno: string): void {
    const { address, device } = entry.address;
    this.#parent.log({
      level: "warn",
      text: `(${instance}) Cannot send gratuitous ARP on ${device} for ${address}: ${errno}`,
      data: { instance, device, address, errno },
    });
  }
}

/** Whether the same frame announces an address on both. */
function areAlike(a: LinkView, b: LinkView): boolean {
  return a.index === b.index && a.hardwareAddress === b.hardwareAddress && a.hasArp === b.hasArp;
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
