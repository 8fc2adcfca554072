// The control socket: HTTP over a Unix socket that only root and `control_group` may use. Turns
// requests into calls of the API and events into lines; bounds what a client may send, ask for and
// leave unread.

import { chmodSync, chownSync, lstatSync, unlinkSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type { Log } from "@keepalived-ts/shared-config/base/log";
import {
  type ApiOrders,
  type ApiPorts,
  type ApiRequest,
  answer,
  failure,
  takesBody,
} from "../control/api.js";
import type { EventLog, StateEvent } from "../control/event-log.js";

export interface ControlPorts extends ApiPorts, ApiOrders {
  readonly log: Log;
  readonly events: EventLog;
}

const connectionsMax = 32;
const requestMaxMs = 5_000;
const bodyBytesMax = 4_096;
/** A configuration: 65,024 instances have some 60 MB. */
const configBytesMax = 128 * 1024 * 1024;
/** What a follower of events may leave unread before it is let go. */
const unreadBytesMax = 256 * 1024;
/** sun_path of unix(7), its final NUL not counted. */
const pathBytesMax = 107;

/** The socket stands beside the parent's pid file: /run/keepalived.sock. */
export function controlSocketPath(parentPidFile: string): string | undefined {
  if (parentPidFile.startsWith("/dev/")) return undefined;
  return `${parentPidFile.replace(/\.pid$/, "")}.sock`;
}

export class ControlServer {
  readonly #ports: ControlPorts;
  readonly #server: Server;
  readonly #path: string;
  /** Whose members may connect beside root. */
  #groupId: number | undefined;
  #isListening = false;

  constructor(path: string, ports: ControlPorts) {
    this.#ports = ports;
    this.#path = path;
    // Node looks for late requests every 30 s by default.
    const options = { connectionsCheckingInterval: 1_000 };
    this.#server = createServer(options, (request, response) => this.#serve(request, response));
    this.#server.maxConnections = connectionsMax;
    this.#server.headersTimeout = requestMaxMs;
    this.#server.requestTimeout = requestMaxMs;
    this.#server.maxHeadersCount = 50;
    this.#server.on("clientError", (_, socket) => socket.destroy());
    this.#server.on("error", (error) => {
      ports.log.warn(`Cannot offer the control socket "${path}": ${errorText(error)}`);
    });
  }

  /** The pid file is ours by now, so a socket that is there belongs to nobody. */
  open(): void {
    if (Buffer.byteLength(this.#path) > pathBytesMax) {
      const text = `Cannot offer the control socket "${this.#path}"`;
      this.#ports.log.warn(`${text}: longer than ${pathBytesMax} bytes`);
      return;
    }
    removeSocket(this.#path);
    // Nobody else may connect, not even in the moment before chmod().
    const umask = process.umask(0o177);
    try {
      this.#server.listen(this.#path, () => {
        this.#isListening = true;
        this.#restrict();
      });
    } finally {
      process.umask(umask);
    }
    this.#server.unref();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    removeSocket(this.#path);
  }

  /** Also while it is open: a reload may name another group. */
  letIn(groupId: number | undefined): void {
    if (this.#groupId === groupId) return;
    this.#groupId = groupId;
    if (this.#isListening) this.#restrict();
  }

  #restrict(): void {
    const hasGroup = this.#groupId !== undefined;
    try {
      // In this order nobody else is let in meanwhile.
      chmodSync(this.#path, 0o600);
      chownSync(this.#path, process.geteuid?.() ?? 0, this.#groupId ?? process.getegid?.() ?? 0);
      if (hasGroup) chmodSync(this.#path, 0o660);
    } catch (thrown) {
      const whom = hasGroup ? "root and control_group" : "root";
      this.#ports.log.warn(`Cannot restrict "${this.#path}" to ${whom}: ${errorText(thrown)}`);
    }
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const target = request.url ?? "/";
    const asked = { method: request.method ?? "", target };
    if (takesBody(asked)) {
      readBody(request, (body) => this.#answer({ ...asked, body }, response));
      return;
    }
    discardBody(request);
    if (request.method === "GET" && /^\/v1\/events(\?|$)/.test(target)) {
      this.#serveEvents(target, response);
      return;
    }
    this.#answer(asked, response);
  }

  #answer(asked: ApiRequest, response: ServerResponse): void {
    answer(asked, this.#ports, this.#ports).then(
      ({ status, type, body }) => send(response, status, type, body),
      (thrown) => {
        this.#ports.log.error(`Cannot answer ${asked.target.slice(0, 100)}: ${errorText(thrown)}`);
        const { status, type, body } = failure(500, "FAILED", "Cannot answer, see the log");
        send(response, status, type, body);
      },
    );
  }

  /** One JSON object a line: what is known since an id, then, with `follow`, what comes. */
  #serveEvents(target: string, response: ServerResponse): void {
    const query = new URLSearchParams(target.replace(/^[^?]*\??/, ""));
    const since = Number(query.get("since") ?? 0);
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    for (const event of this.#ports.events.since(Number.isFinite(since) ? since : 0)) {
      response.write(lineOf(event));
    }
    if (!query.has("follow")) {
      response.end();
      return;
    }
    response.flushHeaders();
    const stop = this.#ports.events.follow((event) => {
      response.write(lineOf(event));
      if (response.writableLength > unreadBytesMax) response.destroy();
    });
    response.on("close", stop);
  }
}

function lineOf(event: StateEvent): string {
  return `${JSON.stringify(event)}\n`;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
  response.end(body);
}

function readBody(request: IncomingMessage, read: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > configBytesMax) request.destroy();
    else chunks.push(chunk);
  });
  request.on("end", () => read(Buffer.concat(chunks).toString()));
}

/** Most requests have none that matters. */
function discardBody(request: IncomingMessage): void {
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > bodyBytesMax) request.destroy();
  });
}

function removeSocket(path: string): void {
  try {
    if (lstatSync(path).isSocket()) unlinkSync(path);
  } catch {
    // It is not there, or its folder is not ours: listen() will say so.
    return;
  }
}
