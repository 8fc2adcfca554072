// SNMP values out of ours: the types and textual conventions that MIBs use (RFC 2579, RFC 4001).
// Pure.

import { parseIp } from "@keepalived-ts/shared-config/base/ip";
import type { ScriptConfig } from "@keepalived-ts/shared-config/schema/config";
import type { SnmpValue } from "./agentx-types.js";

/** DisplayString and the like: what is longer, no manager takes. */
const textBytesMax = 1024;

export function integer(value: number): SnmpValue {
  return { type: "integer", value };
}

export function gauge(value: number): SnmpValue {
  return { type: "gauge", value };
}

export function counter32(value: number | bigint): SnmpValue {
  return { type: "counter32", value: Number(BigInt.asUintN(32, BigInt(value))) };
}

export function counter64(value: number | bigint): SnmpValue {
  return { type: "counter64", value: BigInt(value) };
}

export function ticks(hundredths: number): SnmpValue {
  return { type: "timeTicks", value: Math.max(0, Math.trunc(hundredths)) };
}

export function text(value: string): SnmpValue {
  return { type: "octets", value: Buffer.from(value).subarray(0, textBytesMax) };
}

/** TruthValue. */
export function truth(value: boolean): SnmpValue {
  return integer(value ? 1 : 2);
}

/** enabled(1), disabled(2) and all that is built like it. */
export const oneOrTwo: (value: boolean) => SnmpValue = truth;

/** The value of `shown`, or no such object. */
export function ifThere<T>(
  value: T | undefined | null,
  shown: (value: T) => SnmpValue,
): SnmpValue | undefined {
  return value === undefined || value === null ? undefined : shown(value);
}

/** InetAddress. */
export function address(value: string): SnmpValue {
  return { type: "octets", value: parseIp(value) ?? new Uint8Array(0) };
}

/** InetAddressType: ipv4(1), ipv6(2). */
export function addressType(value: string): SnmpValue {
  return integer(value.includes(":") ? 2 : 1);
}

export function familyType(family: 4 | 6): SnmpValue {
  return integer(family === 4 ? 1 : 2);
}

/** IpAddress, of IPv4 only. */
export function ipAddress(value: string | null): SnmpValue {
  const bytes = value === null ? undefined : parseIp(value);
  return { type: "ipAddress", value: bytes?.length === 4 ? bytes : new Uint8Array(4) };
}

/** "aa:bb:cc:dd:ee:ff". */
export function macAddress(value: string): SnmpValue {
  return { type: "octets", value: Buffer.from(value.replaceAll(":", ""), "hex") };
}

/** As keepalived shows commands: every word in single quotes. */
export function command({ argv, path }: ScriptConfig): SnmpValue {
  const words = path === undefined ? argv : [path, ...argv.slice(1)];
  return text(words.map((word) => `'${word}'`).join(" "));
}

/** InetScopeType of an RT_SCOPE_* of linux/rtnetlink.h. */
export function scope(value: number): SnmpValue {
  switch (value) {
    case 0:
      return integer(14);
    case 200:
      return integer(5);
    case 253:
      return integer(2);
    case 254:
      return integer(1);
    default:
      return integer(0);
  }
}

/** The place of `value` in `list`, from 1; 0 where it is not. */
export function enumerated<T>(list: readonly T[], value: T): SnmpValue {
  return integer(list.indexOf(value) + 1);
}
