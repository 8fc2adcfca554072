// Netlink attributes as text, for tests that compare messages of different writers: the order of
// attributes is free, and so are the flags in their types.

import { alignToFour, isLittleEndian, readAttributes, viewOf } from "../netlink/message.js";

/** Which attributes hold attributes, and which hold struct rtnexthop. */
export interface Nesting {
  readonly attributes: readonly number[];
  readonly nextHops: readonly number[];
}

const flat: Nesting = { attributes: [], nextHops: [] };
const nextHopHeader = 8;

/** The header as it is, the attributes behind it sorted. */
export function messageText(
  payload: Uint8Array,
  headerLength: number,
  nesting: Nesting = flat,
): string[] {
  return [hex(payload.subarray(0, headerLength)), ...texts(payload, headerLength, nesting)];
}

function texts(data: Uint8Array, start: number, nesting: Nesting): string[] {
  const attributes = readAttributes(data, start) ?? new Map<number, Uint8Array>();
  return [...attributes]
    .map(([type, value]) => {
      if (nesting.attributes.includes(type)) return `${type} [${texts(value, 0, flat).join(", ")}]`;
      if (nesting.nextHops.includes(type)) return `${type} ${nextHopTexts(value, nesting)}`;
      return `${type} ${hex(value)}`;
    })
    .sort();
}

function nextHopTexts(value: Uint8Array, nesting: Nesting): string {
  const found: string[] = [];
  let offset = 0;
  while (offset + nextHopHeader <= value.length) {
    const length = Math.max(nextHopHeader, viewOf(value).getUint16(offset, isLittleEndian));
    const hop = value.subarray(offset, offset + length);
    found.push(`{${messageText(hop, nextHopHeader, nesting).join(", ")}}`);
    offset += alignToFour(length);
  }
  return found.join(" ");
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
