// Reads one HTTP/1.x response as it comes in, bytes of any size at a time: its status, where its
// header ends and where its body does (RFC 9112 section 6.3). Keeps the header only, within a
// bound; the body goes on as it was sent, with chunk sizes, since keepalived's digests are of that.
// Decides nothing about what the response means for the server.

import { ChunkedEnd } from "./http-chunked.js";

/** Far beyond what servers and clients accept. */
export const headerBytesMax: number = 64 * 1024;

export type ResponseEvent =
  /** More is to come. */
  | { readonly type: "reading" }
  | { readonly type: "complete" }
  /** What came is no response, or more header than anyone sends. */
  | { readonly type: "broken"; readonly reason: string };

const reading: ResponseEvent = { type: "reading" };
const complete: ResponseEvent = { type: "complete" };

const lineFeed = 10;
const carriageReturn = 13;

/** How the end of the body is known. */
type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; left: number }
  | { readonly kind: "chunked"; readonly end: ChunkedEnd }
  | { readonly kind: "close" };

export class HttpResponse {
  readonly #onBody: (bytes: Buffer) => void;
  /** Of the header, while it is incomplete. */
  #parts: Buffer[] = [];
  #headerBytes = 0;
  /** Only line ends since the last line feed. */
  #isLineEmpty = false;
  #framing: Framing | undefined;
  #status = 0;

  /** `onBody` gets the body in pieces, as they are sent. */
  constructor(onBody: (bytes: Buffer) => void) {
    this.#onBody = onBody;
  }

  /** 0 until the header is complete. */
  get status(): number {
    return this.#framing === undefined ? 0 : this.#status;
  }

  get headerBytes(): number {
    return this.#headerBytes;
  }

  feed(bytes: Buffer): ResponseEvent {
    let rest = bytes;
    while (this.#framing === undefined) {
      const end = this.#headerEnd(rest);
      const part = rest.subarray(0, end);
      this.#headerBytes += part.length;
      if (this.#headerBytes > headerBytesMax) return broken("header too long");
      this.#parts.push(part);
      if (end === undefined) return reading;
      rest = rest.subarray(end);
      const problem = this.#readHeader();
      if (problem !== undefined) return broken(problem);
    }
    return this.#feedBody(this.#framing, rest);
  }

  /** The connection has ended. */
  finish(): ResponseEvent {
    const framing = this.#framing;
    if (framing === undefined) {
      return broken(this.#headerBytes === 0 ? "no data received" : "closed within the header");
    }
    if (framing.kind === "close" || framing.kind === "none") return complete;
    return broken("closed within the body");
  }

  /** The place after the empty line that ends the header, if it is in `bytes`. */
  #headerEnd(bytes: Buffer): number | undefined {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === lineFeed) {
        if (this.#isLineEmpty) return at + 1;
        this.#isLineEmpty = true;
      } else if (byte !== carriageReturn) this.#isLineEmpty = false;
    }
    return undefined;
  }

  #readHeader(): string | undefined {
    const [statusLine = "", ...fields] = Buffer.concat(this.#parts)
      .toString("latin1")
      .split(/\r*\n/);
    this.#parts = [];
    this.#isLineEmpty = false;
    const code = /^HTTP\/\d\.\d (\d{3})(?!\d)/.exec(statusLine)?.[1];
    if (code === undefined) return "not an HTTP response";
    const status = Number(code);
    // RFC 9110 section 15.2: interim responses, of which any number may come before the real one.
    if (status >= 100 && status < 200 && status !== 101) return undefined;
    this.#status = status;
    const framing = framingOf(status, fields);
    if (framing === undefined) return "bad Content-Length";
    this.#framing = framing;
    return undefined;
  }

  #feedBody(framing: Framing, bytes: Buffer): ResponseEvent {
    switch (framing.kind) {
      case "none":
        return complete;
      case "close":
        if (bytes.length > 0) this.#onBody(bytes);
        return reading;
      case "length": {
        const body = bytes.subarray(0, framing.left);
        framing.left -= body.length;
        if (body.length > 0) this.#onBody(body);
        return framing.left === 0 ? complete : reading;
      }
      case "chunked": {
        const end = framing.end.find(bytes);
        if (end === "broken") return broken("bad chunk");
        const body = bytes.subarray(0, end);
        if (body.length > 0) this.#onBody(body);
        return end === undefined ? reading : complete;
      }
    }
  }
}

function broken(reason: string): ResponseEvent {
  return { type: "broken", reason };
}

/** Undefined when a length is no number, or there are two different ones. */
function framingOf(status: number, fields: readonly string[]): Framing | undefined {
  if (status === 204 || status === 304 || status === 101) return { kind: "none" };
  let length: number | undefined;
  let isChunked = false;
  for (const field of fields) {
    const [, name = "", value = ""] = /^([^:\s]+)[ \t]*:[ \t]*(.*?)[ \t]*$/.exec(field) ?? [];
    if (/^transfer-encoding$/i.test(name)) isChunked = /(?:^|,)[ \t]*chunked$/i.test(value);
    if (!/^content-length$/i.test(name)) continue;
    if (!/^\d{1,15}$/.test(value)) return undefined;
    if (length !== undefined && length !== Number(value)) return undefined;
    length = Number(value);
  }
  if (isChunked) return { kind: "chunked", end: new ChunkedEnd() };
  return length === undefined ? { kind: "close" } : { kind: "length", left: length };
}
