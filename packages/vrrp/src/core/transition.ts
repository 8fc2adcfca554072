// The changes of state and what each one orders, in keepalived's order (vrrp.c): a new MASTER sends
// its advert first, then takes the addresses, then announces them, and only then tells about it.
// Decides no election.

import { assert } from "@keepalived-ts/shared-config/base/assert";
import type { MasterReason, VrrpStateName } from "@keepalived-ts/shared-config/ipc/messages";
import type { VirtualAddress } from "@keepalived-ts/shared-config/schema/config";
import type { SendAdvertAction } from "./action.js";
import { announceMaster } from "./garp.js";
import type { Instance, Turn } from "./instance.js";
import { effectivePriority } from "./priority.js";
import { addRouting, removeRouting, routingOf } from "./routing.js";
import { arm, disarmAll } from "./timers.js";
import { forgetLogged, logInstance, reportState } from "./view.js";

/** RFC 9568 §6.4.2, Active_Down_Timer fires; §6.4.1 for the owner. */
export function enterMaster(turn: Turn, instance: Instance, reason: string | null): void {
  const reasonKind = masterReasonOf(instance);
  const previous = changeState(turn, instance, "MASTER");
  instance.masterReason = reasonKind;
  instance.hasGivenAway = false;
  instance.counters.becomeMaster++;
  forgetMaster(instance);
  takeUpMaster(turn, instance);
  if (reason !== null) logInstance(turn, instance, "detail", reason);
  logInstance(turn, instance, "info", "Entering MASTER STATE");
  logInstance(turn, instance, "detail", "setting VIPs.");
  reportState(turn, instance, previous);
}

function masterReasonOf({ state, loggedCauses }: Instance): MasterReason {
  if (state === "INIT") return "owner";
  return loggedCauses.has("lowerPriorityDiscarded") ? "preemption" : "timeout";
}

/** The first advert, all that a MASTER holds and its announcement; also when resuming. */
export function takeUpMaster(turn: Turn, instance: Instance): void {
  sendAdvertNow(turn, instance);
  addAddresses(turn, instance, instance.addresses);
  addRouting(turn, instance, routingOf(instance.config));
  announceMaster(turn, instance);
}

/** RFC 9568 §6.4.1 and §6.4.3. The master is given up first when it is held. */
export function enterBackup(turn: Turn, instance: Instance, masterDownUs: number): void {
  if (instance.state === "MASTER") release(turn, instance);
  const previous = changeState(turn, instance, "BACKUP");
  arm(turn, instance, "masterDown", turn.now + masterDownUs);
  const suffix = previous === "INIT" ? " (init)" : "";
  logInstance(turn, instance, "info", `Entering BACKUP STATE${suffix}`);
  reportState(turn, instance, previous);
}

/** A MASTER that lives gives up its mastership by its own will: the peers need not wait for it. */
export function stepDown(turn: Turn, instance: Instance, masterDownUs: number): void {
  resign(turn, instance, farewellOf(instance));
  enterBackup(turn, instance, masterDownUs);
}

/**
 * FAULT is keepalived's own state (vrrp.h), not the RFC's: something that this instance needs is
 * missing. `farewell` is sent by a MASTER that can still be heard.
 */
export function enterFault(
  turn: Turn,
  instance: Instance,
  reason: string,
  farewell: SendAdvertAction | null,
): void {
  if (farewell !== null) resign(turn, instance, farewell);
  if (instance.state === "MASTER") release(turn, instance);
  const previous = changeState(turn, instance, "FAULT");
  forgetMaster(instance);
  instance.isYielding = false;
  const suffix = previous === "INIT" ? " (init)" : "";
  logInstance(turn, instance, "warn", reason);
  logInstance(turn, instance, "info", `Entering FAULT STATE${suffix}`);
  reportState(turn, instance, previous);
}

/**
 * The end of an instance that has resigned if it had to, RFC 9568 §6.4.2 and §6.4.3, Shutdown
 * event. Reports nothing, returns the state left.
 */
export function retreat(turn: Turn, instance: Instance): VrrpStateName {
  if (instance.state === "MASTER") release(turn, instance);
  forgetMaster(instance);
  return changeState(turn, instance, "INIT");
}

