// IP addresses and prefixes as rtnetlink carries them: in the fields of a header and in attributes
// of 4 or 16 bytes. Pure; what comes from the kernel is checked, what goes to it is asserted.

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { formatIp, parseIp } from "@keepalived-ts/shared-config/base/ip";
import { AF_INET, AF_INET6 } from "../constants/socket.js";
import type { Attributes } from "./message.js";

/** A network: every address whose first `prefixLength` bits agree. */
export interface IpPrefix {
  readonly address: string;
  readonly prefixLength: number;
}

export function familyNumber(family: 4 | 6): number {
  return family === 4 ? AF_INET : AF_INET6;
}

/** null = a family that is not IP. */
export function familyOf(number: number | undefined): 4 | 6 | null {
  if (number === AF_INET) return 4;
  return number === AF_INET6 ? 6 : null;
}

/** The bytes of an address that has been checked before. */
export function addressBytes(address: string): Uint8Array {
  const bytes = parseIp(address);
  assert(bytes !== undefined, "a netlink request carries an IP address");
  return bytes;
}

/** The address of this family in an attribute, null if there is none. */
export function ipIn(attributes: Attributes, type: number, family: 4 | 6): string | null {
  const bytes = attributes.get(type);
  if (bytes === undefined || bytes.length !== (family === 4 ? 4 : 16)) return null;
  return formatIp(bytes);
}

/**
 * The prefix of a length from the header and an address from an attribute, which the kernel leaves
 * out if it is all zero; undefined = malformed.
 */
export function prefixIn(
  attributes: Attributes,
  type: number,
  family: 4 | 6,
  prefixLength: number,
): IpPrefix | undefined {
  if (prefixLength > (family === 4 ? 32 : 128)) return undefined;
  if (!attributes.has(type)) {
    return prefixLength === 0
      ? { address: family === 4 ? "0.0.0.0" : "::", prefixLength }
      : undefined;
  }
  const address = ipIn(attributes, type, family);
  return address === null ? undefined : { address, prefixLength };
}

/** The same prefix with the bits behind it zero, as the kernel keeps routes. */
export function maskPrefix({ address, prefixLength }: IpPrefix): IpPrefix {
  const bytes = Uint8Array.from(addressBytes(address), (byte, i) => {
    const bits = Math.min(8, Math.max(0, prefixLength - 8 * i));
    return byte & (0xff00 >> bits);
  });
  return { address: formatIp(bytes), prefixLength };
}
