// The live status for open pages: Server-Sent Events, one text made for all of them, as seldom as
// it is costly. Who does not read is let go.

import type { ServerResponse } from "node:http";
import type { ApiView } from "../control/api.js";
import type { EventLog, StateEvent } from "../control/event-log.js";
import { statusJson } from "../control/status-json.js";

export interface StreamPorts {
  readonly events: EventLog;
  view(hasTraffic: boolean): Promise<ApiView | undefined>;
}

const followersMax = 16;
/** What a page may leave unread: some states of a large configuration. */
const unreadBytesMax = 4 * 1024 * 1024;
const intervalMinMs = 1_000;
/** Without a change, so that ages are right and a dead connection is noticed. */
const idleMaxMs = 10_000;
/** To make one state may take this share of the time. */
const shareMax = 0.02;
const eventsAtFirst = 200;

export class StatusStream {
  readonly #ports: StreamPorts;
  readonly #followers: Set<ServerResponse> = new Set();
  #stopEvents: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isChanged = false;
  #isMaking = false;
  #lastAt = 0;
  #pauseMs = intervalMinMs;

  constructor(ports: StreamPorts) {
    this.#ports = ports;
  }

  noteChange(): void {
    this.#isChanged = true;
    this.#arm();
  }

  follow(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
    if (this.#followers.size >= followersMax) {
      response.writeHead(503, { ...headers, "retry-after": "10" });
      response.end();
      return;
    }
    response.writeHead(200, { ...headers, "content-type": "text/event-stream" });
    response.write("retry: 3000\n\n");
    const past = this.#ports.events.since(0).slice(-eventsAtFirst);
    response.write(messageText("past", JSON.stringify(past)));
    this.#followers.add(response);
    response.on("close", () => this.#leave(response));
    this.#stopEvents ??= this.#ports.events.follow((event) => this.#tell(event));
    this.#lastAt = 0;
    this.noteChange();
  }

  close(): void {
    for (const response of this.#followers) response.destroy();
  }

  #tell(event: StateEvent): void {
    this.#write(messageText("happened", JSON.stringify(event)));
    this.noteChange();
  }

  #leave(response: ServerResponse): void {
    this.#followers.delete(response);
    if (this.#followers.size > 0) return;
    clearTimeout(this.#timer);
    this.#stopEvents?.();
    this.#stopEvents = undefined;
  }

  #arm(): void {
    if (this.#followers.size === 0 || this.#isMaking) return;
    clearTimeout(this.#timer);
    const waitMs = this.#isChanged ? this.#pauseMs : Math.max(idleMaxMs, this.#pauseMs);
    const delayMs = Math.max(0, this.#lastAt + waitMs - performance.now());
    this.#timer = setTimeout(() => void this.#make(), delayMs);
    this.#timer.unref();
  }

  async #make(): Promise<void> {
    this.#isMaking = true;
    this.#isChanged = false;
    try {
      const view = await this.#ports.view(false);
      const startedAt = performance.now();
      if (view !== undefined) this.#write(messageText("status", pageText(view)));
      const tookMs = performance.now() - startedAt;
      this.#pauseMs = Math.max(intervalMinMs, tookMs / shareMax);
    } finally {
      this.#lastAt = performance.now();
      this.#isMaking = false;
      this.#arm();
    }
  }

  #write(text: string): void {
    for (const response of this.#followers) {
      response.write(text);
      if (response.writableLength > unreadBytesMax) response.destroy();
    }
  }
}

/** JSON has no line ends of its own. */
function messageText(kind: string, data: string): string {
  return `event: ${kind}\ndata: ${data}\n\n`;
}

/** Counters are for metrics. */
function pageText(view: ApiView): string {
  return JSON.stringify(statusJson(view), (name, value: unknown) =>
    name === "counters" ? undefined : value,
  );
}
