// Asks interfaces for their state once a second (linkbeat_use_polling, linkbeat_interfaces), for
// drivers that do not tell the kernel. In the parent, since a driver may take its time to answer.

import { type LinkBeatMethod, linkBeat, linkBeatMethods } from "@keepalived-ts/netops/link-beat";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { LinkbeatConfig } from "@keepalived-ts/shared-config/schema/config";

export interface LinkPollerPorts {
  changed(name: string, isUp: boolean): void;
  log(record: LogRecord): void;
  /** As netops' linkBeat(). */
  ask(name: string, method: LinkBeatMethod): boolean | string;
}

/** As keepalived's. */
const intervalMs = 1_000;

interface Polled {
  /** What it answers to; undefined until it has. */
  method: LinkBeatMethod | undefined;
  isUp: boolean | undefined;
}

export class LinkPoller {
  readonly #ports: LinkPollerPorts;
  #links: readonly LinkbeatConfig[] = [];
  #polled: Map<string, Polled> = new Map();
  #timer: NodeJS.Timeout | undefined;

  constructor(ports: Omit<LinkPollerPorts, "ask"> & Partial<Pick<LinkPollerPorts, "ask">>) {
    this.#ports = { ask: linkBeat, ...ports };
  }

  /** Asks at once, so that what is down at the start is known before anybody relies on it. */
  configure(links: readonly LinkbeatConfig[]): void {
    const former = this.#polled;
    this.#links = links;
    this.#polled = new Map(
      links.map((link) => {
        const known = former.get(link.interface);
        return [link.interface, { method: link.method, isUp: known?.isUp }];
      }),
    );
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (links.length === 0) return;
    this.poll();
    this.#timer = setInterval(() => this.poll(), intervalMs);
    this.#timer.unref();
  }

  poll(): void {
    for (const { interface: name } of this.#links) {
      const polled = this.#polled.get(name);
      if (polled === undefined) continue;
      const answer = this.#ask(name, polled);
      // Of one that is not there the kernel tells.
      if (answer === undefined || answer === polled.isUp) continue;
      polled.isUp = answer;
      this.#ports.changed(name, answer);
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #ask(name: string, polled: Polled): boolean | undefined {
    if (polled.method === undefined) return this.#probe(name, polled);
    const answer = this.#ports.ask(name, polled.method);
    if (typeof answer === "boolean") return answer;
    if (answer === "ENODEV" || polled.method === "IOCTL") return undefined;
    const text = `Cannot ask ${name} for its link by ${polled.method}: ${answer}`;
    this.#ports.log({ level: "warn", text: `${text}; IOCTL is used instead` });
    polled.method = "IOCTL";
    return this.#ask(name, polled);
  }

  #probe(name: string, polled: Polled): boolean | undefined {
    for (const method of linkBeatMethods) {
      const answer = this.#ports.ask(name, method);
      if (typeof answer !== "boolean") continue;
      polled.method = method;
      this.#ports.log({ level: "detail", text: `${name} is polled by ${method}` });
      return answer;
    }
    return undefined;
  }
}
