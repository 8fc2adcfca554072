// What a configuration, first or new, does to the instances: an unchanged one keeps everything, a
// changed one moves only what differs, one that is gone resigns. Decides no election.

import { parseIp } from "@keepalived-ts/shared-config/base/ip";
import type { InstanceSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  StartupConfig,
  VirtualAddress,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { configuredChecksum } from "./checksum-form.js";
import type { VrrpEvent } from "./event.js";
import { announce, armExtra, armRefresh } from "./garp.js";
import { claimsOf, endInstance, isClaimed, reviewHandOvers } from "./hand-over.js";
import { type Instance, newInstance, type Turn } from "./instance.js";
import { believedLink, useLinkDelays } from "./link-delay.js";
import { ownLinkOf } from "./place.js";
import { isOwner } from "./priority.js";
import { changePriority } from "./priority-change.js";
import {
  addRouting,
  type Routing,
  removeRouting,
  routingDevices,
  routingDifference,
  routingOf,
} from "./routing.js";
import { isSame } from "./same.js";
import { examine, reviewInstance, unbindLink } from "./state-fault.js";
import { startInstance } from "./state-init.js";
import { alignGroups, formGroups } from "./sync-group.js";
import { disarm } from "./timers.js";
import { useTrackGroups } from "./track-group.js";
import { forgetTrackers, trackerKey } from "./tracking.js";
import {
  addAddresses,
  blockAddresses,
  farewellOf,
  forgetAdvert,
  freeAddresses,
  removeAddresses,
  removeHoldings,
  resign,
  retreat,
  sendAdvertNow,
  takeUpMaster,
} from "./transition.js";
import { logInstance, reportState } from "./view.js";

type Configured = Extract<VrrpEvent, { readonly type: "configured" }>;

/** What a running MASTER still has to take. */
interface Change {
  readonly instance: Instance;
  readonly added: readonly VirtualAddress[];
  readonly routing: Routing;
}

const noRouting: Routing = { routes: [], rules: [] };

/**
 * All withdrawals come before all additions, so that an address which moves from one instance to
 * another ends up present.
 */
export function configure(turn: Turn, event: Configured): void {
  const { router } = turn;
  takeInSurroundings(turn, event);
  const wanted = new Map(event.config.instances.map((config) => [config.name, config]));
  const takenBack = new Set(reviewHandOvers(turn, wanted, isSameVirtualRouter));
  const claims = claimsOf(wanted.values());
  const changes: Change[] = [];
  const kept = [...router.instances.values()].filter((instance) => {
    const config = wanted.get(instance.name);
    if (config === undefined || !isSameVirtualRouter(instance.config, config)) {
      retire(turn, instance, config === undefined, claims);
      return false;
    }
    if (isSame(instance.config, config)) return true;
    const change = withdraw(turn, instance, config);
    if (!takenBack.has(instance)) changes.push(change);
    return true;
  });
  const added = [...wanted.values()]
    .filter(({ name }) => !router.instances.has(name))
    .map((config) => create(turn, config));
  formGroups(turn, event.config.syncGroups);
  for (const instance of kept) reviewInstance(turn, instance);
  for (const change of changes) extend(turn, change);
  for (const instance of takenBack) resumeRhythm(turn, instance);
  const resume = new Map(event.resume.map((snapshot) => [snapshot.instance, snapshot]));
  startAll(turn, added, resume);
  // New members of a group may be in FAULT.
  for (const instance of kept) if (instance.group !== null) reviewInstance(turn, instance);
  alignGroups(turn);
}

/** Links, trackers and what concerns no single instance. */
function takeInSurroundings({ router, now }: Turn, event: Configured): void {
  const { startup, interfaceDelays, logUnknownVrids } = event.config;
  router.isInMaintenance = event.isInMaintenance ?? false;
  // A successor of a process that died goes on where that was.
  const startsAt = event.resume.length > 0 ? 0 : startDelayEnd(startup, now);
  router.masterFrom ??= startsAt;
  router.logsUnknownVrids = logUnknownVrids;
  router.loggedVrids.clear();
  useLinkDelays(router, interfaceDelays);
  useTrackGroups(router, event.config.statics);
  const links = event.links.map((link) => believedLink(router, link, now));
  router.links.clear();
  for (const link of links) router.links.set(link.name, link);
  forgetTrackers(router, event.config);
  for (const report of event.trackers) {
    router.trackers.set(trackerKey(report.kind, report.name), report.value);
  }
}

/** CLOCK_MONOTONIC counts from the boot, so that one delay is an instant already. */
function startDelayEnd({ startupDelayUs, delayAfterBootUs }: StartupConfig, now: number): number {
  return Math.max(startupDelayUs === 0 ? 0 : now + startupDelayUs, delayAfterBootUs);
}

/** It was leaving, and is wanted again before anybody has taken over. */
function resumeRhythm(turn: Turn, instance: Instance): void {
  if (instance.state !== "MASTER") return;
  logInstance(turn, instance, "info", "Staying in MASTER STATE");
  takeUpMaster(turn, instance);
  reportState(turn, instance, "MASTER");
}

/** All are examined before any starts: in a sync group each asks for the others' faults. */
function startAll(
  turn: Turn,
  added: readonly Instance[],
  resume: ReadonlyMap<string, InstanceSnapshot>,
): void {
  const waiting = new Set(added.filter((each) => examine(turn, each) === "waiting"));
  for (const instance of added) {
    // Its sync group may have taken it along already.
    if (instance.state !== "INIT") continue;
    const snapshot = resume.get(instance.name);
    const members = instance.group?.members ?? [instance];
    if (snapshot === undefined && members.some((member) => waiting.has(member))) {
      removeHoldings(turn, instance);
      logInstance(turn, instance, "detail", "waits for the first result of its scripts");
    } else startInstance(turn, instance, snapshot);
  }
}

/** What other routers know an instance by; with another one it is another instance. */
export function isSameVirtualRouter(a: VrrpInstanceConfig, b: VrrpInstanceConfig): boolean {
  return (
    a.interface === b.interface &&
    a.vrf === b.vrf &&
    (a.interface !== "" || a.sourceAddress === b.sourceAddress) &&
    a.family === b.family &&
    a.version === b.version &&
    a.virtualRouterId === b.virtualRouterId &&
    a.multicastGroup === b.multicastGroup
  );
}

function create(turn: Turn, config: VrrpInstanceConfig): Instance {
  const instance = newInstance(config, turn.now);
  instance.checksumForm = configuredChecksum(config);
  useConfig(instance, config);
  turn.router.instances.set(config.name, instance);
  return instance;
}

/** One that is replaced, or that others are waiting for, goes at once. */
function retire(
  turn: Turn,
  instance: Instance,
  isRemoved: boolean,
  claims: ReadonlySet<string>,
): void {
  turn.router.instances.delete(instance.name);
  if (isRemoved && !isClaimed(instance, claims)) {
    endInstance(turn, instance, "removal");
    return;
  }
  if (instance.state === "MASTER") resign(turn, instance, farewellOf(instance));
  const previous = retreat(turn, instance);
  unbindLink(turn.router, instance);
  if (isRemoved) turn.actions.push({ type: "reportInstanceRemoved", instance: instance.name });
  else reportState(turn, instance, previous);
}

/** Takes the new configuration over and gives up what is held and is not in it. */
function withdraw(turn: Turn, instance: Instance, config: VrrpInstanceConfig): Change {
  const former = instance.addresses;
  const formerRouting = routingOf(instance.config);
  const hadOwnInterval = instance.masterAddress === null || config.version === 2;
  const wasBlocked = !instance.config.acceptMode;
  const hadRefreshUs = instance.config.garp.masterRefreshUs;
  const hadExtraUs = instance.config.garpExtraIntervalUs;
  changePriority(turn, instance, () => {
    useConfig(instance, config);
    instance.isYielding = instance.isYielding && isOwner(instance);
    if (hadOwnInterval) instance.masterAdvertIntervalUs = config.advertIntervalUs;
  });
  if (instance.state !== "MASTER") return { instance, added: [], routing: noRouting };
  if (hadRefreshUs !== config.garp.masterRefreshUs) {
    disarm(turn, instance, "garpRefresh");
    armRefresh(turn, instance);
  }
  if (hadExtraUs !== config.garpExtraIntervalUs) {
    disarm(turn, instance, "garpExtra");
    armExtra(turn, instance);
  }
  if (wasBlocked && config.acceptMode) freeAddresses(turn, instance, former);
  const routing = routingOf(config);
  removeRouting(turn, instance, routingDifference(formerRouting, routing));
  removeAddresses(turn, instance, difference(former, instance.addresses));
  return {
    instance,
    added: difference(instance.addresses, former),
    routing: routingDifference(routing, formerRouting),
  };
}

function extend(turn: Turn, { instance, added, routing }: Change): void {
  if (instance.state === "MASTER") {
    sendAdvertNow(turn, instance);
    if (!instance.config.acceptMode) blockAddresses(turn, instance, instance.addresses);
    addAddresses(turn, instance, added);
    addRouting(turn, instance, routing);
    announce(turn, instance, added, instance.config.garp.masterRepeat);
  }
  reportState(turn, instance, instance.state);
}

function useConfig(instance: Instance, config: VrrpInstanceConfig): void {
  const former = instance.config;
  const checksumForm = configuredChecksum(config);
  // What the peers were found to speak holds as long as they are the same.
  const isOtherForm = checksumForm !== configuredChecksum(former);
  if (isOtherForm || !isSame(former.unicastPeers, config.unicastPeers)) {
    instance.checksumForm = checksumForm;
  }
  instance.config = config;
  instance.addresses = [...config.virtualAddresses, ...config.excludedAddresses];
  const tracked = instance.addresses.filter(({ noTrack }) => noTrack !== true);
  const devices = tracked.map(({ device }) => [device, "VIP"] as const);
  const own = ownLinkOf(config);
  if (own !== undefined) devices.push([own.name, "VIP"]);
  const others = devices.filter(([device]) => device !== config.interface);
  // A route or a rule needs the instance's own interface even with dont_track_primary.
  instance.devices = new Map([...routingDevices(config), ...others]);
  instance.advertisedAddresses = config.virtualAddresses.map(hexadecimal).join("");
  instance.comparedAddresses = instance.advertisedAddresses;
  instance.comparedResult = true;
  forgetAdvert(instance);
}

function hexadecimal({ address }: VirtualAddress): string {
  return Buffer.from(parseIp(address) ?? []).toString("hex");
}

function placeOf({ address, device }: VirtualAddress): string {
  return `${address} ${device}`;
}

/** The members of `from` that are not, with every attribute, in `without`. */
function difference(
  from: readonly VirtualAddress[],
  without: readonly VirtualAddress[],
): readonly VirtualAddress[] {
  const byPlace = new Map(without.map((entry) => [placeOf(entry), entry]));
  return from.filter((entry) => !isSame(entry, byPlace.get(placeOf(entry))));
}
