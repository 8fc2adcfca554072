// The VRRP core: every event goes in here, with its instant, and the orders come out. Holds no
// socket, clock, log or promise. The same core runs in the process and in the simulator.

import { assert, unreachable } from "@keepalived-ts/shared-config/base/assert";
import { Deadlines } from "@keepalived-ts/shared-config/base/deadlines";
import { newHistogram } from "@keepalived-ts/shared-config/base/histogram";
import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import type { VrrpAction } from "./action.js";
import { type AdvertReceived, checkAdvert } from "./advert-check.js";
import type { VrrpEvent } from "./event.js";
import {
  handleAnnounceRequested,
  handleGarpExtra,
  handleGarpLowerPriority,
  handleGarpRefresh,
  handleGarpSecondBurst,
} from "./garp.js";
import { handleFailover, handleMaintenance } from "./giving-away.js";
import { endInstance, handleHandOverEnd, handleSuccessor, letAllGo } from "./hand-over.js";
import { handleHoldingLost } from "./holding-loss.js";
import {
  type Instance,
  instanceKey,
  type Router,
  sourceKey,
  type Timer,
  type Turn,
} from "./instance.js";
import { takeDueLink } from "./link-delay.js";
import { configure } from "./reload.js";
import { handleBackupAdvert, handleMasterDown } from "./state-backup.js";
import {
  believeLink,
  handleLinkChanged,
  handleLinkRemoved,
  handleTrackerChanged,
  linkByIndex,
} from "./state-fault.js";
import { handleAdvertDue, handleMasterAdvert, handleRivalOwner } from "./state-master.js";

export type { Router } from "./instance.js";
export { clearCounters, type RouterStatus, routerStatus } from "./status.js";
export { instanceConfig, isFinished, leavingConfigs, snapshots } from "./view.js";

export interface RouterOptions {
  /** Spreads what need not happen to all instances in one instant. */
  readonly seed: number;
}

export function createRouter(options: RouterOptions): Router {
  return {
    random: { seed: options.seed },
    instances: new Map(),
    byKey: new Map(),
    bySource: new Map(),
    groups: new Map(),
    leaving: new Set(),
    trackers: new Map(),
    links: new Map(),
    deadlines: new Deadlines(),
    groupDevices: new Map(),
    linkDelays: new Map(),
    linkTimers: new Deadlines(),
    masterFrom: null,
    logsUnknownVrids: false,
    loggedVrids: new Set(),
    lastEventAt: 0,
    lateUs: 0,
    stalledUntil: 0,
    isInMaintenance: false,
    isStopped: false,
    unknownVirtualRouter: 0,
    advertLateness: newHistogram(),
  };
}

/** Takes in one event at the instant `now` and returns what to do, in order. */
export function handle(router: Router, event: VrrpEvent, now: number): VrrpAction[] {
  assert(now >= router.lastEventAt, "time went backwards");
  router.lastEventAt = now;
  const turn: Turn = { router, now, actions: [] };
  if (!router.isStopped || isForLeaving(router, event)) dispatch(turn, event);
  return turn.actions;
}

/** When `deadlineReached` is due; undefined = nothing to wait for. */
export function nextDeadline({ deadlines, linkTimers }: Router): number | undefined {
  const at = deadlines.next();
  const linkAt = linkTimers.next();
  return linkAt === undefined || (at !== undefined && at <= linkAt) ? at : linkAt;
}

/** After the stop nothing matters but who takes over, and whether we would hear it. */
function isForLeaving(router: Router, { type }: VrrpEvent): boolean {
  const others = ["configured", "trackerChanged", "failoverRequested", "maintenanceChanged"];
  return router.leaving.size > 0 && !others.includes(type);
}

function dispatch(turn: Turn, event: VrrpEvent): void {
  switch (event.type) {
    case "configured":
      configure(turn, event);
      return;
    case "advertReceived":
      handleAdvert(turn, event);
      return;
    case "linkChanged":
      handleLinkChanged(turn, event.link);
      return;
    case "linkRemoved":
      handleLinkRemoved(turn, event.index);
      return;
    case "trackerChanged":
      handleTrackerChanged(turn, event.report);
      return;
    case "announceRequested":
      handleAnnounceRequested(turn, event.instance);
      return;
    case "holdingLost":
      handleHoldingLost(turn, event);
      return;
    case "failoverRequested":
      handleFailover(turn, event.instance);
      return;
    case "maintenanceChanged":
      handleMaintenance(turn, event.isOn);
      return;
    case "deadlineReached":
      handleDeadlines(turn);
      return;
    case "stopRequested":
      stop(turn);
      return;
    default:
      unreachable(event);
  }
}

