// Decodes the frames that the tests look for: VRRP adverts and gratuitous ARP. Written apart from
// the codecs under test on purpose, and trusting: it reads captures of our own laboratory.

import type { CapturedFrame } from "./capture.js";

const ETHERNET_BYTES = 14;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_ARP = 0x0806;
const PROTOCOL_VRRP = 112;

/** A VRRP advert for IPv4 (RFC 3768 section 5.1, RFC 9568 section 5.1). */
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

function advertOf(frame: CapturedFrame): AdvertFrame | null {
  const ip = frame.bytes.subarray(ETHERNET_BYTES);
  if (etherType(frame) !== ETHERTYPE_IPV4 || ip.readUInt8(9) !== PROTOCOL_VRRP) return null;
  const vrrp = ip.subarray((ip.readUInt8(0) & 0x0f) * 4);
  const version = vrrp.readUInt8(0) >> 4;
  const isVersion3 = version === 3;
  return {
    atUs: frame.atUs,
    hardwareAddress: macText(frame.bytes.subarray(6, 12)),
    source: ipText(ip.subarray(12, 16)),
    destination: ipText(ip.subarray(16, 20)),
    ttl: ip.readUInt8(8),
    version,
    virtualRouterId: vrrp.readUInt8(1),
    priority: vrrp.readUInt8(2),
    addressCount: vrrp.readUInt8(3),
    advertIntervalUs: isVersion3 ? (vrrp.readUInt16BE(4) & 0xfff) * 1e4 : vrrp.readUInt8(5) * 1e6,
  };
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
