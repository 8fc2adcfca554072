// The VRRP core: every event goes in here, with its instant, and the orders come out. Holds no
// socket, clock, log or promise. The same core runs in the process and in the simulator.

import { assert, unreachable } from "@keepalived-ts/shared-config/base/assert";
import { Deadlines } from "@keepalived-ts/shared-config/base/deadlines";
import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import type { VrrpAction } from "./action.js";
import { type AdvertReceived, checkAdvert } from "./advert-check.js";
import type { VrrpEvent } from "./event.js";
import { handleGarpLowerPriority, handleGarpRefresh, handleGarpSecondBurst } from "./garp.js";
import {
  type Instance,
  instanceKey,
  type Router,
  sourceKey,
  type Timer,
  type Turn,
} from "./instance.js";
import { configure } from "./reload.js";
import { handleBackupAdvert, handleMasterDown } from "./state-backup.js";
import { handleLinkChanged, handleLinkRemoved, handleTrackerChanged } from "./state-fault.js";
import { handleAdvertDue, handleMasterAdvert, handleRivalOwner } from "./state-master.js";
import { shutDown } from "./transition.js";
import { reportState } from "./view.js";

export type { Router } from "./instance.js";
export { counters, instanceConfig, type RouterCounters, snapshots } from "./view.js";

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
    trackers: new Map(),
    links: new Map(),
    deadlines: new Deadlines(),
    lastEventAt: 0,
    isStopped: false,
    unknownVirtualRouter: 0,
  };
}

/** Takes in one event at the instant `now` and returns what to do, in order. */
export function handle(router: Router, event: VrrpEvent, now: number): VrrpAction[] {
  assert(now >= router.lastEventAt, "time went backwards");
  router.lastEventAt = now;
  const turn: Turn = { router, now, actions: [] };
  if (!router.isStopped) dispatch(turn, event);
  return turn.actions;
}

/** When `deadlineReached` is due; undefined = nothing to wait for. */
export function nextDeadline(router: Router): number | undefined {
  return router.deadlines.next();
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
    turn.router.unknownVirtualRouter++;
    return;
  }
  // An instance in FAULT takes no part in the protocol.
  if (instance.state !== "BACKUP" && instance.state !== "MASTER") return;
  const advert = checkAdvert(turn, instance, event);
  if (advert === undefined) return;
  if (instance.state === "BACKUP") handleBackupAdvert(turn, instance, event.source, advert);
  else handleMasterAdvert(turn, instance, event.source, advert);
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
    case "garpLowerPriority":
      handleGarpLowerPriority(turn, instance);
      return;
    case "rivalOwner":
      handleRivalOwner(turn, instance);
      return;
    default:
      unreachable(name);
  }
}

/** Everybody resigns; nothing that happens later matters. */
function stop(turn: Turn): void {
  for (const instance of turn.router.instances.values()) {
    const previous = shutDown(turn, instance);
    reportState(turn, instance, previous);
  }
  turn.router.isStopped = true;
}
