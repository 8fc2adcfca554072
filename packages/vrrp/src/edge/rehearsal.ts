// A takeover runs perhaps once in the life of a process, and code that never ran is slow: it has to be
// compiled first. So a router of its own goes through takeovers on a LAN that does not exist, in small
// portions while nothing else is to do. The kernel is asked too, but only for what it must refuse.

import { ETH_P_ARP } from "@keepalived-ts/netops/constants/socket";
import type {
  OutgoingDatagram,
  SendResult,
} from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeLinkLayer } from "@keepalived-ts/netops/raw-socket/sockaddr";
import type { VrrpConfig, VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import { createRouter, nextDeadline } from "../core/router.js";
import { AdvertCache } from "./advert-cache.js";
import { AdvertReceiver } from "./advert-receiver.js";
import { Loop } from "./loop.js";
import type { AddressOrder, ArpPort, Ports } from "./ports.js";
import { Reporter } from "./reporter.js";

const rounds = 60;
const link = { index: 1, name: "rehearsal", isRunning: true, ipv4Address: "192.0.2.1" };
/** Addresses of RFC 5737, for documentation. */
const rival = "192.0.2.254";
/** No interface has it: the kernel refuses (ENODEV, ENXIO) what is asked for it, without effect. */
const impossibleInterfaceIndex = 0x7fffffff;
const impossibleLinkAddress: Uint8Array = encodeLinkLayer({
  interfaceIndex: impossibleInterfaceIndex,
  protocol: ETH_P_ARP,
  hardwareAddress: new Uint8Array(6),
});

/** What a takeover calls besides our own code; all of it is without effect on the stage. */
export type RehearsalPorts = Pick<Ports, "now" | "defer" | "later" | "arp" | "addresses">;

/** Plays all rounds, one in a turn of the event loop. */
export async function rehearse(ports: RehearsalPorts): Promise<void> {
  const stage = new Stage(ports);
  for (let round = 0; round < rounds; round++) {
    await stage.playRound();
    await new Promise<void>((resolve) => ports.defer(resolve));
  }
}

/** One router, its peer and the LAN between them, with a clock that jumps from deadline to deadline. */
class Stage {
  readonly #real: RehearsalPorts;
  #now = 0;
  readonly #router = createRouter({ seed: 1 });
  readonly #receiver = new AdvertReceiver();
  readonly #adverts = new AdvertCache();
  readonly #loop: Loop;
  #expire: () => void = nothing;

  constructor(real: RehearsalPorts) {
    this.#real = real;
    this.#loop = new Loop(this.#ports(), this.#router);
    this.#loop.dispatch({ type: "configured", config, links: [link], resume: [] });
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
    for (const instance of config.instances) {
      const order = {
        type: "sendAdvert",
        instance: instance.name,
        priority,
        interfaceIndex: link.index,
        source: rival,
        config: instance,
      } as const;
      const event = this.#receiver.event(link.index, this.#adverts.packet(order).data);
      if (event !== undefined) this.#loop.dispatch(event);
    }
  }

  #ports(): Ports {
    const { arp, addresses, defer, later } = this.#real;
    const nowhere = (orders: readonly AddressOrder[]): AddressOrder[] =>
      orders.map(({ address }) => ({ address, interfaceIndex: impossibleInterfaceIndex }));
    const reporter = new Reporter(() => false, this.#real);
    return {
      now: () => this.#now,
      createTimer: (expired) => {
        this.#expire = expired;
        return { armAt: nothing, disarm: nothing, close: nothing };
      },
      defer,
      later,
      adverts: { send: (_index, packets) => sendNowhere(arp, packets) },
      arp: { send: (frames) => sendNowhere(arp, frames) },
      addresses: {
        add: async (orders) => allDone(await addresses.add(nowhere(orders))),
        remove: async (orders) => allDone(await addresses.remove(nowhere(orders))),
      },
      links: {
        link: () => ({ ...link, hardwareAddress: "02:00:00:00:00:01", hasArp: true }),
        hasAddress: () => false,
      },
      parent: reporter,
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
const config: VrrpConfig = {
  process: {},
  instances: [instance("two", 2, 1), instance("three", 3, 2)],
};

function instance(name: string, version: 2 | 3, virtualRouterId: number): VrrpInstanceConfig {
  return {
    name,
    wantedState: "BACKUP",
    interface: link.name,
    family: 4,
    version,
    virtualRouterId,
    basePriority: 100,
    advertIntervalUs: 1_000_000,
    preempt: true,
    preemptDelayUs: 0,
    downTimerAdverts: 3,
    virtualAddresses: Array.from({ length: 8 }, (_, i) => ({
      address: `192.0.2.${8 * virtualRouterId + i}`,
      prefixLength: 24,
      device: link.name,
      scope: 0,
    })),
    excludedAddresses: [],
    multicastGroup: "224.0.0.18",
    trackPrimary: true,
    lowerPriorityNoAdvert: false,
    higherPrioritySendAdvert: false,
    ownerIgnoreAdverts: true,
    skipCheckAdvertAddresses: false,
    garp: {
      masterDelayUs: 5_000_000,
      masterRepeat: 5,
      masterRefreshUs: 0,
      masterRefreshRepeat: 1,
      lowerPriorityDelayUs: 5_000_000,
      lowerPriorityRepeat: 5,
    },
  };
}

function nothing(): void {
  return;
}
