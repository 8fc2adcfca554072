// AgentX messages of ours as bytes, in network byte order. RFC 2741 section 6. Pure.
//
//     0           1           2           3
//    +-----------+-----------+-----------+-----------+
//    | version 1 | type      | flags     | 0         |
//    +-----------+-----------+-----------+-----------+
//    | session id, transaction id, packet id,        |
//    | length of what follows: four bytes each       |
//    +-----------------------------------------------+
//
// An object identifier: count of numbers, prefix (1.3.6.1.prefix stands before them unless it is
// 0), include, 0; then four bytes a number. An octet string: length in four bytes, the bytes,
// zeros up to a multiple of four.

import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import type { PduHeader, SentPdu, SnmpException, SnmpValue, VarBind } from "./agentx-types.js";
import type { Oid } from "./oid.js";

export const pduTypes = {
  open: 1,
  close: 2,
  register: 3,
  unregister: 4,
  get: 5,
  getNext: 6,
  getBulk: 7,
  testSet: 8,
  commitSet: 9,
  undoSet: 10,
  cleanupSet: 11,
  notify: 12,
  ping: 13,
  response: 18,
} as const;

/** RFC 2741 section 5.4. */
export const valueTypes = {
  integer: 2,
  octets: 4,
  null: 5,
  oid: 6,
  ipAddress: 64,
  counter32: 65,
  gauge: 66,
  timeTicks: 67,
  opaque: 68,
  counter64: 70,
  noSuchObject: 128,
  noSuchInstance: 129,
  endOfMibView: 130,
} as const;

export const networkByteOrderFlag = 0x10;
export const headerLength = 20;
const agentxVersion = 1;
const reasonShutdown = 5;
const defaultPriority = 127;
const internetPrefix = [1, 3, 6, 1];

export function encodePdu(header: PduHeader, pdu: SentPdu): Buffer {
  const parts: Buffer[] = [];
  encodeBody(parts, pdu);
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(headerLength);
  head[0] = agentxVersion;
  head[1] = pduTypes[pdu.type];
  head[2] = networkByteOrderFlag;
  head.writeUInt32BE(header.sessionId, 4);
  head.writeUInt32BE(header.transactionId, 8);
  head.writeUInt32BE(header.packetId, 12);
  head.writeUInt32BE(body.length, 16);
  return Buffer.concat([head, body]);
}

function encodeBody(parts: Buffer[], pdu: SentPdu): void {
  switch (pdu.type) {
    case "open":
      parts.push(Buffer.from([pdu.timeoutS, 0, 0, 0]), encodeOid([]));
      parts.push(encodeOctets(Buffer.from(pdu.description)));
      return;
    case "close":
      parts.push(Buffer.from([reasonShutdown, 0, 0, 0]));
      return;
    case "register":
    case "unregister":
      parts.push(Buffer.from([0, defaultPriority, 0, 0]), encodeOid(pdu.subtree));
      return;
    case "ping":
      return;
    case "notify":
      for (const varbind of pdu.varbinds) encodeVarBind(parts, varbind);
      return;
    case "response": {
      const head = Buffer.alloc(8);
      head.writeUInt16BE(pdu.error, 4);
      head.writeUInt16BE(pdu.index, 6);
      parts.push(head);
      for (const varbind of pdu.varbinds) encodeVarBind(parts, varbind);
      return;
    }
    default:
      unreachable(pdu);
  }
}

function encodeOid(oid: Oid): Buffer {
  const isInternet = internetPrefix.every((number, i) => oid[i] === number);
  const prefix = isInternet ? (oid[internetPrefix.length] ?? 0) : 0;
  const isShort = prefix >= 1 && prefix <= 255;
  const numbers = isShort ? oid.slice(internetPrefix.length + 1) : oid;
  const bytes = Buffer.alloc(4 + 4 * numbers.length);
  bytes[0] = numbers.length;
  bytes[1] = isShort ? prefix : 0;
  numbers.forEach((number, i) => {
    bytes.writeUInt32BE(number, 4 + 4 * i);
  });
  return bytes;
}

function encodeOctets(octets: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(octets.length / 4) * 4);
  bytes.writeUInt32BE(octets.length, 0);
  bytes.set(octets, 4);
  return bytes;
}

function encodeVarBind(parts: Buffer[], { oid, value }: VarBind): void {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(valueTypes[value.type], 0);
  parts.push(head, encodeOid(oid), encodeValue(value));
}

function encodeValue(value: SnmpValue | { readonly type: SnmpException }): Buffer {
  const bytes = Buffer.alloc(4);
  switch (value.type) {
    case "integer":
      bytes.writeInt32BE(value.value | 0, 0);
      return bytes;
    case "gauge":
      bytes.writeUInt32BE(Math.min(Math.max(Math.trunc(value.value), 0), 0xffff_ffff), 0);
      return bytes;
    case "counter32":
    case "timeTicks":
      bytes.writeUInt32BE(value.value % 2 ** 32, 0);
      return bytes;
    case "counter64": {
      const long = Buffer.alloc(8);
      long.writeBigUInt64BE(BigInt.asUintN(64, value.value), 0);
      return long;
    }
    case "octets":
    case "ipAddress":
      return encodeOctets(value.value);
    case "oid":
      return encodeOid(value.value);
    default:
      return Buffer.alloc(0);
  }
}