/** Sends an advert outside the rhythm, which starts anew from here. */
export function sendAdvertNow(turn: Turn, instance: Instance): void {
  sendAdvert(turn, instance);
  arm(turn, instance, "advert", turn.now + instance.config.advertIntervalUs);
}

/** The order is made once and handed out until {@link forgetAdvert}. */
export function sendAdvert(turn: Turn, instance: Instance): void {
  if (instance.config.headerAuthentication !== undefined) forgetAdvert(instance);
  instance.advertAction ??= advertOf(instance, effectivePriority(instance));
  instance.counters.advertisementsSent++;
  turn.actions.push(instance.advertAction);
}

/** To be called when anything that an advert says has changed. */
export function forgetAdvert(instance: Instance): void {
  instance.advertAction = null;
}

/** The priority-0 advert of a MASTER, as long as it still has its interface and source. */
export function farewellOf(instance: Instance): SendAdvertAction {
  return advertOf(instance, 0);
}

export function addAddresses(
  turn: Turn,
  instance: Instance,
  addresses: readonly VirtualAddress[],
): void {
  if (addresses.length === 0) return;
  if (!instance.config.acceptMode) blockAddresses(turn, instance, addresses);
  turn.actions.push({ type: "addAddresses", instance: instance.name, addresses });
}

export function blockAddresses(
  turn: Turn,
  { name }: Instance,
  addresses: readonly VirtualAddress[],
): void {
  turn.actions.push({ type: "blockAddresses", instance: name, addresses });
}

export function freeAddresses(
  turn: Turn,
  { name }: Instance,
  addresses: readonly VirtualAddress[],
): void {
  turn.actions.push({ type: "freeAddresses", instance: name, addresses });
}

export function removeAddresses(
  turn: Turn,
  instance: Instance,
  addresses: readonly VirtualAddress[],
): void {
  if (addresses.length === 0) return;
  turn.actions.push({ type: "removeAddresses", instance: instance.name, addresses });
  if (!instance.config.acceptMode) freeAddresses(turn, instance, addresses);
}

/** All that only a MASTER holds, in the reverse order. */
export function removeHoldings(turn: Turn, instance: Instance): void {
  removeRouting(turn, instance, routingOf(instance.config));
  removeAddresses(turn, instance, instance.addresses);
}

function advertOf(instance: Instance, priority: number): SendAdvertAction {
  const { name, config, transmitIndex, sourceAddress, checksumForm } = instance;
  assert(
    transmitIndex !== null && sourceAddress !== null,
    "a MASTER has an interface and a source",
  );
  return {
    type: "sendAdvert",
    instance: name,
    priority,
    interfaceIndex: transmitIndex,
    source: sourceAddress,
    config,
    ...(checksumForm === "standard" ? {} : { checksumForm }),
    ...(config.headerAuthentication === undefined ? {} : { sequence: ++instance.sequence }),
  };
}

/** Tells the peers that they need not wait for us. */
export function resign(turn: Turn, instance: Instance, farewell: SendAdvertAction): void {
  turn.actions.push(farewell);
  instance.counters.advertisementsSent++;
  instance.counters.priorityZeroSent++;
  logInstance(turn, instance, "info", "sent 0 priority");
}

function release(turn: Turn, instance: Instance): void {
  instance.counters.releaseMaster++;
  removeHoldings(turn, instance);
  logInstance(turn, instance, "detail", "removing VIPs.");
}

/** Returns the state left. Every timer belongs to a state and ends with it. */
function changeState(turn: Turn, instance: Instance, state: VrrpStateName): VrrpStateName {
  const previous = instance.state;
  disarmAll(turn, instance);
  instance.state = state;
  instance.enteredAt = turn.now;
  instance.masterReason = null;
  instance.preemptAt = null;
  instance.wantsMaster = false;
  instance.wasStalled = false;
  instance.hasRivalOwner = false;
  instance.lowerPriorityAnsweredAt = null;
  forgetLogged(turn, instance);
  return previous;
}

export function forgetMaster(instance: Instance): void {
  instance.masterAddress = null;
  instance.masterPriority = null;
  instance.masterAdvertIntervalUs = instance.config.advertIntervalUs;
}
