// One connection to an AgentX master agent, by a Unix socket, TCP or UDP: bytes out, messages in.
// Bounds what may lie unsent and unread. Decides nothing about messages.

import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { connect, type Socket } from "node:net";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import { parseSnmpSocket, snmpSocketForm } from "@keepalived-ts/shared-config/schema/snmp-socket";
import { type Decoded, decodePdu } from "../snmp/agentx-decode.js";

export type UsefulPdu = Exclude<Decoded, { kind: "incomplete" | "lost" }>;

export interface AgentxHandlers {
  connected(): void;
  received(message: UsefulPdu): void;
  /** Once, and nothing after it. */
  lost(reason: string): void;
}

/** What a master may leave unread before it is given up. */
const unsentBytesMax = 8 * 1024 * 1024;
/** For what was sent last to get out. */
const lingerMs = 1_000;

export class AgentxConnection {
  readonly #handlers: AgentxHandlers;
  #stream: Socket | undefined;
  #datagrams: DatagramSocket | undefined;
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  /** So many bytes the next message has at least. */
  #wantedBytes = 1;
  #isClosed = false;

  constructor(socket: string, handlers: AgentxHandlers) {
    this.#handlers = handlers;
    const place = parseSnmpSocket(socket);
    if (place === undefined) {
      setImmediate(() => this.#lose(`not a socket, want ${snmpSocketForm}`));
    } else if (place.kind === "udp") this.#openDatagrams(place.host, place.port);
    else {
      this.#openStream(
        place.kind === "unix"
          ? connect({ path: place.path })
          : connect({ host: place.host, port: place.port }),
      );
    }
  }

  send(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#datagrams !== undefined) {
      this.#datagrams.send(bytes, (error) => {
        if (error !== null) this.#lose(errorText(error));
      });
      return;
    }
    this.#stream?.write(bytes);
    if ((this.#stream?.writableLength ?? 0) > unsentBytesMax) this.#lose("it does not read");
  }

  /** What was sent last still goes out. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const stream = this.#stream;
    stream?.end();
    stream?.unref();
    // One that does not read would keep the descriptor for ever.
    setTimeout(() => stream?.destroy(), lingerMs).unref();
    this.#closeDatagrams();
  }

  #openStream(stream: Socket): void {
    this.#stream = stream;
    stream.on("connect", () => {
      if (!this.#isClosed) this.#handlers.connected();
    });
    stream.on("data", (data) => this.#take(data));
    stream.on("error", (error) => this.#lose(errorText(error)));
    stream.on("close", () => this.#lose("the connection is closed"));
  }

  #openDatagrams(host: string, port: number): void {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    this.#datagrams = socket;
    socket.on("error", (error) => this.#lose(errorText(error)));
    socket.on("message", (data) => {
      this.#forget();
      this.#take(data);
    });
    socket.connect(port, host, () => {
      if (!this.#isClosed) this.#handlers.connected();
    });
  }

  /** Bytes that come one by one are not put together before they are a message. */
  #take(data: Buffer): void {
    if (this.#isClosed) return;
    this.#unread.push(data);
    this.#unreadBytes += data.length;
    if (this.#unreadBytes < this.#wantedBytes) return;
    let bytes = Buffer.concat(this.#unread);
    while (!this.#isClosed) {
      const decoded = decodePdu(bytes);
      if (decoded.kind === "incomplete") {
        this.#unread = [bytes];
        this.#unreadBytes = bytes.length;
        this.#wantedBytes = decoded.wantedBytes;
        return;
      }
      if (decoded.kind === "lost") {
        this.#lose(`it has sent ${decoded.reason}`);
        return;
      }
      bytes = bytes.subarray(decoded.length);
      this.#handlers.received(decoded);
    }
  }

  #forget(): void {
    this.#unread = [];
    this.#unreadBytes = 0;
    this.#wantedBytes = 1;
  }

  #lose(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stream?.destroy();
    this.#closeDatagrams();
    this.#handlers.lost(reason);
  }

  #closeDatagrams(): void {
    const socket = this.#datagrams;
    this.#datagrams = undefined;
    // What was sent last is with the kernel after a turn.
    if (socket !== undefined) setImmediate(() => socket.close());
  }
}
