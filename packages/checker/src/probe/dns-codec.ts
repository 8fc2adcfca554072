// Just enough of the DNS to ask one question and to know an answer to it. Looks at the header of
// the answer only, as keepalived does. Never throws. Specification: RFC 1035 section 4.1.
//
//   0  id                          2  QR opcode AA TC RD  RA Z rcode
//   4  questions                   6  answers
//   8  authorities                10  additional records, then the question: name, type, class

import type { DnsType } from "@keepalived-ts/shared-config/schema/config";

const types: Readonly<Record<DnsType, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  RRSIG: 46,
  DNSKEY: 48,
};

const headerBytes = 12;
const recursionDesired = 0x0100;
const classInternet = 1;

/** `name` without a dot at its end; "." is the root. */
export function encodeQuestion(id: number, name: string, type: DnsType): Buffer {
  const labels = name === "." ? [] : name.split(".").map((label) => Buffer.from(label, "utf8"));
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(recursionDesired, 2);
  header.writeUInt16BE(1, 4);
  const tail = Buffer.alloc(5);
  tail.writeUInt16BE(types[type], 1);
  tail.writeUInt16BE(classInternet, 3);
  const parts = labels.flatMap((label) => [Buffer.of(label.length), label]);
  return Buffer.concat([header, ...parts, tail]);
}

/** The response code of an answer to the question `id`; undefined when it is none. */
export function answerCode(id: number, datagram: Uint8Array): number | undefined {
  if (datagram.length < headerBytes) return undefined;
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const flags = view.getUint16(2);
  const isAnswer = view.getUint16(0) === id && (flags & 0x8000) !== 0;
  return isAnswer ? flags & 0x000f : undefined;
}
