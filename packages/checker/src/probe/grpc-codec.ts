// The two messages of grpc.health.v1 (health.proto) in protobuf's wire format, in gRPC's frames.
// Reads what a hostile server may send; decides nothing about what it means.

/** A question has one field: the name of the service, "" for the server as a whole. */
export function healthRequest(service: string): Buffer {
  const name = Buffer.from(service, "utf8");
  const message =
    name.length === 0 ? name : Buffer.concat([Buffer.of(serviceTag), varint(name.length), name]);
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** ServingStatus of health.proto, by its numbers. */
export const servingStatuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"] as const;

/** The number of the status in a body that is one message; undefined = it is none. */
export function healthStatus(body: Buffer): number | undefined {
  if (body.length < frameHeadBytes) return undefined;
  // Compression is offered to nobody.
  if (body[0] !== 0 || body.readUInt32BE(1) !== body.length - frameHeadBytes) return undefined;
  return statusField(body.subarray(frameHeadBytes));
}

const frameHeadBytes = 5;
/** Field 1, length-delimited; field 1, a varint. */
const serviceTag = 0x0a;
const statusTag = 0x08;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** Unknown fields are passed over, and of a repeated one the last counts (protobuf's encoding). */
function statusField(message: Buffer): number | undefined {
  let status = 0;
  for (let at = 0; at < message.length; ) {
    const tag = readVarint(message, at);
    if (tag === undefined) return undefined;
    if (tag.value === statusTag) {
      const found = readVarint(message, tag.next);
      if (found === undefined) return undefined;
      status = found.value;
      at = found.next;
      continue;
    }
    const next = skip(message, tag.value & 7, tag.next);
    if (next === undefined || next > message.length) return undefined;
    at = next;
  }
  return status;
}

function skip(message: Buffer, wireType: number, at: number): number | undefined {
  switch (wireType) {
    case 0:
      return readVarint(message, at)?.next;
    case 1:
      return at + 8;
    case 2: {
      const length = readVarint(message, at);
      return length && length.next + length.value;
    }
    case 5:
      return at + 4;
    default:
      return undefined;
  }
}

const varintBytesMax = 10;

/** Numbers beyond 2^53 lose their last digits, which nobody looks at. */
function readVarint(
  message: Buffer,
  from: number,
): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  for (let i = 0; i < varintBytesMax; i++) {
    const byte = message[from + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: from + i + 1 };
  }
  return undefined;
}
