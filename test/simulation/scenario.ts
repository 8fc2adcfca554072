// What one seed stands for: how many routers, how they are configured, how bad the network may get.
// Draws everything from the seed; decides no events.

import {
  nextInteger,
  nextRandom,
  type RandomState,
} from "@keepalived-ts/shared-config/base/random";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import { emptyTrackReferences } from "@keepalived-ts/shared-config/schema/config-empty";
import { garpConfig, instanceOf, virtualAddress } from "@keepalived-ts/vrrp/core/fixtures";
import { clockErrorMax, masterDownIntervalMaxUs } from "./bounds.js";

export interface HostPlan {
  readonly address: string;
  readonly config: VrrpInstanceConfig;
  /** A second instance in a network of its own, and a sync group of both. */
  readonly isGrouped: boolean;
  /** Local microseconds a real one. */
  readonly clockRate: number;
  readonly clockOffsetUs: number;
  /** `vrrp_startup_delay`. */
  readonly startupDelayUs: number;
}

export interface Scenario {
  readonly seed: number;
  readonly hosts: readonly HostPlan[];
  /** The longest advert interval of all. */
  readonly slowestUs: number;
  /** The longest time that a packet is on its way. */
  readonly delayMaxUs: number;
  /** The longest time from a deadline to the process that is woken by it. */
  readonly latenessMaxUs: number;
  /** No process comes back from the dead, and no BACKUP steps in, later than this. */
  readonly silenceMaxUs: number;
  /** In chaos only. */
  readonly lossMax: number;
  readonly duplicateMax: number;
  readonly corruptMax: number;
  readonly hasTwoOwners: boolean;
  /** The longest wait after a start. */
  readonly startupMaxUs: number;
}

/** The script that some routers track. */
export const trackedScript = "chk";

export function planScenario(seed: number, random: RandomState): Scenario {
  const count = nextInteger(random, 2, 5);
  const version = nextRandom(random) < 0.5 ? 2 : 3;
  const intervals = planIntervals(random, version, count);
  const priorities = planPriorities(random, count);
  const addresses = planAddresses(random, count);
  // Two owners of a group may each have won in one network: none leaves it, and nothing is torn.
  const hasTwoOwners = priorities.filter((priority) => priority === 255).length > 1;
  const mode = pick(random, ["multicast", "unicast", hasTwoOwners ? "multicast" : "group"]);
  const delayed = nextRandom(random) < 0.2 ? nextInteger(random, 0, count - 1) : -1;
  const hosts = addresses.map((address, i) => ({
    address,
    isGrouped: mode === "group",
    config: {
      ...planInstance(random, version, priorities[i] ?? 100, intervals[i] ?? 1_000_000),
      ...(mode === "unicast" ? planPeers(addresses, i) : {}),
      ...(mode === "group" ? { track: planTracking(random, true) } : {}),
    },
    clockRate: 1 + (2 * nextRandom(random) - 1) * clockErrorMax,
    clockOffsetUs: nextInteger(random, 0, 1e12),
    startupDelayUs: i === delayed ? nextInteger(random, 1, 8) * Math.max(...intervals) : 0,
  }));
  const slowestUs = Math.max(...intervals);
  const fastestUs = Math.min(...intervals);
  return {
    seed,
    hosts,
    slowestUs,
    delayMaxUs: Math.floor(fastestUs / nextInteger(random, 10, 200)),
    latenessMaxUs: Math.min(4_000, Math.floor(fastestUs / 100)),
    silenceMaxUs: masterDownIntervalMaxUs(hosts.map(({ config }) => config)),
    lossMax: pick(random, [0, 0.05, 0.3, 0.6]),
    duplicateMax: pick(random, [0, 0.1]),
    corruptMax: pick(random, [0, 0.05]),
    startupMaxUs: Math.max(...hosts.map(({ startupDelayUs }) => startupDelayUs)),
    hasTwoOwners,
  };
}

