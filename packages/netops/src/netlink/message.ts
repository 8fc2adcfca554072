// Netlink messages and attributes as bytes, both ways (linux/netlink.h, man 7 netlink). All
// integers are in the machine's byte order. Reading trusts nothing: a length that does not fit ends
// the reading and is reported, it never throws. Knows no message type and no socket.
//
//    0               4       6       8               12              16
//    +---------------+-------+-------+---------------+---------------+--- - - -
//    |    length     | type  | flags |   sequence    |     port      | payload, padded to 4
//    +---------------+-------+-------+---------------+---------------+--- - - -
//    attribute:  | length (2) | type (2) | value, padded to 4 |     the length counts its 4 bytes

import { endianness } from "node:os";
import { assert } from "@keepalived-ts/shared-config/base/assert";
import { NLA_F_NESTED, NLA_TYPE_MASK } from "../constants/netlink.js";

export const isLittleEndian: boolean = endianness() === "LE";
const headerLength = 16;
const attributeHeaderLength = 4;
/** Both length fields of an attribute are 16 bits wide. */
const maxAttributeLength = 0xffff;

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** Of an answer the asker's; of a notification the port of whoever caused it, 0 = the kernel. */
  readonly port: number;
  readonly payload: Uint8Array;
}

export type Attributes = ReadonlyMap<number, Uint8Array>;

export function alignToFour(length: number): number {
  return (length + 3) & ~3;
}

/** Calls `visit` for each message in `data`; false when the last one was cut short or malformed. */
export function readMessages(data: Uint8Array, visit: (message: NetlinkMessage) => void): boolean {
  const view = viewOf(data);
  let offset = 0;
  while (offset + headerLength <= data.length) {
    const length = view.getUint32(offset, isLittleEndian);
    if (length < headerLength || length > data.length - offset) return false;
    visit({
      type: view.getUint16(offset + 4, isLittleEndian),
      flags: view.getUint16(offset + 6, isLittleEndian),
      sequence: view.getUint32(offset + 8, isLittleEndian),
      port: view.getUint32(offset + 12, isLittleEndian),
      payload: data.subarray(offset + headerLength, offset + length),
    });
    offset += alignToFour(length);
  }
  return offset >= data.length;
}

/**
 * The attributes in `data` by type, or undefined when a length does not fit. The last of a type
 * counts.
 */
export function readAttributes(data: Uint8Array, start: number = 0): Attributes | undefined {
  const attributes = new Map<number, Uint8Array>();
  const view = viewOf(data);
  let offset = start;
  while (offset + attributeHeaderLength <= data.length) {
    const length = view.getUint16(offset, isLittleEndian);
    if (length < attributeHeaderLength || length > data.length - offset) return undefined;
    const type = view.getUint16(offset + 2, isLittleEndian) & NLA_TYPE_MASK;
    attributes.set(type, data.subarray(offset + attributeHeaderLength, offset + length));
    offset += alignToFour(length);
  }
  return attributes;
}

/**
 * The unsigned number of 1, 2 or 4 bytes in an attribute, or undefined if it is absent or has
 * another size.
 */
export function numberIn(value: Uint8Array | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (value.length === 1) return value[0];
  if (value.length === 2) return viewOf(value).getUint16(0, isLittleEndian);
  if (value.length === 4) return viewOf(value).getUint32(0, isLittleEndian);
  return undefined;
}

/** The signed 32-bit number in an attribute, or undefined. */
export function signedIn(value: Uint8Array | undefined): number | undefined {
  return value?.length === 4 ? viewOf(value).getInt32(0, isLittleEndian) : undefined;
}

/** The text of an attribute up to its first NUL, or undefined if it is absent. */
export function textIn(value: Uint8Array | undefined): string | undefined {
  if (value === undefined) return undefined;
  const end = value.indexOf(0);
  const length = end < 0 ? value.length : end;
  return Buffer.from(value.buffer, value.byteOffset, length).toString("latin1");
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Writes any number of messages one behind the other, as one system call may carry them. */
export class MessageWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #end = 0;
  #messageStart = 0;

  constructor(capacity: number = 1024) {
    this.#bytes = Buffer.allocUnsafe(capacity);
    this.#view = viewOf(this.#bytes);
  }

  startMessage(type: number, flags: number, sequence: number): void {
    this.#messageStart = this.#end;
    this.#reserve(headerLength);
    const at = this.#messageStart;
    this.#view.setUint16(at + 4, type, isLittleEndian);
    this.#view.setUint16(at + 6, flags, isLittleEndian);
    this.#view.setUint32(at + 8, sequence, isLittleEndian);
    // Port 0: the kernel puts in the socket's own.
    this.#view.setUint32(at + 12, 0, isLittleEndian);
  }

  /** A whole message that was encoded before, with another sequence and these flags more. */
  copyMessage(message: Uint8Array, flags: number, sequence: number): void {
    const at = this.#reserve(alignToFour(message.length));
    this.#bytes.set(message, at);
    this.#view.setUint32(at + 8, sequence, isLittleEndian);
    if (flags === 0) return;
    const former = this.#view.getUint16(at + 6, isLittleEndian);
    this.#view.setUint16(at + 6, former | flags, isLittleEndian);
  }

  endMessage(): void {
    this.#view.setUint32(this.#messageStart, this.#end - this.#messageStart, isLittleEndian);
    this.#pad();
  }

  u8(value: number): void {
    // The view is another one after growing.
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value, isLittleEndian);
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, isLittleEndian);
  }

  attribute(type: number, value: Uint8Array): void {
    const length = attributeHeaderLength + value.length;
    assert(length <= maxAttributeLength, "a netlink attribute fits its 16-bit length");
    this.u16(length);
    this.u16(type);
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
    this.#pad();
  }

  attributeU8(type: number, value: number): void {
    this.u16(attributeHeaderLength + 1);
    this.u16(type);
    this.u8(value);
    this.#pad();
  }

  attributeU16(type: number, value: number): void {
    this.u16(attributeHeaderLength + 2);
    this.u16(type);
    this.u16(value);
    this.#pad();
  }

  attributeU32(type: number, value: number): void {
    this.u16(attributeHeaderLength + 4);
    this.u16(type);
    this.u32(value);
  }

  /** A text with the NUL at its end that the kernel wants. */
  attributeText(type: number, text: string): void {
    this.attribute(type, Buffer.from(`${text}\0`, "latin1"));
  }

  /** Attributes inside an attribute: `write` writes them. */
  nested(type: number, write: () => void): void {
    const start = this.#end;
    this.u16(0);
    this.u16(type | NLA_F_NESTED);
    write();
    const length = this.#end - start;
    assert(length <= maxAttributeLength, "a nested netlink attribute fits its 16-bit length");
    this.#view.setUint16(start, length, isLittleEndian);
  }

  /** Everything written so far; a view, so write nothing more after it. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }

  #pad(): void {
    while (this.#end % 4 !== 0) this.u8(0);
  }

  #reserve(length: number): number {
    const at = this.#end;
    this.#end = at + length;
    if (this.#end > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#end, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = viewOf(grown);
    }
    return at;
  }
}
