// Asks the checker what the kernel's IPVS has counted, for all who want to know: one question at a
// time, answered in portions.

import type { HistogramCounts } from "@keepalived-ts/shared-config/base/histogram";
import type {
  FromChecker,
  IpvsServiceTraffic,
  IpvsTraffic,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { ServerTraffic, Traffic } from "../snmp/view.js";

type Statistics = Extract<FromChecker, { type: "statistics" }>;

const answerMaxMs = 5_000;

/** Sums of what the services of a virtual server have: a group has many. */
export class IpvsCounts implements Traffic {
  readonly #virtualServers: Map<string, IpvsTraffic> = new Map();
  readonly #realServers: Map<string, ServerTraffic> = new Map();

  /** How long probes have taken, by the kind of their check. */
  probeDurations: Readonly<Record<string, HistogramCounts>> = {};

  add({ virtualServers, traffic, destinations }: IpvsServiceTraffic): void {
    for (const key of virtualServers) {
      this.#virtualServers.set(key, sum(this.#virtualServers.get(key), traffic));
      for (const each of destinations) {
        const place = placeText(key, each);
        const former = this.#realServers.get(place);
        this.#realServers.set(place, {
          active: (former?.active ?? 0) + each.activeConnections,
          inactive: (former?.inactive ?? 0) + each.inactiveConnections,
          persistent: (former?.persistent ?? 0) + each.persistentConnections,
          traffic: sum(former?.traffic, each.traffic),
        });
      }
    }
  }

  ofVirtualServer(key: string): IpvsTraffic | undefined {
    return this.#virtualServers.get(key);
  }

  ofRealServer(
    key: string,
    place: { readonly address: string; readonly port: number },
  ): ServerTraffic | undefined {
    return this.#realServers.get(placeText(key, place));
  }
}

function placeText(key: string, { address, port }: { address: string; port: number }): string {
  return `${key} ${address} ${port}`;
}

function sum(a: IpvsTraffic | undefined, b: IpvsTraffic): IpvsTraffic {
  return a === undefined ? b : b.map((value, i) => value + (a[i] ?? 0));
}

export class IpvsQuery {
  /** Sends the question; false = there is nobody to ask. */
  readonly #send: () => boolean;
  #asked: ((counts: IpvsCounts | undefined) => void)[] = [];
  #counts = new IpvsCounts();
  #timer: NodeJS.Timeout | undefined;

  constructor(send: () => boolean) {
    this.#send = send;
  }

  /** undefined: nobody has answered. */
  ask(): Promise<IpvsCounts | undefined> {
    return new Promise((resolve) => {
      this.#asked.push(resolve);
      if (this.#asked.length > 1) return;
      this.#counts = new IpvsCounts();
      if (!this.#send()) this.#finish(undefined);
      else this.#timer = setTimeout(() => this.#finish(undefined), answerMaxMs);
    });
  }

  /** A portion of the answer. */
  received({ services, probeDurations, isLast }: Statistics): void {
    if (this.#asked.length === 0) return;
    this.#counts.probeDurations = probeDurations;
    for (const service of services) this.#counts.add(service);
    if (isLast) this.#finish(this.#counts);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #finish(counts: IpvsCounts | undefined): void {
    clearTimeout(this.#timer);
    for (const resolve of this.#asked.splice(0)) resolve(counts);
  }
}
