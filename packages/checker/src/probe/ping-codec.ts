// ICMP echo messages (RFC 792, RFC 4443 section 4). An answer is known by the data that it brings
// back, since the kernel may choose the identifier. Never throws.
//
//   0  type   1  code   2  checksum   4  identifier   6  sequence number   8  data

const echo = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;
const headerBytes = 8;

/** The kernel fills in the checksum of ICMPv6. */
export function encodeEcho(family: 4 | 6, identifier: number, data: Uint8Array): Uint8Array {
  const message = new Uint8Array(headerBytes + data.length);
  const view = new DataView(message.buffer);
  view.setUint8(0, echo[family].request);
  view.setUint16(4, identifier);
  view.setUint16(6, 1);
  message.set(data, headerBytes);
  if (family === 4) view.setUint16(2, internetChecksum(message));
  return message;
}

/** Whether `datagram` answers the echo with `data`; a raw IPv4 socket gives the IP header too. */
export function isEchoReply(
  family: 4 | 6,
  hasIpHeader: boolean,
  datagram: Uint8Array,
  data: Uint8Array,
): boolean {
  const start = hasIpHeader ? ((datagram[0] ?? 0) & 0x0f) * 4 : 0;
  const message = datagram.subarray(start);
  if (message[0] !== echo[family].reply || message[1] !== 0) return false;
  if (message.length !== headerBytes + data.length) return false;
  return data.every((byte, at) => message[headerBytes + at] === byte);
}

/** RFC 1071, of a message of an even number of bytes. */
function internetChecksum(message: Uint8Array): number {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let sum = 0;
  for (let at = 0; at + 1 < message.length; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
