// For tests only: a kernel and a parent made of arrays, driven by hand. Nothing in the process
// imports this.

import type {
  OutgoingDatagram,
  SendResult,
} from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { formatIp } from "@keepalived-ts/shared-config/base/ip";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { FromVrrp } from "@keepalived-ts/shared-config/ipc/messages";
import type { VirtualAddress } from "@keepalived-ts/shared-config/schema/config";
import type { AddressOrder, DeadlineTimer, LinkView, Ports } from "./ports.js";
import { routeText, ruleText } from "./routing-text.js";

/** One request to the kernel that a test has to answer. */
export interface Asked {
  readonly kind: "add" | "remove";
  readonly addresses: readonly string[];
  /** All done, or one result an address. */
  answer(results?: readonly (string | null)[]): Promise<void>;
}

/** The netlink port of what the fake kernel is asked. */
export const ownPort = 77;

export class FakeKernel {
  /** What happened, in order, in short: "advert 2 x1", "add 192.0.2.100", "arp 192.0.2.100". */
  readonly trace: string[] = [];
  readonly logs: LogRecord[] = [];
  readonly reports: FromVrrp[] = [];
  readonly asked: Asked[] = [];
  /** Every single address asked for, as it was asked for. */
  readonly orders: AddressOrder[] = [];
  /** What was made ready, in order. */
  readonly prepared: string[] = [];
  readonly links: Map<string, LinkView> = new Map([
    ["eth0", { index: 2, hardwareAddress: "02:00:00:00:00:0b", hasArp: true, ipv4Address: null }],
  ]);
  /** Addresses that the kernel had before us. */
  readonly present: Set<string> = new Set();
  readonly foreign: Set<string> = new Set();
  /** Answers to single requests for routes and rules, as they come; then all succeed. */
  readonly routingResults: (string | null)[] = [];
  /** Replaces the answer to the next sends. */
  readonly advertResults: SendResult[] = [];
  readonly arpResults: SendResult[] = [];
  readonly frames: Uint8Array[] = [];
  readonly packets: Uint8Array[] = [];
  now = 1_000_000_000;
  armedAt: number | undefined;
  warmUps = 0;
  readonly lateness: number[] = [];
  /** What the next look at the sockets finds. */
  readonly unread: (() => void)[] = [];
  #expired: () => void = () => undefined;
  #deferred: (() => void)[] = [];

  readonly ports: Ports = {
    now: () => this.now,
    createTimer: (expired) => this.#createTimer(expired),
    defer: (task) => void this.#deferred.push(task),
    later: (delayMs, task) => {
      this.trace.push(`later ${delayMs}`);
      this.#deferred.push(task);
    },
    adverts: {
      send: ({ interfaceIndex: index }, packets) => {
        this.packets.push(...packets.map(({ data }) => data.slice()));
        this.trace.push(`advert ${index} x${packets.length}`);
        return this.advertResults.shift() ?? { sent: packets.length, error: null };
      },
      lookAgain: () => {
        for (const read of this.unread.splice(0)) read();
      },
    },
    arp: { send: (frames) => this.#sendFrames(frames) },
    addresses: {
      prepare: ({ address }) => void this.prepared.push(address.address),
      add: (orders) => this.#ask("add", orders),
      remove: (orders) => this.#ask("remove", orders),
      isOwnPort: (port) => port === ownPort,
    },
    routing: {
      prepareRoute: (route) => void this.prepared.push(routeText(route)),
      prepareRule: (rule) => void this.prepared.push(ruleText(rule)),
      addRoutes: (routes) => this.#askRouting("add", routes.map(routeText)),
      removeRoutes: (routes) => this.#askRouting("remove", routes.map(routeText)),
      addRules: (rules) => this.#askRouting("add", rules.map(ruleText)),
      removeRules: (rules) => this.#askRouting("remove", rules.map(ruleText)),
      keyOfRoute: routeText,
      keyOfRule: ruleText,
    },
    firewall: {
      block: (_instance, addresses) => void this.trace.push(`block ${textsOf(addresses)}`),
      free: (_instance, addresses) => void this.trace.push(`free ${textsOf(addresses)}`),
    },
    links: {
      link: (name) => this.links.get(name),
      hasAddress: ({ address }) => this.present.has(address),
      isForeign: ({ address }) => this.foreign.has(address),
    },
    parent: {
      report: (message) => void this.reports.push(message),
      log: (record) => void this.logs.push(record),
    },
    warmUp: () => {
      this.warmUps += 1;
    },
    late: (lateUs) => void this.lateness.push(lateUs),
  };

  /** Lets one later turn of the event loop happen. */
  turn(): void {
    for (const task of this.#deferred.splice(0)) task();
  }

  /** The armed timer fires, at its instant or after it. */
  expire(lateUs: number = 0): void {
    const at = this.armedAt ?? this.now;
    this.armedAt = undefined;
    this.now = Math.max(this.now, at + lateUs);
    this.#expired();
  }

  /** The request that was made last and not answered yet. */
  pending(): Asked {
    const last = this.asked.at(-1);
    if (last === undefined) throw new Error("nothing was asked of the kernel");
    return last;
  }

  /** Answers everything that is asked, and what is asked then, with success. */
  async answerAll(): Promise<void> {
    let answered = 0;
    while (answered < this.asked.length) {
      await this.asked[answered]?.answer();
      answered += 1;
    }
  }

  texts(): string[] {
    return this.logs.map(({ text }) => text);
  }

  #createTimer(expired: () => void): DeadlineTimer {
    this.#expired = expired;
    return {
      armAt: (at) => {
        this.armedAt = at;
      },
      disarm: () => {
        this.armedAt = undefined;
      },
      close: () => undefined,
    };
  }

  #sendFrames(frames: readonly OutgoingDatagram[]): SendResult {
    const result = this.arpResults.shift() ?? { sent: frames.length, error: null };
    for (const { data } of frames.slice(0, result.sent)) {
      this.frames.push(data);
      this.trace.push(frameText(data));
    }
    return result;
  }

  /** The kernel answers in the turn in which it is asked. */
  #askRouting(kind: Asked["kind"], texts: readonly string[]): Promise<readonly (string | null)[]> {
    this.trace.push(...texts.map((text) => `${kind} ${text}`));
    return Promise.resolve(texts.map(() => this.routingResults.shift() ?? null));
  }

  #ask(kind: Asked["kind"], orders: readonly AddressOrder[]): Promise<readonly (string | null)[]> {
    const addresses = orders.map(({ address }) => address.address);
    this.orders.push(...orders);
    this.trace.push(`${kind} ${addresses.join(" ")}`);
    return new Promise((resolve) => {
      this.asked.push({
        kind,
        addresses,
        answer: async (results = addresses.map(() => null)) => {
          resolve(results);
          // The continuations of the queue are a few microtasks away.
          for (let i = 0; i < 8; i++) await Promise.resolve();
        },
      });
    });
  }
}

function textsOf(addresses: readonly VirtualAddress[]): string {
  return addresses.map(({ address }) => address).join(" ");
}

function frameText(frame: Uint8Array): string {
  const isIpv6 = frame[12] === 0x86;
  const address = isIpv6 ? frame.subarray(62, 78) : frame.subarray(28, 32);
  return `${isIpv6 ? "na" : "arp"} ${formatIp(address)}`;
}

/** `count` addresses 192.0.2.1, .2, ... on eth0. */
export function addresses(count: number, first: number = 1): VirtualAddress[] {
  return Array.from({ length: count }, (_, i) => ({
    address: `192.0.2.${first + i}`,
    prefixLength: 24,
    device: "eth0",
    scope: 0,
  }));
}
