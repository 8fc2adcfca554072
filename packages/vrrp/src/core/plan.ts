// What a reload would do, found out by doing it: a router of its own takes up the configuration in
// force with the states of the real one, then the configuration that is asked about, and what that
// orders is the plan. Touches nothing; decides nothing that router.ts does not decide.

import type {
  InstanceSnapshot,
  InstanceStatus,
  PlannedInstance,
  PlannedInstanceState,
  TrackerReport,
} from "@keepalived-ts/shared-config/ipc/messages";
import type {
  RouteConfig,
  RuleConfig,
  VirtualAddress,
  VrrpConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { VrrpAction } from "./action.js";
import type { LinkFact } from "./event.js";
import { isSameVirtualRouter } from "./reload.js";
import { createRouter, handle, leavingConfigs, routerStatus } from "./router.js";
import { isSame } from "./same.js";

/** What is in force and known, and what is asked about. */
export interface PlanQuestion {
  readonly running: VrrpConfig;
  readonly next: VrrpConfig;
  readonly links: readonly LinkFact[];
  readonly states: readonly InstanceSnapshot[];
  readonly trackers: readonly TrackerReport[];
  readonly isInMaintenance: boolean;
  /** CLOCK_MONOTONIC, microseconds. */
  readonly now: number;
}

/** With addresses, routes and rules as they are, not yet in words. */
export interface InstancePlan extends Omit<PlannedInstance, "adds" | "removes"> {
  readonly addedAddresses: readonly VirtualAddress[];
  readonly removedAddresses: readonly VirtualAddress[];
  readonly addedRoutes: readonly RouteConfig[];
  readonly removedRoutes: readonly RouteConfig[];
  readonly addedRules: readonly RuleConfig[];
  readonly removedRules: readonly RuleConfig[];
}

export function planReload(question: PlanQuestion): InstancePlan[] {
  const { running, next, links, states, trackers, isInMaintenance, now } = question;
  const router = createRouter({ seed: 1 });
  const known = { links, trackers, isInMaintenance };
  handle(router, { type: "configured", config: running, resume: states, ...known }, now);
  const before = statuses(routerStatus(router).instances);
  const actions = handle(router, { type: "configured", config: next, resume: [], ...known }, now);
  const after = statuses(routerStatus(router).instances);
  const leaving = new Set(leavingConfigs(router).map(({ name }) => name));
  const former = new Map(running.instances.map((config) => [config.name, config]));
  const wanted = new Map(next.instances.map((config) => [config.name, config]));
  const ordered = byInstance(actions);
  return [...new Set([...former.keys(), ...wanted.keys()])].flatMap((name) => {
    const [old, config] = [former.get(name), wanted.get(name)];
    const orders = ordered.get(name) ?? [];
    const states = { before: before.get(name), after: after.get(name) };
    const isLeaving = leaving.has(name);
    const isQuiet = isSame(old, config) && !isMoved(states) && !orders.some(changesSomething);
    if (isQuiet) return [];
    return [plannedInstance({ name, old, config, ...states, orders, isLeaving })];
  });
}

function byInstance(actions: readonly VrrpAction[]): Map<string, VrrpAction[]> {
  const ordered = new Map<string, VrrpAction[]>();
  for (const action of actions) {
    if (!("instance" in action)) continue;
    const others = ordered.get(action.instance);
    if (others === undefined) ordered.set(action.instance, [action]);
    else others.push(action);
  }
  return ordered;
}

interface Facts {
  readonly name: string;
  readonly old: VrrpInstanceConfig | undefined;
  readonly config: VrrpInstanceConfig | undefined;
  readonly before: InstanceStatus | undefined;
  readonly after: InstanceStatus | undefined;
  readonly orders: readonly VrrpAction[];
  readonly isLeaving: boolean;
}

function plannedInstance(facts: Facts): InstancePlan {
  const { name, old, config, before, after, orders, isLeaving } = facts;
  const change = changeOf(old, config);
  const held = before?.holdsAddresses && old !== undefined ? addressesOf(old) : [];
  const added = ofType(orders, "addAddresses").flatMap(({ addresses }) => addresses);
  const removed = ofType(orders, "removeAddresses").flatMap(({ addresses }) => addresses);
  const routing = { added: ofType(orders, "addRouting"), removed: ofType(orders, "removeRouting") };
  return {
    instance: name,
    change,
    before: stateOf(before),
    after: stateOf(after),
    addedAddresses: without(added, held),
    // Also ordered away is what a dead daemon may have left.
    removedAddresses: isLeaving ? held : without(held, without(held, removed)),
    addedRoutes: routing.added.flatMap(({ routes }) => routes),
    removedRoutes: before?.holdsAddresses ? routing.removed.flatMap(({ routes }) => routes) : [],
    addedRules: routing.added.flatMap(({ rules }) => rules),
    removedRules: before?.holdsAddresses ? routing.removed.flatMap(({ rules }) => rules) : [],
    isHandedOver: isLeaving,
    risks: risksOf(facts, change),
  };
}

function changeOf(
  old: VrrpInstanceConfig | undefined,
  config: VrrpInstanceConfig | undefined,
): PlannedInstance["change"] {
  if (old === undefined) return "added";
  if (config === undefined) return "removed";
  return isSameVirtualRouter(old, config) ? "changed" : "replaced";
}

function ofType<T extends VrrpAction["type"]>(
  orders: readonly VrrpAction[],
  type: T,
): Extract<VrrpAction, { type: T }>[] {
  return orders.filter((each): each is Extract<VrrpAction, { type: T }> => each.type === type);
}

function addressesOf(config: VrrpInstanceConfig): readonly VirtualAddress[] {
  return [...config.virtualAddresses, ...config.excludedAddresses];
}

function without(
  addresses: readonly VirtualAddress[],
  others: readonly VirtualAddress[],
): VirtualAddress[] {
  const known = new Set(others.map((each) => JSON.stringify(each)));
  return addresses.filter((each) => !known.has(JSON.stringify(each)));
}

function changesSomething({ type }: VrrpAction): boolean {
  return !["log", "sendAdvert", "reportInstance", "removeAddresses", "removeRouting"].includes(
    type,
  );
}

function isMoved({ before, after }: Pick<Facts, "before" | "after">): boolean {
  return (
    before?.state !== after?.state ||
    before?.effectivePriority !== after?.effectivePriority ||
    before?.fault !== after?.fault
  );
}

function stateOf(status: InstanceStatus | undefined): PlannedInstanceState | null {
  if (status === undefined) return null;
  const { state, effectivePriority, fault } = status;
  return { state, effectivePriority, fault };
}

function statuses(all: readonly InstanceStatus[]): Map<string, InstanceStatus> {
  return new Map(all.map((status) => [status.instance, status]));
}

function risksOf(facts: Facts, change: PlannedInstance["change"]): string[] {
  const { before, after, old, config, isLeaving } = facts;
  const isMaster = before?.state === "MASTER";
  const risks: string[] = [];
  if (change === "replaced" && isMaster) {
    risks.push("gives its addresses up and begins anew: nobody has them until somebody is MASTER");
  }
  if (change === "removed" && isMaster) {
    risks.push(
      isLeaving
        ? "hands its addresses over: they go when another router is MASTER, or after 4.5 s at most"
        : "gives its addresses up at once",
    );
  }
  if (after?.state === "FAULT" && before?.state !== "FAULT") {
    risks.push(`goes to FAULT: ${after.fault ?? "it cannot run"}`);
  }
  if (change === "changed" && old !== undefined && config !== undefined) {
    risks.push(...agreementRisks(old, config), ...priorityRisks(config, before, after));
  }
  return risks;
}

/** What all routers of a virtual router must have alike. */
function agreementRisks(old: VrrpInstanceConfig, config: VrrpInstanceConfig): string[] {
  const texts = (each: VrrpInstanceConfig): string[] =>
    each.virtualAddresses.map(({ address }) => address).toSorted();
  const isOther = {
    "virtual addresses": !isSame(texts(old), texts(config)) && !config.skipCheckAdvertAddresses,
    advert_int: old.advertIntervalUs !== config.advertIntervalUs && config.version === 2,
    authentication:
      !isSame(old.authentication, config.authentication) ||
      !isSame(old.headerAuthentication, config.headerAuthentication) ||
      !isSame(old.hmacAuthentication, config.hmacAuthentication),
    v3_checksum_as_v2: old.v3ChecksumAsV2 !== config.v3ChecksumAsV2,
  };
  const others = Object.entries(isOther).flatMap(([what, isChanged]) => (isChanged ? [what] : []));
  if (others.length === 0) return [];
  const what = others.join(" and ");
  return [`routers that have other ${what} may discard its adverts and be MASTER too: change all`];
}

function priorityRisks(
  config: VrrpInstanceConfig,
  before: InstanceStatus | undefined,
  after: InstanceStatus | undefined,
): string[] {
  if (before === undefined || after === undefined) return [];
  const [from, to] = [before.effectivePriority, after.effectivePriority];
  if (after.state === "MASTER" && to < from) {
    return [
      `priority ${to} instead of ${from}: a BACKUP of more than ${to} that preempts takes over`,
    ];
  }
  const rival = after.masterPriority;
  if (after.state === "BACKUP" && rival !== null && config.preempt && to > rival && from <= rival) {
    return [`takes over from ${after.masterAddress}, whose priority is ${rival}`];
  }
  return [];
}