function handleAdvert(turn: Turn, event: AdvertReceived): void {
  const { decoded } = event;
  const virtualRouterId = decoded.ok ? decoded.advert.virtualRouterId : decoded.virtualRouterId;
  const instance =
    virtualRouterId === null ? undefined : addressee(turn.router, event, virtualRouterId);
  if (instance === undefined) {
    noteUnknown(turn, event, virtualRouterId);
    return;
  }
  if (instance.ending !== null) {
    handleSuccessor(turn, instance, event);
    return;
  }
  // An instance in FAULT takes no part in the protocol.
  if (instance.state !== "BACKUP" && instance.state !== "MASTER") return;
  const advert = checkAdvert(turn, instance, event);
  if (advert === undefined) return;
  if (instance.state === "BACKUP") handleBackupAdvert(turn, instance, event, advert);
  else handleMasterAdvert(turn, instance, event, advert);
}

/** `log_unknown_vrids`: each of them once, until the next configuration. */
function noteUnknown(turn: Turn, event: AdvertReceived, virtualRouterId: number | null): void {
  const { router } = turn;
  router.unknownVirtualRouter++;
  if (!router.logsUnknownVrids || virtualRouterId === null) return;
  const key = instanceKey(event.interfaceIndex, ipFamily(event.source), virtualRouterId);
  if (router.loggedVrids.has(key)) return;
  router.loggedVrids.add(key);
  const device = linkByIndex(router, event.interfaceIndex)?.name ?? `#${event.interfaceIndex}`;
  const text = `Unknown VRID ${virtualRouterId} received on ${device} from ${event.source}`;
  turn.actions.push({ type: "log", record: { level: "info", text } });
}

/** An instance without an interface is known by the address that adverts come to. */
function addressee(
  { byKey, bySource }: Router,
  { interfaceIndex, source, destination }: AdvertReceived,
  virtualRouterId: number,
): Instance | undefined {
  const key = instanceKey(interfaceIndex, ipFamily(source), virtualRouterId);
  const found = byKey.get(key);
  if (found !== undefined || bySource.size === 0) return found;
  return bySource.get(sourceKey(interfaceIndex, destination, virtualRouterId));
}

/** Ends, because every handler arms its timer later than `now` or not at all. */
function handleDeadlines(turn: Turn): void {
  for (;;) {
    const link = takeDueLink(turn.router, turn.now);
    if (link === undefined) break;
    believeLink(turn, link);
  }
  turn.router.lateUs = turn.now - (turn.router.deadlines.next() ?? turn.now);
  for (;;) {
    const timer = turn.router.deadlines.takeDue(turn.now);
    if (timer === undefined) return;
    handleTimer(turn, timer);
  }
}

function handleTimer(turn: Turn, { instance, name }: Timer): void {
  switch (name) {
    case "advert":
      handleAdvertDue(turn, instance);
      return;
    case "masterDown":
      handleMasterDown(turn, instance);
      return;
    case "garpSecondBurst":
      handleGarpSecondBurst(turn, instance);
      return;
    case "garpRefresh":
      handleGarpRefresh(turn, instance);
      return;
    case "garpExtra":
      handleGarpExtra(turn, instance);
      return;
    case "garpLowerPriority":
      handleGarpLowerPriority(turn, instance);
      return;
    case "rivalOwner":
      handleRivalOwner(turn, instance);
      return;
    case "handOver":
      handleHandOverEnd(turn, instance);
      return;
    default:
      unreachable(name);
  }
}

/** Everybody resigns. Who is stopped a second time hands nothing over any more. */
function stop(turn: Turn): void {
  const { router } = turn;
  if (router.isStopped) {
    letAllGo(turn);
    return;
  }
  // There is no time left to wait and see whether an interface comes back.
  for (let link = takeDueLink(router, Number.POSITIVE_INFINITY); link !== undefined; ) {
    router.links.set(link.name, link);
    link = takeDueLink(router, Number.POSITIVE_INFINITY);
  }
  for (const instance of router.instances.values()) endInstance(turn, instance, "stop");
  router.isStopped = true;
}
