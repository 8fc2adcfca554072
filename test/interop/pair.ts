// Two routers in one segment, one with our daemon and one with a peer's, and what the interop tests
// ask of them: who holds the address, for how long two did, which adverts went over the wire.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { AddressWatch, holderSpans } from "../lab/address-watch.js";
import { type Capture, startCapture } from "../lab/capture.js";
import { type InstanceText, vrrpConfigText } from "../lab/config-text.js";
import {
  type Daemon,
  type DaemonRunner,
  readStatistics,
  runDebianKeepalived,
  runKeepalivedTs,
} from "../lab/daemon.js";
import { type AdvertFrame, adverts } from "../lab/frames.js";
import type { Host } from "../lab/host.js";
import { createLab, type Lab } from "../lab/lab.js";
import { realtimeUs, waitFor } from "../lab/wait.js";

export const VIP = "192.0.2.100";

/** What the two routers are addressed by. */
export interface PairNetwork {
  readonly vip: string;
  readonly prefixLength: number;
  /** What adverts come from, the lower one first; further addresses of the same side behind it. */
  readonly sources: readonly [low: readonly string[], high: readonly string[]];
}

export const IPV4: PairNetwork = {
  vip: VIP,
  prefixLength: 24,
  sources: [["192.0.2.1"], ["192.0.2.2"]],
};
const GLOBAL = ["2001:db8::1", "2001:db8::2"] as const;
const LINK_LOCAL = ["fe80::1", "fe80::2"] as const;
/** Multicast adverts come from the link-local address. */
export const IPV6: PairNetwork = {
  vip: "2001:db8::100",
  prefixLength: 64,
  sources: [
    [LINK_LOCAL[0], GLOBAL[0]],
    [LINK_LOCAL[1], GLOBAL[1]],
  ],
};
/** With unicast_src_ip. */
export const IPV6_UNICAST: PairNetwork = {
  ...IPV6,
  sources: [
    [GLOBAL[0], LINK_LOCAL[0]],
    [GLOBAL[1], LINK_LOCAL[1]],
  ],
};

/**
 * More than the three that make a backup give up its master, so a backup that stays quiet has
 * heard.
 */
const QUIET_ADVERTS = 5;

export type InstanceOptions = Partial<InstanceText>;

/** One of the two routers. */
export class Side {
  readonly name: string;
  readonly address: string;
  readonly host: Host;
  readonly watch: AddressWatch;
  readonly #vip: string;
  readonly #runner: DaemonRunner;
  #daemon: Daemon | null = null;

  constructor(
    address: string,
    vip: string,
    { host, watch, runner }: { host: Host; watch: AddressWatch; runner: DaemonRunner },
  ) {
    this.name = host.name;
    this.address = address;
    this.#vip = vip;
    this.host = host;
    this.watch = watch;
    this.#runner = runner;
  }

