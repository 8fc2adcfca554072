// A mail server that takes everything and remembers it: plain, STARTTLS or TLS from the start, with
// or without AUTH PLAIN. For tests; no part of the product.

import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, createServer as createTlsServer, TLSSocket } from "node:tls";

export interface ReceivedMail {
  readonly helo: string;
  readonly isEncrypted: boolean;
  /** What AUTH PLAIN gave, decoded: user and password. */
  readonly credentials: readonly string[];
  readonly from: string;
  readonly to: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface SinkOptions {
  /** PEM; with it STARTTLS is offered. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly isImplicit?: boolean;
  /** Of the answer to RCPT; 250 by default. */
  readonly recipientStatus?: number;
  /** The port to listen on; any by default. */
  readonly port?: number;
  readonly host?: string;
  received(mail: ReceivedMail): void;
}

export class SmtpSink {
  readonly #server: Server;
  readonly #options: SinkOptions;
  readonly #sockets: Set<Socket> = new Set();

  constructor(options: SinkOptions) {
    this.#options = options;
    const { tls, isImplicit } = options;
    const accept = (socket: Socket): void => {
      this.#sockets.add(socket);
      new Session(socket, options, isImplicit === true).greet();
    };
    this.#server =
      tls !== undefined && isImplicit ? createTlsServer(tls, accept) : createServer(accept);
  }

  /** Resolves with the port. */
  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(this.#options.port ?? 0, this.#options.host ?? "127.0.0.1", () => {
        const address = this.#server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

class Session {
  #socket: Socket;
  readonly #options: SinkOptions;
  #isEncrypted: boolean;
  #text = "";
  #isData = false;
  #helo = "";
  #credentials: readonly string[] = [];
  #from = "";
  #to: string[] = [];

  constructor(socket: Socket, options: SinkOptions, isEncrypted: boolean) {
    this.#socket = socket;
    this.#options = options;
    this.#isEncrypted = isEncrypted;
    this.#attach();
  }

  greet(): void {
    this.#say("220 sink");
  }

  #attach(): void {
    this.#socket.on("data", (chunk) => {
      this.#text += chunk.toString("latin1");
      this.#take();
    });
    this.#socket.on("error", () => this.#socket.destroy());
  }

  #take(): void {
    for (;;) {
      const mark = this.#isData ? "\r\n.\r\n" : "\r\n";
      const end = this.#text.indexOf(mark);
      if (end < 0) return;
      const part = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + mark.length);
      if (this.#isData) this.#finish(part);
      else this.#obey(part);
    }
  }

  #obey(line: string): void {
    const [verb = "", ...words] = line.split(" ");
    const argument = words.join(" ");
    switch (verb.toUpperCase()) {
      case "HELO":
        this.#helo = argument;
        this.#say("250 sink");
        return;
      case "EHLO":
        this.#helo = argument;
        this.#say(this.#offers());
        return;
      case "STARTTLS":
        this.#say("220 go on");
        this.#encrypt();
        return;
      case "AUTH":
        this.#credentials = Buffer.from(words[1] ?? "", "base64")
          .toString()
          .split("\0")
          .slice(1);
        this.#say("235 welcome");
        return;
      case "MAIL":
        this.#from = addressIn(argument);
        this.#to = [];
        this.#say("250 ok");
        return;
      case "RCPT":
        this.#to.push(addressIn(argument));
        this.#say(`${this.#options.recipientStatus ?? 250} as told`);
        return;
      case "DATA":
        this.#isData = true;
        this.#say("354 go on");
        return;
      default:
        this.#say(verb.toUpperCase() === "QUIT" ? "221 bye" : "250 ok");
    }
  }

  #offers(): string {
    const hasStart = this.#options.tls !== undefined && !this.#isEncrypted;
    return hasStart ? "250-sink\r\n250 STARTTLS" : "250-sink\r\n250 AUTH PLAIN";
  }

  #encrypt(): void {
    this.#socket.removeAllListeners("data");
    const secureContext = createSecureContext(this.#options.tls);
    this.#socket = new TLSSocket(this.#socket, { isServer: true, secureContext });
    this.#isEncrypted = true;
    this.#attach();
  }

  #finish(text: string): void {
    this.#isData = false;
    const [head = "", ...rest] = text.split("\r\n\r\n");
    const lines = head.replace(/\r\n[ \t]+/g, " ").split("\r\n");
    const headers = lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    this.#options.received({
      helo: this.#helo,
      isEncrypted: this.#isEncrypted,
      credentials: this.#credentials,
      from: this.#from,
      to: this.#to,
      headers: new Map(headers),
      body: rest.join("\r\n\r\n").trim(),
    });
    this.#say("250 taken");
  }

  #say(text: string): void {
    this.#socket.write(`${text}\r\n`);
  }
}

function addressIn(text: string): string {
  return /<([^>]*)>/.exec(text)?.[1] ?? text;
}
