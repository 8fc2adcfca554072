// For tests, the simulator and the fuzzer only: builders with every default filled in, and a bench
// that holds a core and a clock. Nothing in the process imports this.

import { parseIp } from "@keepalived-ts/shared-config/base/ip";
import type {
  InstanceSnapshot,
  TrackerReport,
  VrrpStateName,
} from "@keepalived-ts/shared-config/ipc/messages";
import type {
  GarpConfig,
  VirtualAddress,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { defaultInstance, emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import type { Advert, AdvertDecodeError } from "../packet/advert.js";
import type { VrrpAction } from "./action.js";
import type { LinkFact, VrrpEvent } from "./event.js";
import {
  createRouter,
  handle,
  nextDeadline,
  type Router,
  routerStatus,
  snapshots,
} from "./router.js";
import type { Routing } from "./routing.js";

export const second = 1_000_000;
export const group = "224.0.0.18";
/** The primary address of the bench's own interface. */
export const ownAddress = "192.0.2.11";
export const ownLinkLocal = "fe80::11";
export const lowerAddress = "192.0.2.1";
export const higherAddress = "192.0.2.21";

export function virtualAddress(
  address: string,
  overrides: Partial<VirtualAddress> = {},
): VirtualAddress {
  return { address, prefixLength: 24, device: "eth0", scope: 0, ...overrides };
}

export function garpConfig(overrides: Partial<GarpConfig> = {}): GarpConfig {
  return { ...defaultInstance.garp, ...overrides };
}

export function instanceOf(overrides: Partial<VrrpInstanceConfig> = {}): VrrpInstanceConfig {
  return {
    ...defaultInstance,
    virtualAddresses: [virtualAddress("192.0.2.100")],
    multicastGroup: group,
    ...overrides,
  };
}

export function linkFact(overrides: Partial<LinkFact> = {}): LinkFact {
  return {
    index: 2,
    name: "eth0",
    isRunning: true,
    ipv4Address: ownAddress,
    ipv6Address: ownLinkLocal,
    presentSources: [],
    ...overrides,
  };
}

export interface Received {
  readonly priority?: number;
  readonly source?: string;
  readonly destination?: string;
  readonly ttl?: number;
  readonly interfaceIndex?: number;
  readonly advert?: Partial<Advert>;
  readonly failure?: AdvertDecodeError;
  readonly event?: Partial<Extract<VrrpEvent, { readonly type: "advertReceived" }>>;
}

/** An advert that fits `config` but for what is given. */
export function received(config: VrrpInstanceConfig, what: Received = {}): VrrpEvent {
  const { virtualRouterId } = config;
  return {
    type: "advertReceived",
    interfaceIndex: what.interfaceIndex ?? 2,
    source: what.source ?? higherAddress,
    destination: what.destination ?? config.multicastGroup,
    ttl: what.ttl ?? 255,
    decoded:
      what.failure === undefined
        ? { ok: true, advert: advertOf(config, what) }
        : { ok: false, code: what.failure, virtualRouterId },
    ...what.event,
  };
}

function advertOf(config: VrrpInstanceConfig, what: Received): Advert {
  const digits = config.virtualAddresses.map(({ address }) =>
    Buffer.from(parseIp(address) ?? []).toString("hex"),
  );
  const isVersion2 = config.version === 2;
  return {
    version: config.version,
    virtualRouterId: config.virtualRouterId,
    priority: what.priority ?? config.basePriority,
    addressCount: digits.length,
    addresses: digits.join(""),
    advertIntervalUs: config.advertIntervalUs,
    authenticationType: config.authentication === undefined ? 0 : 1,
    authenticationData: isVersion2 ? (config.authentication?.data ?? "0".repeat(16)) : "",
    ...what.advert,
  };
}

/** A core with one or more instances, and the time. */
export class Bench {
  readonly router: Router = createRouter({ seed: 1 });
  readonly config: VrrpInstanceConfig;
  now: number = 1000 * second;
  /** What watchers have reported when a configuration comes. */
  trackers: readonly TrackerReport[] = [];

  constructor(config: VrrpInstanceConfig) {
    this.config = config;
  }

  handle(event: VrrpEvent): VrrpAction[] {
    return handle(this.router, event, this.now);
  }

  configure(
    instances: readonly VrrpInstanceConfig[] = [this.config],
    links: readonly LinkFact[] = [linkFact()],
    resume: readonly InstanceSnapshot[] = [],
  ): VrrpAction[] {
    return this.handle({
      type: "configured",
      config: { ...emptyVrrpConfig, instances },
      links,
      resume,
      trackers: this.trackers,
    });
  }

  receive(what: Received = {}): VrrpAction[] {
    return this.handle(received(this.config, what));
  }

  link(overrides: Partial<LinkFact>): VrrpAction[] {
    return this.handle({ type: "linkChanged", link: linkFact(overrides) });
  }

  /** Goes on to the next deadline and lets it fire; returns its orders. */
  fire(): VrrpAction[] {
    this.now = Math.max(this.now, this.#deadline());
    return this.handle({ type: "deadlineReached" });
  }

  /** The next deadline, from now. */
  remaining(): number {
    return this.#deadline() - this.now;
  }

  /** Lets `us` pass with everything that falls due in it. */
  elapse(us: number): VrrpAction[] {
    const end = this.now + us;
    const actions: VrrpAction[] = [];
    for (let at = nextDeadline(this.router); at !== undefined && at <= end; ) {
      actions.push(...this.fire());
      at = nextDeadline(this.router);
    }
    this.now = end;
    return actions;
  }

  snapshot(): InstanceSnapshot {
    const [first] = snapshots(this.router);
    if (first === undefined) throw new Error("the bench has no instance");
    return first;
  }

  state(): VrrpStateName {
    return this.snapshot().state;
  }

  counter(name: string): number | undefined {
    return routerStatus(this.router).instances[0]?.counters[name];
  }

  /** Every counter that is not 0. */
  counted(): Record<string, number> {
    const all = Object.entries(routerStatus(this.router).instances[0]?.counters ?? {});
    return Object.fromEntries(all.filter(([, value]) => value !== 0));
  }

  #deadline(): number {
    const at = nextDeadline(this.router);
    if (at === undefined) throw new Error("the bench waits for nothing");
    return at;
  }
}

/** In BACKUP, configured just now. */
export function backup(overrides: Partial<VrrpInstanceConfig> = {}): Bench {
  const bench = new Bench(instanceOf(overrides));
  bench.configure();
  return bench;
}

/** In MASTER since just now, after nobody was heard. */
export function master(overrides: Partial<VrrpInstanceConfig> = {}): Bench {
  const bench = backup(overrides);
  if (bench.state() !== "MASTER") bench.fire();
  return bench;
}

/** The orders in a short form that a test can compare whole. */
export function brief(actions: readonly VrrpAction[]): string[] {
  return actions.map(briefAction);
}

/** The same without log lines. */
export function briefOrders(actions: readonly VrrpAction[]): string[] {
  return brief(actions.filter(({ type }) => type !== "log" && type !== "reportRefusal"));
}

function briefAction(action: VrrpAction): string {
  switch (action.type) {
    case "sendAdvert":
      return `advert ${action.priority}`;
    case "addAddresses":
      return `add ${texts(action.addresses)}`;
    case "removeAddresses":
      return `remove ${texts(action.addresses)}`;
    case "blockAddresses":
      return `block ${texts(action.addresses)}`;
    case "freeAddresses":
      return `free ${texts(action.addresses)}`;
    case "addRouting":
      return `add ${routingTexts(action)}`;
    case "removeRouting":
      return `remove ${routingTexts(action)}`;
    case "reportFailover":
      return `failover ${action.instance} to ${action.successor}`;
    case "reportGroup":
      return `group ${action.group} ${action.state}`;
    case "reportGroupRemoved":
      return `group ${action.group} removed`;
    case "announceSource":
      return `announce source ${action.address}`;
    case "sendGratuitousArp":
      return `announce ${texts(action.addresses)} x${action.repeat}`;
    case "reportInstance":
      return `report ${action.previous} to ${action.snapshot.state}`;
    case "reportInstanceRemoved":
      return `removed ${action.instance}`;
    case "reportLowerPriority":
      return `lower priority heard by ${action.instance}`;
    case "reportRefusal":
      return `refused ${action.source} by ${action.instance}: ${action.cause}`;
    case "log":
      return `${action.record.level}: ${action.record.text}`;
  }
}

/** "route 10.0.0.0 rule 100": destinations and preferences. */
function routingTexts({ routes, rules }: Routing): string {
  const lines = routes.map(({ destination }) => `route ${destination.address}`);
  return [...lines, ...rules.map(({ preference }) => `rule ${preference}`)].join(" ");
}

function texts(addresses: readonly VirtualAddress[]): string {
  return addresses.map(({ address }) => address).join(" ");
}