  start(options: InstanceOptions): void {
    this.#daemon = this.#runner(
      this.host,
      vrrpConfigText([{ addresses: [this.#vip], ...options }]),
    );
  }

  get daemon(): Daemon {
    assert.ok(this.#daemon !== null, `${this.name} has been started`);
    return this.#daemon;
  }

  log(): string {
    return this.#daemon?.log() ?? "";
  }
}

export interface PairOptions {
  readonly label: string;
  /** Who gets the higher interface address, which decides a tie. */
  readonly higherAddress?: "ours" | "peer";
  readonly peer?: DaemonRunner;
  readonly network?: PairNetwork;
}

/** Without the link-local address that the kernel makes: the test knows the ones it has given. */
async function addRouter(lab: Lab, name: string, addresses: readonly string[]): Promise<Host> {
  const host = await lab.addHost(name);
  await host.must(["sysctl", "-qw", "net.ipv6.conf.default.addr_gen_mode=1"]);
  await host.attach({ segment: lab.lan, interface: "eth0", addresses });
  return host;
}

export class Pair {
  readonly lab: Lab;
  readonly ours: Side;
  readonly peer: Side;
  readonly capture: Capture;
  readonly vip: string;

  private constructor(lab: Lab, ours: Side, peer: Side, capture: Capture, vip: string) {
    this.vip = vip;
    this.lab = lab;
    this.ours = ours;
    this.peer = peer;
    this.capture = capture;
  }

  static async create(t: TestContext, options: PairOptions): Promise<Pair> {
    const lab = await createLab(options.label);
    t.after(() => lab.close());
    const { vip, prefixLength, sources } = options.network ?? IPV4;
    const addSide = async (
      name: string,
      addresses: readonly string[],
      runner: DaemonRunner,
    ): Promise<Side> => {
      const noDad = prefixLength === IPV4.prefixLength ? "" : " nodad";
      const lines = addresses.map((address) => `${address}/${prefixLength}${noDad}`);
      const host = await addRouter(lab, name, lines);
      const watch = await AddressWatch.start(host);
      t.after(() => watch.stop());
      return new Side(addresses[0] ?? "", vip, { host, watch, runner });
    };
    const [low, high] = sources;
    const oursIsHigh = options.higherAddress === "ours";
    const ours = await addSide("ours", oursIsHigh ? high : low, runKeepalivedTs);
    const peerRunner = options.peer ?? runDebianKeepalived;
    const peer = await addSide("peer", oursIsHigh ? low : high, peerRunner);
    return new Pair(lab, ours, peer, await startCapture(lab.lan), vip);
  }

  side(name: "ours" | "peer"): Side {
    return name === "ours" ? this.ours : this.peer;
  }

  other(side: Side): Side {
    return side === this.ours ? this.peer : this.ours;
  }

  adverts(): readonly AdvertFrame[] {
    return adverts(this.capture.frames());
  }

  /** Adverts of the router that spoke last, since the other did. */
  #monologue(): readonly AdvertFrame[] {
    const all = this.adverts();
    const speaker = all.at(-1)?.source;
    return all.slice(all.findLastIndex((advert) => advert.source !== speaker) + 1);
  }

  async #holders(): Promise<readonly Side[]> {
    const holds = await Promise.all([
      this.ours.host.holds(this.vip),
      this.peer.host.holds(this.vip),
    ]);
    return [this.ours, this.peer].filter((_side, index) => holds[index]);
  }

  /** Waits until one router alone has spoken for a while, and alone holds the address; gives it. */
  async settled(limitMs: number, wanted: Side | null = null): Promise<Side> {
    const sinceUs = realtimeUs();
    const isSettled = (): boolean => {
      const adverts = this.#monologue().filter((advert) => advert.atUs > sinceUs);
      if (wanted !== null && adverts.at(-1)?.source !== wanted.address) return false;
      return adverts.length >= QUIET_ADVERTS;
    };
    try {
      await waitFor(`${wanted?.name ?? "one router"} to speak alone`, isSettled, limitMs);
      const [holder, ...more] = await this.#holders();
      assert.ok(holder !== undefined && more.length === 0, "exactly one holder");
      assert.equal(this.#monologue().at(-1)?.source, holder.address, "the holder speaks");
      return holder;
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.logs()}`, { cause: error });
    }
  }

  /** Waits until this router has become and stayed the holder. */
  async settledAt(side: Side, limitMs: number): Promise<void> {
    assert.equal((await this.settled(limitMs, side)).name, side.name, this.logs());
  }

  /** The longest time that both held the address, from `sinceUs` on, in microseconds. */
  longestDoubleUs(sinceUs = 0): number {
    const changes = [...this.ours.watch.changes(), ...this.peer.watch.changes()];
    const spans = holderSpans(changes, this.vip, realtimeUs());
    const double = spans.filter((span) => span.holders.length > 1 && span.fromUs >= sinceUs);
    return Math.max(0, ...double.map((span) => span.toUs - span.fromUs));
  }

  logs(): string {
    return `--- ours\n${this.ours.log()}\n--- peer\n${this.peer.log()}`;
  }
}

/** No advert was found wanting: by Debian's counters, and by our log. */
export async function expectNothingRejected(pair: Pair): Promise<void> {
  const statistics = await readStatistics(pair.peer.daemon);
  const errors = [...statistics].filter(([name, count]) => / Errors\//.test(name) && count > 0);
  assert.deepEqual(errors, [], pair.peer.log());
  assert.doesNotMatch(pair.ours.log(), REJECTED, pair.ours.log());
}

/** How our daemon says that it has thrown an advert away, or found it strange. */
export const REJECTED: RegExp = /\) (received (?!lower priority)|expected \d+ VIPs)/;

/** Limit of waiting for a change of master, with room for a busy machine. */
export function patienceMs(advertIntervalS: number): number {
  return advertIntervalS * 12_000 + 30_000;
}

/** What two holders may have at most: by then the better one has sent an advert. */
export function doubleLimitUs(advertIntervalS: number): number {
  return advertIntervalS * 1e6;
}
