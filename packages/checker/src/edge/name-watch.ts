// Looks names up in DNS, away from the probes: each when its answer has expired, with time-outs, a
// few at a time. Tells answers that differ from the last one; a name that cannot be resolved keeps
// what it had. Decides nothing about servers.

import { canonicalIp, isMulticast, parseIp } from "@keepalived-ts/shared-config/base/ip";
import type { NameAnswer } from "@keepalived-ts/shared-config/ipc/messages";
import { nameText, type WatchedName } from "../core/named-servers.js";
import type { NamePort } from "./ports.js";

export interface NameRecord {
  readonly address: string;
  /** Seconds for which the record is good. */
  readonly ttl: number;
}

/** Rejects when there is no answer, or none with an address. */
export type LookUp = (name: WatchedName) => Promise<readonly NameRecord[]>;

export interface NameHandlers {
  resolved(answer: NameAnswer): void;
  /** What an operator should know, once until it is over. */
  failed(text: string): void;
}

/** An answer counts for its TTL, within these. */
const intervalMinS = 5;
const intervalMaxS = 60;
const concurrentMax = 16;
/** More is no pool of servers but a mistake. */
const addressesMax = 256;

/** For one server of resolv.conf; each is asked twice. */
const queryMs = 2_000;
const queryTries = 2;

interface Watched {
  readonly name: WatchedName;
  timer: NodeJS.Timeout | undefined;
  /** Of the last answer that was told. */
  lastText: string;
  isFailing: boolean;
}

export class NameWatch implements NamePort {
  readonly #handlers: NameHandlers;
  readonly #lookUp: LookUp;
  #watched: Map<string, Watched> = new Map();
  readonly #waiting: Watched[] = [];
  #running = 0;

  constructor(handlers: NameHandlers, lookUp: LookUp = askDns) {
    this.#handlers = handlers;
    this.#lookUp = lookUp;
  }

  watch(names: readonly WatchedName[]): void {
    const before = this.#watched;
    this.#watched = new Map();
    for (const name of names) {
      const text = nameText(name);
      const known = before.get(text);
      const one = known ?? { name, timer: undefined, lastText: "", isFailing: false };
      this.#watched.set(text, one);
      if (known === undefined) this.#enqueue(one);
    }
    for (const [text, { timer }] of before) if (!this.#watched.has(text)) clearTimeout(timer);
  }

  #enqueue(one: Watched): void {
    this.#waiting.push(one);
    this.#startSome();
  }

  #startSome(): void {
    while (this.#running < concurrentMax) {
      const one = this.#waiting.shift();
      if (one === undefined) return;
      if (!this.#isWatched(one)) continue;
      this.#running += 1;
      void this.#ask(one).finally(() => {
        this.#running -= 1;
        this.#startSome();
      });
    }
  }

  /** Not if a reload has taken it away, or away and back, meanwhile. */
  #isWatched(one: Watched): boolean {
    return this.#watched.get(nameText(one.name)) === one;
  }

  async #ask(one: Watched): Promise<void> {
    let intervalS = intervalMinS;
    try {
      const records = await this.#lookUp(one.name);
      if (!this.#isWatched(one)) return;
      intervalS = Math.min(...records.map(({ ttl }) => ttl));
      this.#take(one, records);
    } catch (thrown) {
      if (!this.#isWatched(one)) return;
      this.#fail(one, thrown);
    }
    const delayS = Math.min(Math.max(intervalS, intervalMinS), intervalMaxS);
    one.timer = setTimeout(() => this.#enqueue(one), delayS * 1000);
  }

  #take(one: Watched, records: readonly NameRecord[]): void {
    one.isFailing = false;
    const usable = records.flatMap(({ address }) => usableAddress(address) ?? []);
    const addresses = [...new Set(usable)].toSorted().slice(0, addressesMax);
    const text = addresses.join(" ");
    if (text === one.lastText || text === "") return;
    one.lastText = text;
    this.#handlers.resolved({ ...one.name, addresses });
  }

  #fail(one: Watched, thrown: unknown): void {
    if (one.isFailing) return;
    one.isFailing = true;
    const { name, family } = one.name;
    const reason = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    const then = one.lastText === "" ? "it has no server yet" : "its servers stay";
    const what = `${family === 4 ? "an IPv4" : "an IPv6"} address of ${name}`;
    this.#handlers.failed(`Cannot find ${what}: ${reason}; ${then}, trying again`);
  }
}

/** Canonical; undefined for what is nobody's address. */
function usableAddress(address: string): string | undefined {
  const bytes = parseIp(address);
  if (bytes === undefined || isMulticast(bytes)) return undefined;
  return bytes.every((byte) => byte === 0) ? undefined : canonicalIp(address);
}

/** One resolver a question, so that a changed resolv.conf is followed. */
async function askDns({ name, family }: WatchedName): Promise<readonly NameRecord[]> {
  const { Resolver } = await import("node:dns/promises");
  const resolver = new Resolver({ timeout: queryMs, tries: queryTries });
  const ttl = { ttl: true } as const;
  return family === 4 ? await resolver.resolve4(name, ttl) : await resolver.resolve6(name, ttl);
}
