// Turns owed announcements into frames (announcement.ts) and hands them to the packet socket, a
// bounded number at a time (keepalived vrrp_arp.c, vrrp_ndisc.c; RFC 9568 section 6.4.2). Decides
// nothing about when.

import type { OutgoingDatagram } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import type { AddressEntry, AddressWork } from "./address-work.js";
import { announcementName, announcementOf } from "./announcement.js";
import type { ArpPort, LinkPort, LinkView, ReportPort } from "./ports.js";

/** The queue of the interface is full: these pass by themselves within a millisecond or so. */
const congestion: readonly string[] = ["ENOBUFS", "EAGAIN", "ENOMEM"];

/** `waiting`: nothing to send now. `more`: call again. `congested`: call again a little later. */
export type AnnounceResult = "waiting" | "more" | "congested";

export class ArpAnnouncer {
  readonly #arp: ArpPort;
  readonly #links: LinkPort;
  readonly #parent: ReportPort;
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
    const frame = isSame ? former.frame : announcementOf(entry.address.address, link);
    entry.announcement = { link, frame };
    return frame;
  }

  #reportFailure(instance: string, entry: AddressEntry, errno: string): void {
    const { address, device } = entry.address;
    const what = announcementName(address);
    this.#parent.log({
      level: "warn",
      text: `(${instance}) Cannot send ${what} on ${device} for ${address}: ${errno}`,
      data: { instance, device, address, errno },
    });
  }
}

/** Whether the same frame announces an address on both. */
function areAlike(a: LinkView, b: LinkView): boolean {
  return a.index === b.index && a.hardwareAddress === b.hardwareAddress && a.hasArp === b.hasArp;
}
