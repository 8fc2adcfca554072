// The stage of rehearsal.ts: one router, its peer and a LAN that does not exist, with a clock that
// jumps from deadline to deadline. The kernel is asked too, but only for what it must refuse.

import { ETH_P_ARP } from "@keepalived-ts/netops/constants/socket";
import type {
  OutgoingDatagram,
  SendResult,
} from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeLinkLayer } from "@keepalived-ts/netops/raw-socket/sockaddr";
import type {
  RouteConfig,
  RuleConfig,
  VrrpConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { defaultInstance, emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import type { LinkFact } from "../core/event.js";
import { createRouter, nextDeadline } from "../core/router.js";
import { AdvertCache } from "./advert-cache.js";
import { AdvertReceiver } from "./advert-receiver.js";
import { Loop } from "./loop.js";
import type { ArpPort, LinkView, Ports } from "./ports.js";
import { Reporter } from "./reporter.js";

const link: LinkFact = {
  index: 1,
  name: "rehearsal",
  isRunning: true,
  ipv4Address: "198.18.0.1",
  ipv6Address: null,
  presentSources: [],
};
/** Addresses of RFC 2544, for benchmarks: wherever they may turn up, nobody is there. */
const rival = "198.18.0.2";
/** No interface has it: the kernel refuses (ENODEV, ENXIO) what is asked for it, without effect. */
const impossibleInterfaceIndex = 0x7fffffff;
const impossibleLinkAddress: Uint8Array = encodeLinkLayer({
  interfaceIndex: impossibleInterfaceIndex,
  protocol: ETH_P_ARP,
  hardwareAddress: new Uint8Array(6),
});

/** Where addresses go and gratuitous ARP leaves. */
const view: LinkView = {
  index: impossibleInterfaceIndex,
  hardwareAddress: "02:00:00:00:00:01",
  hasArp: true,
  ipv4Address: link.ipv4Address,
};

/** What a takeover calls besides our own code; all of it is without effect on the stage. */
export type StagePorts = Pick<Ports, "now" | "defer" | "later" | "arp" | "addresses" | "routing">;
const nothingDone = (): Promise<readonly null[]> => Promise.resolve([]);

export class Stage {
  readonly #real: StagePorts;
  #now = 0;
  readonly #router = createRouter({ seed: 1 });
  readonly #receiver = new AdvertReceiver();
  readonly #adverts = new AdvertCache();
  readonly #loop: Loop;
  readonly #config: VrrpConfig;
  #expire: () => void = nothing;

  /** The router has two instances, one a version, with `addressCount` addresses each. */
  constructor(real: StagePorts, addressCount: number) {
    this.#real = real;
    this.#config = stageConfig(addressCount);
    this.#loop = new Loop(this.#ports(), this.#router);
    this.#loop.dispatch({
      type: "configured",
      config: this.#config,
      links: [link],
      resume: [],
      trackers: [],
    });
  }

  /** Silence makes the router MASTER; then a better one shows up and later resigns. */
  async playRound(): Promise<void> {
    for (let i = 0; i < 4; i++) this.#passTime();
    await this.#loop.executor.addresses.idle();
    for (const priority of [200, 200, 0]) this.#hear(priority);
    await this.#loop.executor.addresses.idle();
  }

  #passTime(): void {
    this.#now = Math.max(this.#now, nextDeadline(this.#router) ?? this.#now);
    this.#expire();
  }

  #hear(priority: number): void {
    for (const instance of this.#config.instances) {
      const order = {
        type: "sendAdvert",
        instance: instance.name,
        priority,
        interfaceIndex: link.index,
        source: rival,
        config: instance,
      } as const;
      for (const { data } of this.#adverts.encoded(order).packets) {
        const event = this.#receiver.event(link.index, data);
        if (event !== undefined) this.#loop.dispatch(event);
      }
    }
  }

  #ports(): Ports {
    const { arp, addresses, routing, defer, later } = this.#real;
    const reporter = new Reporter(() => false, this.#real);
    return {
      now: () => this.#now,
      createTimer: (expired) => {
        this.#expire = expired;
        return { armAt: nothing, disarm: nothing, close: nothing };
      },
      defer,
      later,
      adverts: { send: (_place, packets) => sendNowhere(arp, packets), lookAgain: () => undefined },
      arp: { send: (frames) => sendNowhere(arp, frames) },
      addresses: {
        prepare: (order) => addresses.prepare(order),
        add: async (orders) => allDone(await addresses.add(orders)),
        remove: async (orders) => allDone(await addresses.remove(orders)),
        isOwnPort: () => false,
      },
      routing: {
        prepareRoute: (route) => routing.prepareRoute(route),
        prepareRule: (rule) => routing.prepareRule(rule),
        addRoutes: nothingDone,
        removeRoutes: nothingDone,
        addRules: nothingDone,
        removeRules: nothingDone,
        keyOfRoute: (route) => routing.keyOfRoute(route),
        keyOfRule: (rule) => routing.keyOfRule(rule),
      },
      firewall: { block: nothing, free: nothing },
      links: {
        link: () => view,
        hasAddress: () => false,
        isForeign: () => false,
      },
      parent: reporter,
      warmUp: nothing,
      late: nothing,
    };
  }
}

function sendNowhere(arp: ArpPort, frames: readonly OutgoingDatagram[]): SendResult {
  arp.send(frames.map(({ data }) => ({ data, address: impossibleLinkAddress })));
  return { sent: frames.length, error: null };
}

function allDone(results: readonly (string | null)[]): null[] {
  return results.map(() => null);
}

/** Both versions, since they are encoded by different code. */
function stageConfig(addressCount: number): VrrpConfig {
  return { ...emptyVrrpConfig, instances: [instance(2, addressCount), instance(3, addressCount)] };
}

function instance(version: 2 | 3, addressCount: number): VrrpInstanceConfig {
  return {
    ...defaultInstance,
    name: `rehearsal ${version}`,
    interface: link.name,
    version,
    virtualRouterId: version,
    virtualAddresses: Array.from({ length: addressCount }, (_, i) => ({
      address: `198.18.${version}.${i + 1}`,
      prefixLength: 24,
      device: link.name,
      scope: 0,
    })),
    virtualRoutes: [route],
    virtualRules: [rule],
    ownerIgnoreAdverts: true,
    garp: { ...defaultInstance.garp, masterRepeat: 2 },
  };
}

/** They are encoded, and the kernel is not asked. */
const route: RouteConfig = {
  family: 4,
  type: "unicast",
  destination: { address: "198.18.200.0", prefixLength: 24 },
  via: "198.18.2.1",
  table: 254,
  scope: 0,
  protocol: 18,
  tos: 0,
  onLink: false,
  metrics: { lock: 0 },
  insertion: "prepend",
  isTracked: true,
  nextHops: [],
};
const rule: RuleConfig = {
  family: 4,
  isInverted: false,
  from: route.destination,
  tos: 0,
  preference: 1,
  protocol: 18,
  action: { kind: "table", table: 254 },
  isTracked: true,
};

function nothing(): void {
  return;
}
