// One connection to a message bus by a Unix socket or TCP: bytes out, lines and messages in. Bounds
// what may lie unsent and unread. Decides nothing about messages.

import { connect, type Socket } from "node:net";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import { decodeMessage, type ReceivedMessage } from "../dbus/message.js";

export interface BusHandlers {
  connected(): void;
  line(line: string): void;
  received(message: ReceivedMessage): void;
  /** Once, and nothing after it. */
  lost(reason: string): void;
}

const unsentBytesMax = 1024 * 1024;
const lineBytesMax = 1024;

export class BusConnection {
  readonly #handlers: BusHandlers;
  #socket: Socket | undefined;
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  #wantedBytes = 1;
  #hasMessages = false;
  #isClosed = false;

  /** `address` as the D-Bus Specification has it: `unix:path=...`, `tcp:host=...,port=...`. */
  constructor(address: string, handlers: BusHandlers) {
    this.#handlers = handlers;
    const place = parseBusAddress(address);
    if (place === undefined) {
      setImmediate(() => this.#lose("no address that we know, want unix:path=<path>"));
      return;
    }
    const socket = connect(place);
    this.#socket = socket;
    socket.on("connect", () => {
      if (!this.#isClosed) handlers.connected();
    });
    socket.on("data", (data) => this.#take(data));
    socket.on("error", (error) => this.#lose(errorText(error)));
    socket.on("close", () => this.#lose("the connection is closed"));
  }

  send(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#socket?.write(bytes);
    if ((this.#socket?.writableLength ?? 0) > unsentBytesMax) this.#lose("it does not read");
  }

  /** What was received before was a line, the next is a message. */
  expectMessages(): void {
    this.#hasMessages = true;
  }

  /** What was sent last still goes out. */
  close(): void {
    this.#isClosed = true;
    this.#socket?.end();
    this.#socket?.unref();
  }

  #take(data: Buffer): void {
    if (this.#isClosed) return;
    this.#unread.push(data);
    this.#unreadBytes += data.length;
    if (this.#unreadBytes < this.#wantedBytes) return;
    let bytes = Buffer.concat(this.#unread);
    while (!this.#isClosed) {
      const length = this.#hasMessages ? this.#takeMessage(bytes) : this.#takeLine(bytes);
      if (length === 0) break;
      bytes = bytes.subarray(length);
    }
    this.#unread = [bytes];
    this.#unreadBytes = bytes.length;
  }

  /** How many bytes it had; 0 = it is not whole yet. */
  #takeLine(bytes: Buffer): number {
    this.#wantedBytes = 1;
    const end = bytes.indexOf("\r\n");
    if (end < 0) {
      if (bytes.length > lineBytesMax) this.#lose("it has sent a line without end");
      return 0;
    }
    this.#handlers.line(bytes.toString("latin1", 0, end));
    return end + 2;
  }

  #takeMessage(bytes: Buffer): number {
    const decoded = decodeMessage(bytes);
    if (decoded.kind === "incomplete") {
      this.#wantedBytes = decoded.wantedBytes;
      return 0;
    }
    this.#wantedBytes = 1;
    if (decoded.kind === "lost") {
      this.#lose(`it has sent ${decoded.reason}`);
      return 0;
    }
    this.#handlers.received(decoded.message);
    return decoded.length;
  }

  #lose(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket?.destroy();
    this.#handlers.lost(reason);
  }
}

/** The first of several that we know, with its %-escapes. */
export function parseBusAddress(
  text: string,
): { readonly path: string } | { readonly host: string; readonly port: number } | undefined {
  for (const one of text.split(";")) {
    const [, transport, rest = ""] = /^([a-z]+):(.*)$/s.exec(one) ?? [];
    const values = new Map(rest.split(",").map((pair) => pair.split("=", 2) as [string, string]));
    const path = unescaped(values.get("path"));
    const host = unescaped(values.get("host"));
    const port = Number(values.get("port"));
    if (transport === "unix" && path?.startsWith("/")) return { path };
    if (transport === "tcp" && host && port >= 1 && port <= 65_535) return { host, port };
  }
  return undefined;
}

function unescaped(value: string | undefined): string | undefined {
  try {
    return value === undefined ? undefined : decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
