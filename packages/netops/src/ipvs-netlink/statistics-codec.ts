// Statistics of services and destinations: nested attributes, in the 64-bit form if the kernel has
// it (Linux 4.1), else in the older one, whose counters are 32 bits wide but for the bytes. Pure.

import { type Attributes, isLittleEndian, readAttributes, viewOf } from "../netlink/message.js";
import {
  IPVS_STATS_ATTR_CONNS,
  IPVS_STATS_ATTR_CPS,
  IPVS_STATS_ATTR_INBPS,
  IPVS_STATS_ATTR_INBYTES,
  IPVS_STATS_ATTR_INPKTS,
  IPVS_STATS_ATTR_INPPS,
  IPVS_STATS_ATTR_OUTBPS,
  IPVS_STATS_ATTR_OUTBYTES,
  IPVS_STATS_ATTR_OUTPKTS,
  IPVS_STATS_ATTR_OUTPPS,
} from "./ip-vs.js";
import type { IpvsStatistics } from "./types.js";

/**
 * Absent or malformed counters read as 0: statistics must never hide the service they belong to.
 */
export function decodeStatistics(
  wide: Uint8Array | undefined,
  narrow: Uint8Array | undefined,
): IpvsStatistics {
  const attributes: Attributes = readAttributes(wide ?? narrow ?? new Uint8Array(0)) ?? new Map();
  const counter = (type: number): bigint => counterIn(attributes.get(type));
  return {
    connections: counter(IPVS_STATS_ATTR_CONNS),
    inboundPackets: counter(IPVS_STATS_ATTR_INPKTS),
    outboundPackets: counter(IPVS_STATS_ATTR_OUTPKTS),
    inboundBytes: counter(IPVS_STATS_ATTR_INBYTES),
    outboundBytes: counter(IPVS_STATS_ATTR_OUTBYTES),
    connectionRate: counter(IPVS_STATS_ATTR_CPS),
    inboundPacketRate: counter(IPVS_STATS_ATTR_INPPS),
    outboundPacketRate: counter(IPVS_STATS_ATTR_OUTPPS),
    inboundByteRate: counter(IPVS_STATS_ATTR_INBPS),
    outboundByteRate: counter(IPVS_STATS_ATTR_OUTBPS),
  };
}

function counterIn(value: Uint8Array | undefined): bigint {
  if (value?.length === 8) return viewOf(value).getBigUint64(0, isLittleEndian);
  if (value?.length === 4) return BigInt(viewOf(value).getUint32(0, isLittleEndian));
  return 0n;
}