export function pick<T>(random: RandomState, from: readonly [T, ...T[]]): T {
  return from[nextInteger(random, 0, from.length - 1)] ?? from[0];
}

/** Version 2 demands one interval for all; in version 3 each may have its own. */
function planIntervals(random: RandomState, version: 2 | 3, count: number): number[] {
  if (version === 2) return Array(count).fill(pick(random, [1_000_000, 2_000_000]));
  const common = pick(random, [10_000, 100_000, 1_000_000]);
  const isMixed = nextRandom(random) < 0.3;
  return Array.from({ length: count }, () =>
    isMixed ? common * nextInteger(random, 1, 4) : common,
  );
}

function planPriorities(random: RandomState, count: number): number[] {
  const style = pick(random, ["equal", "spread", "any", "any", "owner", "two owners"]);
  const one = nextInteger(random, 1, 254);
  return Array.from({ length: count }, (_, i) => {
    if (style === "equal") return one;
    if (style === "spread") return 20 + i * 50;
    if (style === "owner" && i === 0) return 255;
    if (style === "two owners" && i < 2 && nextRandom(random) < 0.5) return 255;
    return nextInteger(random, 1, 254);
  });
}

/** In no order, so that ties are broken against the order of the hosts too. */
function planAddresses(random: RandomState, count: number): string[] {
  const numbers = new Set<number>();
  while (numbers.size < count) numbers.add(nextInteger(random, 1, 250));
  return Array.from(numbers, (number) => `192.0.2.${number}`);
}

function planPeers(
  addresses: readonly string[],
  own: number,
): Pick<VrrpInstanceConfig, "unicastPeers" | "checkUnicastSource"> {
  const peers = addresses.filter((_, i) => i !== own);
  return {
    unicastPeers: peers.map((address) => ({ address, minTtl: 0, maxTtl: 255 })),
    checkUnicastSource: true,
  };
}

/**
 * What an owner tracks has no weight, for its priority never changes; nor has what a member of a
 * sync group tracks.
 */
function planTracking(random: RandomState, hasNoWeight: boolean): VrrpInstanceConfig["track"] {
  const weight = pick(random, [null, null, 0, hasNoWeight ? 0 : -60, hasNoWeight ? 0 : 40]);
  const scripts = weight === null ? [] : [{ name: trackedScript, weight, reverse: false }];
  return { ...emptyTrackReferences, scripts };
}

function planInstance(
  random: RandomState,
  version: 2 | 3,
  basePriority: number,
  advertIntervalUs: number,
): VrrpInstanceConfig {
  const isOwner = basePriority === 255;
  const hasDelay = !isOwner && nextRandom(random) < 0.25;
  const preempt = isOwner || nextRandom(random) < 0.75;
  return instanceOf({
    version,
    basePriority,
    advertIntervalUs,
    wantedState: isOwner || nextRandom(random) < 0.3 ? "MASTER" : "BACKUP",
    preempt,
    ...(!preempt && nextRandom(random) < 0.5 ? { timerExpiredBackup: 254 } : {}),
    handOver: nextRandom(random) < 0.9,
    preemptDelayUs: hasDelay ? nextInteger(random, 1, 6) * advertIntervalUs : 0,
    downTimerAdverts: pick(random, [3, 3, 3, 2, 4]),
    lowerPriorityNoAdvert: nextRandom(random) < 0.2,
    higherPrioritySendAdvert: nextRandom(random) < 0.2,
    track: planTracking(random, isOwner),
    virtualAddresses: [virtualAddress("192.0.2.251"), virtualAddress("192.0.2.252")],
    excludedAddresses: [virtualAddress("198.51.100.1", { prefixLength: 32 })],
    garp: garpConfig({
      masterDelayUs: pick(random, [0, 2 * advertIntervalUs]),
      masterRefreshUs: pick(random, [0, 5 * advertIntervalUs]),
      lowerPriorityDelayUs: advertIntervalUs,
    }),
  });
}
