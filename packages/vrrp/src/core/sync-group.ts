// Sync groups: instances that are MASTER together or not at all (keepalived vrrp/vrrp_sync.c). Says
// when a member may go on and takes the others along; what a state means the state files know.

import type { VrrpStateName } from "@keepalived-ts/shared-config/ipc/messages";
import type { SyncGroupConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Instance, SyncGroup, Turn } from "./instance.js";
import { masterDownIntervalUs } from "./timers.js";
import { enterBackup, forgetMaster, stepDown } from "./transition.js";

/** Puts the groups of a configuration together with the instances that there are now. */
export function formGroups(turn: Turn, configs: readonly SyncGroupConfig[]): void {
  const { groups, instances } = turn.router;
  for (const instance of instances.values()) instance.group = null;
  const former = new Map(groups);
  groups.clear();
  for (const config of configs) {
    const members = config.members.flatMap((name) => instances.get(name) ?? []);
    const state = former.get(config.name)?.state ?? "INIT";
    const group: SyncGroup = { config, members, state };
    groups.set(config.name, group);
    for (const member of members) member.group = group;
  }
  for (const name of former.keys()) {
    if (!groups.has(name)) turn.actions.push({ type: "reportGroupRemoved", group: name });
  }
}

/** The other members of the instance's group. */
export function companions(instance: Instance): readonly Instance[] {
  return instance.group?.members.filter((member) => member !== instance) ?? [];
}

/** Whether the whole group may become MASTER now that `instance` wants to. */
export function mayGroupBeMaster(instance: Instance): boolean {
  return companions(instance).every(({ state, wantsMaster }) => state === "MASTER" || wantsMaster);
}

/** Whether this instance or another of its group gave its mastership away: one obeys, all obey. */
export function hasGroupGivenAway(instance: Instance): boolean {
  return instance.hasGivenAway || companions(instance).some((other) => other.hasGivenAway);
}

/** The first other member that cannot take part by itself, or undefined. */
export function faultyCompanion(instance: Instance): Instance | undefined {
  return companions(instance).find(({ ownFault }) => ownFault !== null);
}

/**
 * Tells of the group when all its members have come to the same state. Members are told of first.
 */
export function reportGroup(turn: Turn, instance: Instance): void {
  const { group } = instance;
  const state = group?.members[0]?.state;
  if (group === null || state === undefined || state === group.state) return;
  if (group.members.some((member) => member.state !== state)) return;
  const previous: VrrpStateName = group.state;
  group.state = state;
  const { name } = group.config;
  if (previous !== "INIT" && state !== "INIT") {
    const text = `VRRP_Group(${name}) Syncing instances to ${state} state`;
    turn.actions.push({ type: "log", record: { level: "info", text } });
  }
  turn.actions.push({ type: "reportGroup", group: name, previous, state });
}

/** The others of the group give up being MASTER when `instance` had to, with a farewell. */
export function followToBackup(turn: Turn, instance: Instance): void {
  for (const companion of companions(instance)) {
    if (companion.state === "MASTER") {
      stepDown(turn, companion, masterDownIntervalUs(companion));
    }
  }
  reportGroup(turn, instance);
}

/**
 * The same for a better router: silently, as in keepalived, since that router is master of the
 * others too, and a farewell from here would make its backups impatient. Those that hand over wait
 * for their own successor.
 */
export function giveWayToo(turn: Turn, instance: Instance): void {
  for (const companion of companions(instance)) {
    if (companion.state !== "MASTER" || companion.ending !== null) continue;
    forgetMaster(companion);
    enterBackup(turn, companion, masterDownIntervalUs(companion));
  }
  reportGroup(turn, instance);
}

/** After a reload members may differ: then nobody is MASTER until all can be. */
export function alignGroups(turn: Turn): void {
  for (const { members } of turn.router.groups.values()) {
    const other = members.find(({ state }) => state !== "MASTER");
    const [first] = members;
    if (other !== undefined) followToBackup(turn, other);
    else if (first !== undefined) reportGroup(turn, first);
  }
}
