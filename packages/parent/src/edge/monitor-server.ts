// Metrics and the status page on an address and port (`monitor_listen`): HTTP for whoever can reach
// it, so it only shows and never obeys. Bounds what a client may send, hold and leave unread.
// Loaded only when a configuration asks for it.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { GlobalConfig } from "@keepalived-ts/shared-config/schema/config";
import { type ApiAnswer, type ApiView, answer, failure } from "../control/api.js";
import type { EventLog } from "../control/event-log.js";
import { type PageFile, pageFile } from "./page-files.js";
import { StatusStream } from "./status-stream.js";

export interface MonitorPorts {
  readonly events: EventLog;
  view(hasTraffic: boolean): Promise<ApiView | undefined>;
  log(record: LogRecord): void;
}

const connectionsMax = 64;
const requestMaxMs = 5_000;
/** Node looks for late requests every 30 s by default. */
const checkedEveryMs = 1_000;
const headerBytesMax = 8 * 1024;
const requestsPerConnectionMax = 1_000;
/** Until it is tried again when something else has the port. */
const retryMs = 5_000;

/** A page of ours needs nothing else, and nobody may put it into a frame of his own. */
const safety = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
} as const;

export class MonitorServer {
  readonly #ports: MonitorPorts;
  readonly #stream: StatusStream;
  #server: Server | undefined;
  #place: string | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(ports: MonitorPorts) {
    this.#ports = ports;
    this.#stream = new StatusStream(ports);
  }

  configure({ monitorAddress: address, monitorPort: port }: GlobalConfig): void {
    const place = address === undefined ? undefined : `${address} ${port}`;
    if (place === this.#place) return;
    this.#stop();
    this.#place = place;
    if (address !== undefined && port !== undefined) this.#listen(address, port, false);
  }

  told(): void {
    this.#stream.noteChange();
  }

  noteChange(): void {
    this.#stream.noteChange();
  }

  stopping(): void {
    this.#stream.noteChange();
  }

  async close(): Promise<void> {
    this.#stop();
    this.#stream.close();
  }

  #stop(): void {
    clearTimeout(this.#retry);
    this.#server?.close();
    this.#server?.closeAllConnections();
    this.#server = undefined;
  }

  #listen(address: string, port: number, isAgain: boolean): void {
    const server = createServer(
      {
        maxHeaderSize: headerBytesMax,
        headersTimeout: requestMaxMs,
        requestTimeout: requestMaxMs,
        connectionsCheckingInterval: checkedEveryMs,
      },
      (request, response) => this.#serve(request, response),
    );
    server.maxConnections = connectionsMax;
    server.maxHeadersCount = 50;
    server.maxRequestsPerSocket = requestsPerConnectionMax;
    server.keepAliveTimeout = requestMaxMs;
    server.on("clientError", (_, socket) => socket.destroy());
    // A WebSocket or a proxy is not what this is.
    server.on("upgrade", (_, socket) => socket.destroy());
    server.on("connect", (_, socket) => socket.destroy());
    server.on("error", (error) => {
      if (!isAgain) {
        const text = `Cannot offer metrics on ${address} port ${port}: ${errorText(error)}`;
        this.#ports.log({ level: "warn", text: `${text}; trying again` });
      }
      this.#retry = setTimeout(() => this.#listen(address, port, true), retryMs);
      this.#retry.unref();
    });
    server.listen({ host: address, port }, () => {
      this.#ports.log({ level: "info", text: `Metrics on ${address} port ${port}` });
    });
    server.unref();
    this.#server = server;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    // A body is nothing that is asked for.
    request.on("data", () => request.destroy());
    const method = request.method ?? "";
    const target = request.url ?? "/";
    const path = target.replace(/\?.*$/s, "");
    const isRead = method === "GET" || method === "HEAD";
    if (!isRead) send(response, failure(405, "WRONG_METHOD", "Only GET here"));
    else if (path === "/v1/stream") this.#stream.follow(response, safety);
    else if (path.startsWith("/v1/") || path === "/metrics") this.#serveApi(target, response);
    else this.#servePage(pageFile(path), response);
  }

  #serveApi(target: string, response: ServerResponse): void {
    answer({ method: "GET", target }, { view: this.#ports.view }).then(
      (found) => send(response, found),
      (thrown) => {
        const text = `Cannot answer ${target.slice(0, 100)}: ${errorText(thrown)}`;
        this.#ports.log({ level: "error", text });
        send(response, failure(500, "FAILED", "Cannot answer, see the log"));
      },
    );
  }

  #servePage(file: PageFile | undefined, response: ServerResponse): void {
    if (file === undefined) {
      send(response, failure(404, "NOT_FOUND", "There is no such page here"));
      return;
    }
    response.writeHead(200, { ...safety, "content-type": file.type });
    response.end(file.body);
  }
}

function send(response: ServerResponse, { status, type, body }: ApiAnswer): void {
  response.writeHead(status, { ...safety, "content-type": type });
  response.end(body);
}
