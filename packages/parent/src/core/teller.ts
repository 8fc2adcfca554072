// What of all that the VRRP process says is news, and which scripts there are for it. Follows
// keepalived's vrrp/vrrp_notify.c; a state that something is in already is never told twice, so
// that neither a reload nor a child that takes over from a dead one is noticed outside.

import type { FromVrrp, InstanceSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  InstanceNotifyConfig,
  InstanceScripts,
  ScriptConfig,
  SyncGroupScripts,
  VrrpConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { Notice, NoticeState } from "./notice.js";

interface ToldInstance {
  state: NoticeState;
  priority: number;
}

export interface Teller {
  /** Of instances that were removed too, until that was told. */
  readonly instances: Map<string, InstanceNotifyConfig>;
  readonly groups: Map<string, SyncGroupScripts>;
  /** What they were last told to be. */
  readonly toldInstances: Map<string, ToldInstance>;
  readonly toldGroups: Map<string, NoticeState>;
  /** Names of the instances of the configuration. */
  wanted: ReadonlySet<string>;
  /** What ends from now on is stopped, not deleted. */
  isStopping: boolean;
}

export function createTeller(): Teller {
  return {
    instances: new Map(),
    groups: new Map(),
    toldInstances: new Map(),
    toldGroups: new Map(),
    wanted: new Set(),
    isStopping: false,
  };
}

/** From now on these are the scripts. */
export function configureTeller(teller: Teller, config: VrrpConfig | undefined): void {
  const { instances, groups, toldInstances, toldGroups } = teller;
  for (const name of instances.keys()) if (!toldInstances.has(name)) instances.delete(name);
  for (const name of groups.keys()) if (!toldGroups.has(name)) groups.delete(name);
  teller.wanted = new Set(config?.instances.map(({ name }) => name));
  for (const instance of config?.instances ?? []) instances.set(instance.name, instance);
  for (const group of config?.syncGroups ?? []) groups.set(group.name, group);
}

/** What the outside is to be told of `message`. */
export function tell(teller: Teller, message: FromVrrp): Notice | undefined {
  switch (message.type) {
    case "instanceState":
      return tellInstance(teller, message.snapshot);
    case "instanceRemoved":
      return tellInstanceRemoved(teller, message.instance);
    case "lowerPriorityReceived":
      return tellLowerPriority(teller, message.instance);
    case "groupState":
      return tellGroup(teller, message.group, message.state);
    case "groupRemoved":
      teller.toldGroups.delete(message.group);
      return undefined;
    default:
      return undefined;
  }
}

/** What has not been said to have ended has all the same, now that no child is left. */
export function tellRest(teller: Teller): Notice[] {
  const instances = [...teller.toldInstances.keys()].map((name) => tellInstanceEnded(teller, name));
  const groups = [...teller.toldGroups.keys()].map((name) => tellGroup(teller, name, "INIT"));
  return [...instances, ...groups].filter((notice) => notice !== undefined);
}

/** How everything is, for those who may not know. */
export function presentStates(teller: Teller): Notice[] {
  const { toldInstances, toldGroups, wanted } = teller;
  const instances = [...toldInstances].filter(([name]) => wanted.has(name));
  return [
    ...instances.map(([name, { state, priority }]) =>
      instanceNotice(teller, name, state, priority),
    ),
    ...Array.from(toldGroups, ([name, state]) => groupNotice(teller, name, state)),
  ];
}

function tellInstance(teller: Teller, snapshot: InstanceSnapshot): Notice | undefined {
  const { instance: name, state, effectivePriority: priority } = snapshot;
  const told = teller.toldInstances.get(name);
  if (state === "INIT") return tellInstanceEnded(teller, name);
  teller.toldInstances.set(name, { state, priority });
  if (told?.state !== state) return instanceNotice(teller, name, state, priority);
  const isTold = told.priority !== priority && teller.instances.get(name)?.notifyPriorityChanges;
  if (!isTold || state === "FAULT") return undefined;
  return instanceNotice(teller, name, `${state}_PRIORITY`, priority);
}

/**
 * INIT is the end of an instance when the daemon stops, or the VRRP process for lack of instances.
 * One that a reload replaces by another of its name goes on as far as others can see.
 */
function tellInstanceEnded(teller: Teller, name: string): Notice | undefined {
  if (!teller.isStopping) {
    return teller.wanted.has(name) ? undefined : tellInstanceRemoved(teller, name);
  }
  const told = teller.toldInstances.get(name);
  if (told === undefined) return undefined;
  teller.toldInstances.delete(name);
  return instanceNotice(teller, name, "STOP", told.priority);
}

function tellInstanceRemoved(teller: Teller, name: string): Notice | undefined {
  const told = teller.toldInstances.get(name);
  if (told === undefined) return undefined;
  const state = teller.instances.get(name)?.reportDeleted ? "DELETED" : "FAULT";
  const notice = instanceNotice(teller, name, state, told.priority, state === "DELETED");
  teller.toldInstances.delete(name);
  return notice;
}

function tellLowerPriority(teller: Teller, name: string): Notice | undefined {
  const priority = teller.toldInstances.get(name)?.priority;
  if (priority === undefined) return undefined;
  return instanceNotice(teller, name, "MASTER_RX_LOWER_PRI", priority);
}

function tellGroup(
  teller: Teller,
  name: string,
  state: InstanceSnapshot["state"],
): Notice | undefined {
  const told = teller.toldGroups.get(name);
  if (state === "INIT") {
    if (told === undefined || !teller.isStopping) return undefined;
    teller.toldGroups.delete(name);
    return groupNotice(teller, name, "STOP");
  }
  if (told === state) return undefined;
  teller.toldGroups.set(name, state);
  return groupNotice(teller, name, state);
}

/** The script of the state gets no words; a reload may change it, never the change at hand. */
const scriptOf: Readonly<Partial<Record<NoticeState, keyof InstanceScripts>>> = {
  MASTER: "notifyMaster",
  BACKUP: "notifyBackup",
  FAULT: "notifyFault",
  STOP: "notifyStop",
  DELETED: "notifyDeleted",
  MASTER_RX_LOWER_PRI: "notifyMasterReceivedLowerPriority",
};

/** A removed instance is said to be in FAULT, but nothing is wrong: notify_fault does not run. */
function instanceNotice(
  teller: Teller,
  name: string,
  state: NoticeState,
  priority: number,
  hasOwnScript = true,
): Notice {
  const subject = { kind: "INSTANCE", name, state, priority } as const;
  return withScripts(subject, teller.instances.get(name) ?? {}, hasOwnScript);
}

function groupNotice(teller: Teller, name: string, state: NoticeState): Notice {
  const subject = { kind: "GROUP", name, state, priority: 0 } as const;
  return withScripts(subject, teller.groups.get(name) ?? {}, true);
}

function withScripts(
  subject: Omit<Notice, "scripts">,
  scripts: InstanceScripts,
  hasOwnScript: boolean,
): Notice {
  const { kind, name, state, priority } = subject;
  const field = scriptOf[state];
  const ofState = field && hasOwnScript ? scripts[field] : undefined;
  const words = [kind, name, state, String(priority)];
  return {
    ...subject,
    scripts: [ofState, isForAll(state) ? withWords(scripts.notify, words) : undefined].filter(
      (script) => script !== undefined,
    ),
  };
}

/** Whether `notify` runs for it. */
function isForAll(state: NoticeState): boolean {
  return state !== "MASTER_RX_LOWER_PRI";
}

function withWords(
  script: ScriptConfig | undefined,
  words: readonly string[],
): ScriptConfig | undefined {
  return script && { ...script, argv: [...script.argv, ...words] };
}
