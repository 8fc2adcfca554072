// Stands between a connection and the TLS session over it, and lets the end of the connection wait
// a moment. So a session that was closed in good order ends before its connection does: the only
// way to tell, since Node does not say whether close_notify came (RFC 8446 section 6.1).

import type { Socket } from "node:net";
import { Duplex } from "node:stream";

export class TlsTap extends Duplex {
  readonly #socket: Socket;
  #hasConnectionEnded = false;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      if (!this.push(bytes)) socket.pause();
    });
    // Twice: what the session makes of the bytes before comes in the turn after them.
    socket.on("end", () => setImmediate(() => setImmediate(() => this.#end())));
  }

  get hasConnectionEnded(): boolean {
    return this.#hasConnectionEnded;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.destroyed) done();
    else this.#socket.write(bytes, (error) => done(error ?? null));
  }

  override _final(done: () => void): void {
    this.#socket.end();
    done();
  }

  #end(): void {
    this.#hasConnectionEnded = true;
    this.push(null);
  }
}
