// Decodes the frames that the tests look for: VRRP adverts, gratuitous ARP and neighbour
// advertisements. Written apart from the codecs under test on purpose, and trusting: it reads
// captures of our own laboratory.

import { isIPv6 } from "node:net";

import type { CapturedFrame } from "./capture.js";

const ETHERNET_BYTES = 14;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERTYPE_ARP = 0x0806;
const PROTOCOL_VRRP = 112;
const PROTOCOL_AH = 51;
const PROTOCOL_ICMPV6 = 58;
const AH_BYTES = 24;
const IPV6_BYTES = 40;
const NEIGHBOUR_ADVERTISEMENT = 136;

/** A VRRP advert (RFC 3768 section 5.1, RFC 9568 section 5.1). */
export interface AdvertFrame {
  readonly atUs: number;
  readonly hardwareAddress: string;
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  readonly version: number;
  readonly virtualRouterId: number;
  readonly priority: number;
  readonly addressCount: number;
  readonly advertIntervalUs: number;
  /** There is an authentication header in front of it (RFC 2402). */
  readonly hasAuthenticationHeader: boolean;
}

/** Unsolicited, to all nodes (RFC 4861 section 7.2.6). */
export interface NeighbourAdvertisementFrame {
  readonly atUs: number;
  readonly hardwareAddress: string;
  readonly address: string;
}

/** A gratuitous ARP: sender and target protocol address are the same (RFC 5227 section 3). */
export interface GratuitousArpFrame {
  readonly atUs: number;
  readonly hardwareAddress: string;
  readonly address: string;
}

function etherType(frame: CapturedFrame): number {
  return frame.bytes.length < ETHERNET_BYTES ? -1 : frame.bytes.readUInt16BE(12);
}

function macText(bytes: Buffer): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function ipText(bytes: Buffer): string {
  return bytes.join(".");
}

/** The shortest text, by the URL parser of Node. */
function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  const text = new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
  return isIPv6(text) ? text : "?";
}

type IpFields = Pick<AdvertFrame, "source" | "destination" | "ttl" | "hasAuthenticationHeader"> & {
  readonly vrrp: Buffer;
};

function ipv4Of(ip: Buffer): IpFields | null {
  const protocol = ip.readUInt8(9);
  if (protocol !== PROTOCOL_VRRP && protocol !== PROTOCOL_AH) return null;
  const hasAuthenticationHeader = protocol === PROTOCOL_AH;
  const headerBytes = (ip.readUInt8(0) & 0x0f) * 4;
  return {
    source: ipText(ip.subarray(12, 16)),
    destination: ipText(ip.subarray(16, 20)),
    ttl: ip.readUInt8(8),
    hasAuthenticationHeader,
    vrrp: ip.subarray(headerBytes + (hasAuthenticationHeader ? AH_BYTES : 0)),
  };
}

function ipv6Of(ip: Buffer): IpFields | null {
  if (ip.readUInt8(6) !== PROTOCOL_VRRP) return null;
  return {
    source: ipv6Text(ip.subarray(8, 24)),
    destination: ipv6Text(ip.subarray(24, IPV6_BYTES)),
    ttl: ip.readUInt8(7),
    hasAuthenticationHeader: false,
    vrrp: ip.subarray(IPV6_BYTES),
  };
}

function ipOf(frame: CapturedFrame): IpFields | null {
  const ip = frame.bytes.subarray(ETHERNET_BYTES);
  if (etherType(frame) === ETHERTYPE_IPV4) return ipv4Of(ip);
  return etherType(frame) === ETHERTYPE_IPV6 ? ipv6Of(ip) : null;
}

function advertOf(frame: CapturedFrame): AdvertFrame | null {
  const ip = ipOf(frame);
  if (ip === null) return null;
  const { vrrp, ...fields } = ip;
  const version = vrrp.readUInt8(0) >> 4;
  const isVersion3 = version === 3;
  return {
    atUs: frame.atUs,
    hardwareAddress: macText(frame.bytes.subarray(6, 12)),
    ...fields,
    version,
    virtualRouterId: vrrp.readUInt8(1),
    priority: vrrp.readUInt8(2),
    addressCount: vrrp.readUInt8(3),
    advertIntervalUs: isVersion3 ? (vrrp.readUInt16BE(4) & 0xfff) * 1e4 : vrrp.readUInt8(5) * 1e6,
  };
}

function neighbourAdvertisementOf(frame: CapturedFrame): NeighbourAdvertisementFrame | null {
  if (etherType(frame) !== ETHERTYPE_IPV6) return null;
  const ip = frame.bytes.subarray(ETHERNET_BYTES);
  const icmp = ip.subarray(IPV6_BYTES);
  if (ip.readUInt8(6) !== PROTOCOL_ICMPV6 || icmp.readUInt8(0) !== NEIGHBOUR_ADVERTISEMENT) {
    return null;
  }
  if (ipv6Text(ip.subarray(24, IPV6_BYTES)) !== "ff02::1") return null;
  const hardwareAddress = macText(icmp.subarray(26, 32));
  return { atUs: frame.atUs, hardwareAddress, address: ipv6Text(icmp.subarray(8, 24)) };
}

function gratuitousArpOf(frame: CapturedFrame): GratuitousArpFrame | null {
  if (etherType(frame) !== ETHERTYPE_ARP) return null;
  const arp = frame.bytes.subarray(ETHERNET_BYTES);
  const sender = arp.subarray(14, 18);
  if (!sender.equals(arp.subarray(24, 28))) return null;
  const hardwareAddress = macText(arp.subarray(8, 14));
  return { atUs: frame.atUs, hardwareAddress, address: ipText(sender) };
}

export function adverts(frames: readonly CapturedFrame[]): readonly AdvertFrame[] {
  return frames.map(advertOf).filter((advert) => advert !== null);
}

export function gratuitousArps(frames: readonly CapturedFrame[]): readonly GratuitousArpFrame[] {
  return frames.map(gratuitousArpOf).filter((arp) => arp !== null);
}

export function neighbourAdvertisements(
  frames: readonly CapturedFrame[],
): readonly NeighbourAdvertisementFrame[] {
  return frames.map(neighbourAdvertisementOf).filter((advertisement) => advertisement !== null);
}
