// Bytes from an AgentX master agent, as messages. What is malformed is told, never thrown: a stream
// whose lengths are not to be believed is lost, a body that makes no sense costs its request only.
// RFC 2741 section 6. Pure.

import { headerLength, networkByteOrderFlag, pduTypes, valueTypes } from "./agentx-encode.js";
import type { PduHeader, ReceivedPdu, SearchRange, SnmpValue, VarBind } from "./agentx-types.js";
import { type Oid, oidLengthMax } from "./oid.js";

/** No request that a manager can send, at most 64 KiB, becomes longer than this. */
export const payloadBytesMax: number = 256 * 1024;
const contextFlag = 0x08;
const internetPrefix = [1, 3, 6, 1];

export type Decoded =
  /** So many bytes are needed at least. */
  | { readonly kind: "incomplete"; readonly wantedBytes: number }
  /** The stream cannot be followed any further. */
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "pdu"; readonly length: number; readonly pdu: ReceivedPdu }
  /** To be refused, if it is a request. */
  | {
      readonly kind: "unusable";
      readonly length: number;
      readonly header: PduHeader;
      readonly why: "malformed" | "context" | "type";
    };

/** The first message of `bytes`. */
export function decodePdu(bytes: Buffer): Decoded {
  if (bytes.length < headerLength) {
    const version = bytes[0];
    if (version !== undefined && version !== 1) return lost(`version ${version}`);
    return { kind: "incomplete", wantedBytes: headerLength };
  }
  const [version = 0, type = 0, flags = 0] = bytes;
  if (version !== 1) return lost(`version ${version}`);
  const head = new Reader(bytes, 4, headerLength, (flags & networkByteOrderFlag) !== 0);
  const header = {
    sessionId: head.uint32(),
    transactionId: head.uint32(),
    packetId: head.uint32(),
  };
  const payload = head.uint32();
  if (payload > payloadBytesMax || payload % 4 !== 0) return lost(`a length of ${payload} bytes`);
  const length = headerLength + payload;
  if (bytes.length < length) return { kind: "incomplete", wantedBytes: length };
  const body = new Reader(bytes, headerLength, length, head.isBigEndian);
  if ((flags & contextFlag) !== 0) return { kind: "unusable", length, header, why: "context" };
  const pdu = readBody(type, header, body);
  if (pdu === undefined) return { kind: "unusable", length, header, why: "type" };
  // A response may carry what it repeats of the request.
  const isWhole = !body.isBad && (body.isAtEnd || pdu.type === "response");
  if (!isWhole) return { kind: "unusable", length, header, why: "malformed" };
  return { kind: "pdu", length, pdu };
}

function lost(reason: string): Decoded {
  return { kind: "lost", reason };
}

function readBody(type: number, header: PduHeader, body: Reader): ReceivedPdu | undefined {
  switch (type) {
    case pduTypes.get:
      return { type: "get", header, ranges: readRanges(body) };
    case pduTypes.getNext:
      return { type: "getNext", header, ranges: readRanges(body) };
    case pduTypes.getBulk: {
      const nonRepeaters = body.uint16();
      const maxRepetitions = body.uint16();
      return { type: "getBulk", header, nonRepeaters, maxRepetitions, ranges: readRanges(body) };
    }
    case pduTypes.testSet:
      return { type: "testSet", header, varbinds: readVarBinds(body) };
    case pduTypes.commitSet:
      return { type: "commitSet", header };
    case pduTypes.undoSet:
      return { type: "undoSet", header };
    case pduTypes.cleanupSet:
      return { type: "cleanupSet", header };
    case pduTypes.response:
      return { type: "response", header, sysUpTimeCs: body.uint32(), error: body.uint16() };
    case pduTypes.close:
      body.uint32();
      return { type: "close", header };
    default:
      return undefined;
  }
}

function readRanges(body: Reader): SearchRange[] {
  const ranges: SearchRange[] = [];
  while (!body.isAtEnd && !body.isBad) {
    const { oid: start, isIncluded } = body.oid();
    const { oid: end } = body.oid();
    ranges.push({ start, isIncluded, end });
  }
  return ranges;
}

function readVarBinds(body: Reader): VarBind[] {
  const varbinds: VarBind[] = [];
  while (!body.isAtEnd && !body.isBad) {
    const type = body.uint16();
    body.uint16();
    const { oid } = body.oid();
    varbinds.push({ oid, value: readValue(body, type) });
  }
  return varbinds;
}

function readValue(body: Reader, type: number): SnmpValue {
  switch (type) {
    case valueTypes.integer:
      return { type: "integer", value: body.uint32() | 0 };
    case valueTypes.gauge:
      return { type: "gauge", value: body.uint32() };
    case valueTypes.counter32:
      return { type: "counter32", value: body.uint32() };
    case valueTypes.timeTicks:
      return { type: "timeTicks", value: body.uint32() };
    case valueTypes.counter64:
      return { type: "counter64", value: body.uint64() };
    case valueTypes.octets:
      return { type: "octets", value: body.octets() };
    case valueTypes.ipAddress:
      return { type: "ipAddress", value: body.octets() };
    case valueTypes.oid:
      return { type: "oid", value: body.oid().oid };
    case valueTypes.opaque:
      body.octets();
      return { type: "opaque" };
    case valueTypes.null:
      return { type: "null" };
    default:
      body.isBad = true;
      return { type: "null" };
  }
}

/** Reads on and never beyond its end: what is missing reads as 0, and `isBad` says so. */
class Reader {
  readonly isBigEndian: boolean;
  isBad = false;
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, from: number, end: number, isBigEndian: boolean) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
    this.isBigEndian = isBigEndian;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  uint8(): number {
    return this.#take(1) ? (this.#bytes[this.#at - 1] ?? 0) : 0;
  }

  uint16(): number {
    if (!this.#take(2)) return 0;
    const at = this.#at - 2;
    return this.isBigEndian ? this.#bytes.readUInt16BE(at) : this.#bytes.readUInt16LE(at);
  }

  uint32(): number {
    if (!this.#take(4)) return 0;
    const at = this.#at - 4;
    return this.isBigEndian ? this.#bytes.readUInt32BE(at) : this.#bytes.readUInt32LE(at);
  }

  uint64(): bigint {
    const first = BigInt(this.uint32());
    const second = BigInt(this.uint32());
    return this.isBigEndian ? (first << 32n) | second : (second << 32n) | first;
  }

  octets(): Uint8Array {
    const length = this.uint32();
    const padded = Math.ceil(length / 4) * 4;
    if (!this.#take(padded)) return new Uint8Array(0);
    const from = this.#at - padded;
    return Uint8Array.from(this.#bytes.subarray(from, from + length));
  }

  oid(): { readonly oid: Oid; readonly isIncluded: boolean } {
    const count = this.uint8();
    const prefix = this.uint8();
    const isIncluded = this.uint8() !== 0;
    this.uint8();
    const oid: number[] = prefix === 0 ? [] : [...internetPrefix, prefix];
    if (oid.length + count > oidLengthMax) this.isBad = true;
    for (let i = 0; i < count && !this.isBad; i++) oid.push(this.uint32());
    return { oid, isIncluded };
  }

  #take(length: number): boolean {
    if (this.isBad || this.#at + length > this.#end) {
      this.isBad = true;
      return false;
    }
    this.#at += length;
    return true;
  }
}
