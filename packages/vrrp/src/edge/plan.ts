// What a reload would do to the instances here, in words: reads the links of this host and asks the
// core. In a process of its own; opens no socket that hears or sends adverts, changes nothing.

import type {
  PlannedInstance,
  PlanVrrpMessage,
  TrackerReport,
  WatchReport,
} from "@keepalived-ts/shared-config/ipc/messages";
import type {
  VirtualAddress,
  VrrpConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { LinkFact } from "../core/event.js";
import { type InstancePlan, planReload } from "../core/plan.js";
import { virtualLinksOf, withAddressesPlaced } from "../core/virtual-links.js";
import { LinkWatch } from "./link-watch.js";
import { routeText, ruleText } from "./routing-text.js";

/** A link that is yet to be made has no number; the kernel's are small. */
const firstImagined = 0x70000000;

export async function planFor(message: PlanVrrpMessage, now: number): Promise<PlannedInstance[]> {
  const running = withAddressesPlaced(message.running);
  const next = withAddressesPlaced(message.next);
  const { resume: states, isInMaintenance } = message;
  const trackers = message.trackers.filter((each): each is TrackerReport => !isPolled(each));
  const links = await linksOf({ ...next, instances: union(next, running) }, message.trackers);
  return planReload({ running, next, links, states, trackers, isInMaintenance, now }).map(inWords);
}

function isPolled({ kind }: WatchReport): boolean {
  return kind === "link";
}

function union(next: VrrpConfig, running: VrrpConfig): VrrpInstanceConfig[] {
  const names = new Set(next.instances.map(({ name }) => name));
  return [...next.instances, ...running.instances.filter(({ name }) => !names.has(name))];
}

/** Those that are there, and those that the instances would make. */
async function linksOf(
  config: VrrpConfig,
  reports: readonly WatchReport[],
): Promise<readonly LinkFact[]> {
  const watch = new LinkWatch(
    unheard,
    () => undefined,
    () => undefined,
  );
  try {
    await watch.open(config.process);
    watch.table.usePolled(reports);
    const facts = watch.configure(config);
    const known = new Map(facts.map((fact) => [fact.name, fact]));
    const imagined = virtualLinksOf(config).flatMap(({ name, base }, i) => {
      const below = known.get(base) ?? watch.table.fact(base);
      if (known.has(name) || below === undefined) return [];
      return [{ ...below, name, index: firstImagined + i }];
    });
    return [...facts, ...imagined];
  } finally {
    watch.close();
  }
}

const unheard = {
  event: (): void => undefined,
  appeared: (): void => undefined,
  prepare: (): boolean => true,
  renamed: (): void => undefined,
  vanished: (): void => undefined,
  addressLost: (): void => undefined,
  addressDuplicate: (): void => undefined,
  resynchronised: (): void => undefined,
  failed: (): void => undefined,
};

function inWords(plan: InstancePlan): PlannedInstance {
  const { addedAddresses, addedRoutes, addedRules, ...more } = plan;
  const { removedAddresses, removedRoutes, removedRules, ...rest } = more;
  return {
    ...rest,
    adds: [
      ...addedAddresses.map(addressText),
      ...addedRoutes.map(routeText),
      ...addedRules.map(ruleText),
    ],
    removes: [
      ...removedRules.map(ruleText),
      ...removedRoutes.map(routeText),
      ...removedAddresses.map(addressText),
    ],
  };
}

function addressText({ address, prefixLength, device }: VirtualAddress): string {
  return `address ${address}/${prefixLength} dev ${device}`;
}
