// For tests only: frames of HTTP/2 (RFC 9113 section 4.1), to be a server that does what it likes.

export const frameTypes = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  continuation: 9,
} as const;

export const endStream = 1;
export const endHeaders = 4;

/** HPACK's index of ":status: 200" (RFC 7541 appendix A). */
export const status200: Buffer = Buffer.of(0x88);

export function frame(
  type: keyof typeof frameTypes,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = frameTypes[type];
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A field that is in no table: literal without indexing (RFC 7541 section 6.2.2). */
export function field(name: string, value: string): Buffer {
  const text = (one: string): Buffer =>
    Buffer.concat([Buffer.of(one.length), Buffer.from(one, "latin1")]);
  return Buffer.concat([Buffer.of(0), text(name), text(value)]);
}

export const emptySettings: Buffer = frame("settings", 0, 0);
