// How an instance begins: fresh, or where a dead predecessor stopped. RFC 9568 section 6.4.1,
// keepalived's vrrp_init_state.

import type { InstanceSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import type { Instance, Turn } from "./instance.js";
import { isOwner } from "./priority.js";
import { examine, faultReason } from "./state-fault.js";
import { reportGroup } from "./sync-group.js";
import { arm, masterDownIntervalUs, startDelayUs } from "./timers.js";
import {
  enterBackup,
  enterFault,
  enterMaster,
  removeHoldings,
  takeUpMaster,
} from "./transition.js";
import { logInstance, reportState } from "./view.js";

/** `snapshot` is what a predecessor that was killed has left behind, if there was one. */
export function startInstance(
  turn: Turn,
  instance: Instance,
  snapshot: InstanceSnapshot | undefined,
): void {
  const fault = faultReason(instance);
  instance.sequence = Math.max(instance.sequence, snapshot?.sequenceFrom ?? 0);
  if (fault === null && snapshot?.state === "MASTER") {
    resumeMaster(turn, instance, snapshot);
    return;
  }
  const waitUs = startDelayUs(turn);
  const isFirst = fault === null && snapshot === undefined && startsAsMaster(instance);
  if (isFirst && waitUs === 0) {
    enterMaster(turn, instance, null);
    return;
  }
  // A predecessor that was killed as MASTER has left in the kernel what it held.
  removeHoldings(turn, instance);
  if (fault !== null) enterFault(turn, instance, fault, null);
  else if (snapshot?.state === "BACKUP") resumeBackup(turn, instance, snapshot);
  else enterBackup(turn, instance, isFirst ? waitUs : masterDownIntervalUs(instance));
}

/**
 * Starts an instance whose scripts have all reported now, and its sync group with it. keepalived
 * keeps such an instance in FAULT and tells nobody; INIT says the same.
 */
export function startWaiting(turn: Turn, instance: Instance): void {
  const members = instance.group?.members ?? [instance];
  const waiting = members.filter(({ state }) => state === "INIT");
  if (waiting.some((member) => examine(turn, member) === "waiting")) return;
  for (const member of waiting) startInstance(turn, member, undefined);
  reportGroup(turn, instance);
}

/**
 * RFC 9568 §6.4.1: the owner starts as master. With another priority `state MASTER` gives no head
 * start (keepalived), and an owner that was in trouble before goes through BACKUP. A sync group
 * starts as MASTER only if all its members do.
 */
function startsAsMaster(instance: Instance): boolean {
  const members = instance.group?.members ?? [instance];
  return members.every((each) => isOwner(each) && each.config.wantedState === "MASTER");
}

/** The peers never noticed that the process died: no transition, nothing counted. */
function resumeMaster(turn: Turn, instance: Instance, snapshot: InstanceSnapshot): void {
  instance.state = "MASTER";
  instance.enteredAt = Math.min(snapshot.enteredAt, turn.now);
  instance.masterReason = snapshot.masterReason ?? null;
  takeUpMaster(turn, instance);
  logInstance(turn, instance, "info", "Resuming MASTER STATE");
  reportState(turn, instance, "MASTER");
}

function resumeBackup(turn: Turn, instance: Instance, snapshot: InstanceSnapshot): void {
  instance.masterAddress = snapshot.masterAddress;
  instance.masterPriority = snapshot.masterPriority;
  instance.hasGivenAway = snapshot.hasGivenAway ?? false;
  if (instance.config.version === 3 && snapshot.masterAdvertIntervalUs > 0) {
    instance.masterAdvertIntervalUs = snapshot.masterAdvertIntervalUs;
  }
  instance.state = "BACKUP";
  instance.enteredAt = Math.min(snapshot.enteredAt, turn.now);
  arm(turn, instance, "masterDown", turn.now + masterDownIntervalUs(instance));
  logInstance(turn, instance, "info", "Resuming BACKUP STATE");
  reportState(turn, instance, "BACKUP");
}
