// Lightweight tunnels of a route or next hop: RTA_ENCAP_TYPE and RTA_ENCAP both ways
// (linux/lwtunnel.h, mpls_iptunnel.h, ila.h; the kernel's side is net/ipv4/ip_tunnel_core.c,
// net/mpls/mpls_iptunnel.c, net/ipv6/ila/ila_lwt.c). Pure.

import { assert } from "@keepalived-ts/shared-config/base/assert";
import {
  ILA_ATTR_LOCATOR,
  LWTUNNEL_ENCAP_ILA,
  LWTUNNEL_ENCAP_IP,
  LWTUNNEL_ENCAP_IP6,
  LWTUNNEL_ENCAP_MPLS,
  LWTUNNEL_IP_DST,
  LWTUNNEL_IP_FLAGS,
  LWTUNNEL_IP_ID,
  LWTUNNEL_IP_SRC,
  LWTUNNEL_IP_TOS,
  LWTUNNEL_IP_TTL,
  LWTUNNEL_IP6_DST,
  LWTUNNEL_IP6_FLAGS,
  LWTUNNEL_IP6_HOPLIMIT,
  LWTUNNEL_IP6_ID,
  LWTUNNEL_IP6_SRC,
  LWTUNNEL_IP6_TC,
  MPLS_IPTUNNEL_DST,
  RTA_ENCAP,
  RTA_ENCAP_TYPE,
} from "../constants/routing.js";
import { addressBytes, ipIn } from "./ip-attributes.js";
import {
  type Attributes,
  type MessageWriter,
  numberIn,
  readAttributes,
  viewOf,
} from "./message.js";
import type { Encapsulation, IpEncapsulation } from "./route-request.js";

/** What the kernel tells of: one that we can ask for, or another by its LWTUNNEL_ENCAP_*. */
export type KernelEncapsulation = Encapsulation | { readonly kind: "other"; readonly type: number };

const idLength = 8;
const labelLength = 4;
const bottomOfStack = 0x100;
const maxLabel = 0xf_ffff;

const ipTypes = {
  id: LWTUNNEL_IP_ID,
  destination: LWTUNNEL_IP_DST,
  source: LWTUNNEL_IP_SRC,
  hopLimit: LWTUNNEL_IP_TTL,
  trafficClass: LWTUNNEL_IP_TOS,
  flags: LWTUNNEL_IP_FLAGS,
} as const;

const ip6Types = {
  id: LWTUNNEL_IP6_ID,
  destination: LWTUNNEL_IP6_DST,
  source: LWTUNNEL_IP6_SRC,
  hopLimit: LWTUNNEL_IP6_HOPLIMIT,
  trafficClass: LWTUNNEL_IP6_TC,
  flags: LWTUNNEL_IP6_FLAGS,
} as const;

export function encodeEncapsulation(writer: MessageWriter, encapsulation: Encapsulation): void {
  writer.attributeU16(RTA_ENCAP_TYPE, typeOf(encapsulation));
  writer.nested(RTA_ENCAP, () => {
    if (encapsulation.kind === "mpls") {
      writer.attribute(MPLS_IPTUNNEL_DST, labelBytes(encapsulation.labels));
    } else if (encapsulation.kind === "ila") {
      writer.attribute(ILA_ATTR_LOCATOR, locatorBytes(encapsulation.locator));
    } else encodeIp(writer, encapsulation);
  });
}

/** null = there is none; undefined = malformed. */
export function decodeEncapsulation(
  attributes: Attributes,
): KernelEncapsulation | null | undefined {
  const type = numberIn(attributes.get(RTA_ENCAP_TYPE)) ?? 0;
  const value = attributes.get(RTA_ENCAP);
  if (type === 0 || value === undefined) return null;
  const inner = readAttributes(value);
  if (inner === undefined) return undefined;
  switch (type) {
    case LWTUNNEL_ENCAP_MPLS:
      return decodeMpls(inner);
    case LWTUNNEL_ENCAP_ILA:
      return decodeIla(inner);
    case LWTUNNEL_ENCAP_IP:
      return decodeIp(inner, "ip");
    case LWTUNNEL_ENCAP_IP6:
      return decodeIp(inner, "ip6");
    default:
      return { kind: "other", type };
  }
}

