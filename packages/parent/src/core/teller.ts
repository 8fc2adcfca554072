// What of all that the VRRP process says is news, and which scripts there are for it. Follows
// keepalived's vrrp/vrrp_notify.c; a state that something is in already is never told twice, so
// that neither a reload nor a child that takes over from a dead one is noticed outside.

import type {
  FromVrrp,
  InstanceSnapshot,
  VrrpStateName,
} from "@keepalived-ts/shared-config/ipc/messages";
import type {
  InstanceNotifyConfig,
  InstanceScripts,
  NotifySettings,
  ScriptConfig,
  SyncGroupConfig,
  VrrpConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { Mail } from "./mail-queue.js";
import { groupMail, instanceMail } from "./mail-text.js";
import type { Notice, NoticeState } from "./notice.js";

const vrrpStates: readonly VrrpStateName[] = ["MASTER", "BACKUP", "FAULT"];

interface ToldInstance {
  state: NoticeState;
  priority: number;
}

export interface Teller {
  /** Of instances that were removed too, until that was told. */
  readonly instances: Map<string, InstanceNotifyConfig>;
  readonly groups: Map<string, SyncGroupConfig>;
  /** What they were last told to be. */
  readonly toldInstances: Map<string, ToldInstance>;
  readonly toldGroups: Map<string, NoticeState>;
  /** Names of the instances of the configuration. */
  wanted: ReadonlySet<string>;
  /** Not with `no_email_faults`. */
  mailsFaults: boolean;
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
    mailsFaults: true,
    isStopping: false,
  };
}

/** From now on these are the scripts. */
export function configureTeller(
  teller: Teller,
  config: VrrpConfig | undefined,
  { noEmailFaults }: Pick<NotifySettings, "noEmailFaults">,
): void {
  teller.mailsFaults = !noEmailFaults;
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

/** What sync groups were last told to be. */
export function toldGroups(teller: Teller): { group: string; state: VrrpStateName }[] {
  return Array.from(teller.toldGroups, ([group, state]) => ({
    group,
    state: vrrpStates.find((each) => each === state) ?? "FAULT",
  }));
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

/** What there is to say, and who wants to hear it. */
interface Change {
  readonly kind: "INSTANCE" | "GROUP";
  readonly name: string;
  readonly state: NoticeState;
  readonly priority: number;
}

type Wishes = InstanceScripts & { readonly smtpAlert?: boolean };

/** A removed instance is said to be in FAULT, but nothing is wrong: notify_fault does not run. */
function instanceNotice(
  teller: Teller,
  name: string,
  state: NoticeState,
  priority: number,
  hasOwnScript = true,
): Notice {
  const change = { kind: "INSTANCE", name, state, priority } as const;
  const wishes: Wishes = teller.instances.get(name) ?? {};
  const scripts = hasOwnScript ? wishes : { notify: wishes.notify };
  const mail = hasMail(teller, wishes, state) ? instanceMail(name, state) : undefined;
  return noticeOf(change, scripts, mail);
}

function groupNotice(teller: Teller, name: string, state: NoticeState): Notice {
  const wishes: Wishes = teller.groups.get(name) ?? {};
  const change = { kind: "GROUP", name, state, priority: 0 } as const;
  const mail = hasMail(teller, wishes, state) ? groupMail(name, state) : undefined;
  return noticeOf(change, wishes, mail);
}

function hasMail({ mailsFaults }: Teller, { smtpAlert }: Wishes, state: NoticeState): boolean {
  return smtpAlert === true && (state !== "FAULT" || mailsFaults);
}

function noticeOf(change: Change, scripts: InstanceScripts, mail: Mail | undefined): Notice {
  const { kind, name, state, priority } = change;
  const field = scriptOf[state];
  const words = [kind, name, state, String(priority)];
  const forAll = isForAll(state) ? withWords(scripts.notify, words) : undefined;
  return {
    change: { kind, name, state },
    part: "vrrp",
    subject: `${kind} ${name}`,
    title: `${kind} ${name} ${state}`,
    line: `${kind} "${name}" ${state} ${priority}\n`,
    scripts: [field && scripts[field], forAll].filter((script) => script !== undefined),
    mail,
  };
}

/** Whether `notify` runs for it: other news is for FIFOs, and a script of its own. */
function isForAll(state: NoticeState): boolean {
  return !state.includes("_");
}

function withWords(
  script: ScriptConfig | undefined,
  words: readonly string[],
): ScriptConfig | undefined {
  return script && { ...script, argv: [...script.argv, ...words] };
}
