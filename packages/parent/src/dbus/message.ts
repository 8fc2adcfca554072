// D-Bus messages as bytes and back. D-Bus Specification, "Message Protocol". Pure.
//
//     byte: endianness (l or B), type, flags, version 1; uint32: length of the body, serial;
//     array of (byte, variant): header fields; zeros up to a multiple of eight; the body.

import { completeTypes, DbusReader, type DbusValue, DbusWriter, type Variant } from "./marshal.js";

const messageTypes = ["invalid", "call", "return", "error", "signal"] as const;
type MessageType = (typeof messageTypes)[number];

/** Numbers of the header fields, their names, their types. */
const fieldTable = [
  [1, "path", "o"],
  [2, "interface", "s"],
  [3, "member", "s"],
  [4, "errorName", "s"],
  [5, "replySerial", "u"],
  [6, "destination", "s"],
  [7, "sender", "s"],
  [8, "signature", "g"],
] as const;

export interface DbusMessage {
  readonly type: MessageType;
  readonly path?: string | undefined;
  readonly interface?: string | undefined;
  readonly member?: string | undefined;
  readonly errorName?: string | undefined;
  readonly replySerial?: number | undefined;
  readonly destination?: string | undefined;
  readonly sender?: string | undefined;
  readonly signature?: string | undefined;
  readonly body?: readonly DbusValue[] | undefined;
  /** The caller wants no answer. */
  readonly isOneWay?: boolean | undefined;
}

export interface ReceivedMessage extends DbusMessage {
  readonly serial: number;
}

const headerBytes = 16;
/** No call of ours has an argument beyond some hundred bytes; the specification allows 128 MiB. */
export const messageBytesMax: number = 64 * 1024;
const noReplyFlag = 1;
const protocolVersion = 1;

export function encodeMessage(message: DbusMessage, serial: number): Buffer {
  const body = new DbusWriter();
  const types = completeTypes(message.signature ?? "") ?? [];
  types.forEach((type, i) => {
    const value = message.body?.[i];
    if (value !== undefined) body.write(type, value);
  });
  const head = new DbusWriter();
  head.uint8("l".charCodeAt(0));
  head.uint8(messageTypes.indexOf(message.type));
  head.uint8(message.isOneWay === true ? noReplyFlag : 0);
  head.uint8(protocolVersion);
  head.uint32(body.bytes.length);
  head.uint32(serial);
  const fields = fieldTable.flatMap(([number, name, signature]): DbusValue[] => {
    const value = message[name];
    return value === undefined || value === "" ? [] : [[number, { signature, value }]];
  });
  head.write("a(yv)", fields);
  head.align(8);
  return Buffer.concat([head.bytes, body.bytes]);
}

export type DecodedMessage =
  | { readonly kind: "incomplete"; readonly wantedBytes: number }
  /** The stream cannot be followed any further. */
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "message"; readonly length: number; readonly message: ReceivedMessage };

/** The first message of `bytes`. */
export function decodeMessage(bytes: Buffer): DecodedMessage {
  if (bytes.length < headerBytes) return { kind: "incomplete", wantedBytes: headerBytes };
  const [order, type = 0, flags = 0, version] = bytes;
  const isBigEndian = order === "B".charCodeAt(0);
  if (!isBigEndian && order !== "l".charCodeAt(0)) return lost("a byte order that there is not");
  if (version !== protocolVersion) return lost(`protocol version ${version}`);
  const head = new DbusReader(bytes, 4, isBigEndian);
  const bodyLength = head.uint32();
  const serial = head.uint32();
  const fieldsLength = head.uint32();
  const bodyAt = Math.ceil((headerBytes + fieldsLength) / 8) * 8;
  const length = bodyAt + bodyLength;
  if (length > messageBytesMax) return lost(`a message of ${length} bytes`);
  if (bytes.length < length) return { kind: "incomplete", wantedBytes: length };
  const fields = new DbusReader(bytes.subarray(0, bodyAt), headerBytes - 4, isBigEndian);
  const named = readFields(fields.read("a(yv)"));
  const body = new DbusReader(bytes.subarray(0, length), bodyAt, isBigEndian);
  const types = completeTypes(named.signature ?? "");
  const values = (types ?? []).map((each) => body.read(each));
  if (fields.isBad || body.isBad || types === undefined) return lost("a malformed message");
  return {
    kind: "message",
    length,
    message: {
      ...named,
      type: messageTypes[type] ?? "invalid",
      isOneWay: (flags & noReplyFlag) !== 0,
      serial,
      body: values,
    },
  };
}

function lost(reason: string): DecodedMessage {
  return { kind: "lost", reason };
}

type Fields = Pick<DbusMessage, (typeof fieldTable)[number][1]>;

function readFields(read: DbusValue): Fields {
  const fields: Record<string, DbusValue> = {};
  for (const entry of Array.isArray(read) ? (read as [number, Variant][]) : []) {
    const [number, variant] = entry;
    const row = fieldTable.find(([each]) => each === number);
    if (row !== undefined && variant?.signature === row[2]) fields[row[1]] = variant.value;
  }
  return fields as Fields;
}