function typeOf({ kind }: Encapsulation): number {
  if (kind === "mpls") return LWTUNNEL_ENCAP_MPLS;
  if (kind === "ila") return LWTUNNEL_ENCAP_ILA;
  return kind === "ip" ? LWTUNNEL_ENCAP_IP : LWTUNNEL_ENCAP_IP6;
}

function encodeIp(writer: MessageWriter, encapsulation: IpEncapsulation): void {
  const types = encapsulation.kind === "ip" ? ipTypes : ip6Types;
  const { id, destination, source, hopLimit, trafficClass, flags } = encapsulation;
  if (id !== undefined) writer.attribute(types.id, bigEndian64(id));
  if (destination !== undefined) writer.attribute(types.destination, addressBytes(destination));
  if (source !== undefined) writer.attribute(types.source, addressBytes(source));
  if (trafficClass !== undefined) writer.attributeU8(types.trafficClass, trafficClass);
  if (hopLimit !== undefined) writer.attributeU8(types.hopLimit, hopLimit);
  if (flags !== undefined) writer.attributeU16(types.flags, flags);
}

function decodeIp(inner: Attributes, kind: "ip" | "ip6"): IpEncapsulation {
  const types = kind === "ip" ? ipTypes : ip6Types;
  const family = kind === "ip" ? 4 : 6;
  return {
    kind,
    id: decimal64(inner.get(types.id)),
    destination: ipIn(inner, types.destination, family) ?? undefined,
    source: ipIn(inner, types.source, family) ?? undefined,
    trafficClass: numberIn(inner.get(types.trafficClass)),
    hopLimit: numberIn(inner.get(types.hopLimit)),
    flags: numberIn(inner.get(types.flags)),
  };
}

/** Entries of a label stack (RFC 3032 section 2.1), traffic class and TTL zero. */
function labelBytes(labels: readonly number[]): Uint8Array {
  assert(labels.length > 0, "an MPLS encapsulation has a label");
  const bytes = new Uint8Array(labelLength * labels.length);
  const view = viewOf(bytes);
  labels.forEach((label, i) => {
    assert(label >= 0 && label <= maxLabel, "an MPLS label has 20 bits");
    const bottom = i === labels.length - 1 ? bottomOfStack : 0;
    view.setUint32(labelLength * i, label * 0x1000 + bottom);
  });
  return bytes;
}

function decodeMpls(inner: Attributes): Encapsulation | undefined {
  const bytes = inner.get(MPLS_IPTUNNEL_DST);
  if (bytes === undefined || bytes.length === 0 || bytes.length % labelLength !== 0) {
    return undefined;
  }
  const view = viewOf(bytes);
  const count = bytes.length / labelLength;
  const labels = Array.from({ length: count }, (_, i) => view.getUint32(labelLength * i) >>> 12);
  return { kind: "mpls", labels };
}

function locatorBytes(locator: string): Uint8Array {
  const groups = locator.split(":").map((group) => Number.parseInt(group, 16));
  assert(
    groups.length === 4 && groups.every((group) => group >= 0 && group <= 0xffff),
    "an ILA locator has four groups of 16 bits",
  );
  const bytes = new Uint8Array(idLength);
  const view = viewOf(bytes);
  groups.forEach((group, i) => {
    view.setUint16(2 * i, group);
  });
  return bytes;
}

function decodeIla(inner: Attributes): Encapsulation | undefined {
  const bytes = inner.get(ILA_ATTR_LOCATOR);
  if (bytes?.length !== idLength) return undefined;
  const view = viewOf(bytes);
  const groups = [0, 2, 4, 6].map((at) => view.getUint16(at).toString(16));
  return { kind: "ila", locator: groups.join(":") };
}

/** A number of 64 bits in network order, as tunnels are numbered. */
export function bigEndian64(digits: string): Uint8Array {
  const bytes = new Uint8Array(idLength);
  const value = BigInt(digits);
  assert(BigInt.asUintN(64, value) === value, "a tunnel's number has 64 bits");
  viewOf(bytes).setBigUint64(0, value);
  return bytes;
}

export function decimal64(bytes: Uint8Array | undefined): string | undefined {
  return bytes?.length === idLength ? viewOf(bytes).getBigUint64(0).toString() : undefined;
}
