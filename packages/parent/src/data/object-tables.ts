// What stands beside instances in a data file, in keepalived's order: sync groups, scripts, files,
// processes, static objects, the pacing of gratuitous ARPs.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { VrrpStateName } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  BfdInstanceConfig,
  Config,
  GarpGroupConfig,
  SyncGroupConfig,
  TrackedFileConfig,
  TrackedProcessConfig,
  TrackedScriptConfig,
  TrackGroupConfig,
  TrackReferences,
} from "@keepalived-ts/shared-config/schema/config";
import { interfaceReferences, referenceText } from "./instance-table.js";
import { commandText, scriptIds, scriptText, yesNo } from "./kernel-text.js";
import { flag, list, type Table, tableLines, title } from "./table.js";

/** What is tracked, who tracks it, and what was found last. */
export interface Tracked<T> {
  readonly object: T;
  /** Instances with their weights. */
  readonly users: readonly string[];
  /** As in TrackerReport; absent before the first result. */
  readonly value: number | undefined;
  /** Of scripts: one is under way. */
  readonly isRunning: boolean;
}

function weight({ object }: Tracked<{ weight: number; reverse: boolean }>): string {
  return `${object.weight}${object.reverse ? " reverse" : ""}`;
}

function goodOrBad(value: number | undefined): string {
  if (value === undefined) return "INIT";
  return value === 0 ? "BAD" : "GOOD";
}

export const scriptTable: Table<Tracked<TrackedScriptConfig>> = {
  Command: ({ object }) => commandText(object.script),
  Interval: ({ object }) => `${object.intervalUs / usPerSecond} sec`,
  Timeout: ({ object }) => `${object.timeoutUs / usPerSecond} sec`,
  Weight: weight,
  Rise: ({ object }) => String(object.rise),
  Fall: ({ object }) => String(object.fall),
  Insecure: () => "no",
  "Init state": ({ value }) => (value === undefined ? "unknown" : "good"),
  Status: ({ value }) => goodOrBad(value),
  "Script uid:gid": ({ object }) => scriptIds(object.script),
  "Tracking instances": ({ users }) => list(users),
  State: ({ isRunning }) => (isRunning ? "running" : "idle"),
};

export const fileTable: Table<Tracked<TrackedFileConfig>> = {
  File: ({ object }) => object.path,
  Status: ({ value }) => String(value ?? 0),
  Weight: weight,
  "Tracking instances": ({ users }) => list(users),
};

function sixDigits(us: number): string {
  return `${(us / usPerSecond).toFixed(6)}s`;
}

export const processTable: Table<Tracked<TrackedProcessConfig>> = {
  Process: ({ object }) => object.process,
  "Param match": ({ object: { parameterMatch: match } }) => (match === "none" ? undefined : match),
  "Min processes": ({ object }) => String(object.quorum),
  "Max processes": ({ object }) => object.quorumMax?.toString(),
  "Have quorum": ({ value }) => String(value === 1),
  Weight: weight,
  "Terminate delay": ({ object }) => sixDigits(object.terminateDelayUs),
  "Fork delay": ({ object }) => sixDigits(object.forkDelayUs),
  "Full command": ({ object }) => String(object.fullCommand),
  "Tracking instances": ({ users }) => list(users),
};

export const bfdTable: Table<Tracked<BfdInstanceConfig>> = {
  Weight: weight,
};

export interface ShownGroup {
  readonly group: SyncGroupConfig;
  readonly members: readonly { readonly state: VrrpStateName; readonly hasFault: boolean }[];
}

export const syncGroupTable: Table<ShownGroup> = {
  Members: ({ members }) => {
    const faults = members.filter(({ hasFault }) => hasFault).length;
    const waiting = members.filter(({ state }) => state === "INIT").length;
    return { line: `Num member fault ${faults}, num member init ${waiting}` };
  },
  "VRRP member instances": ({ group }) => list(group.members),
  "sync group tracking weight set": ({ group }) => flag(group.trackingWeights),
  "Using smtp notification": ({ group }) => yesNo(group.smtpAlert),
  "Tracked interfaces": ({ group }) => interfaceReferences(group.track.interfaces),
  "Tracked scripts": ({ group }) => list(group.track.scripts.map(referenceText(""))),
  "Tracked files": ({ group }) => list(group.track.files.map(referenceText(","))),
  "Tracked processes": ({ group }) => list(group.track.processes.map(referenceText(","))),
  "Backup state transition script": ({ group }) => scriptText(group.notifyBackup),
  "Master state transition script": ({ group }) => scriptText(group.notifyMaster),
  "Fault state transition script": ({ group }) => scriptText(group.notifyFault),
  "Stop state transition script": ({ group }) => scriptText(group.notifyStop),
  "Generic state transition script": ({ group }) => scriptText(group.notify),
};

export const trackGroupTable: Table<TrackGroupConfig> = {
  "VRRP member instances": ({ members }) => list(members),
};

function seconds(us: number | undefined): string | undefined {
  return us === undefined ? undefined : String(us / usPerSecond);
}

const garpGroupTable: Table<GarpGroupConfig> = {
  "GARP interval": ({ garpIntervalUs }) => seconds(garpIntervalUs),
  "GNA interval": ({ gnaIntervalUs }) => seconds(gnaIntervalUs),
  Interfaces: ({ interfaces }) => ({ line: "Interfaces", items: interfaces }),
};

export function garpGroupLines(groups: readonly GarpGroupConfig[]): string[] {
  if (groups.length === 0) return [];
  return [
    title("Gratuitous ARP delays"),
    ...groups.flatMap((group, index) => [
      title(`GARP delay group ${index + 1}`),
      ...tableLines(garpGroupTable, group, " "),
    ]),
  ];
}

type TrackKind = Exclude<keyof TrackReferences, "interfaces">;

/** Who tracks `name`, themselves or through their sync group, with the weight there. */
export function usersOf({ vrrp }: Config, kind: TrackKind, name: string): string[] {
  if (vrrp === undefined) return [];
  return vrrp.instances.flatMap((instance) => {
    const group = vrrp.syncGroups.find(({ members }) => members.includes(instance.name));
    const references = [...instance.track[kind], ...(group?.track[kind] ?? [])];
    return references
      .filter((reference) => reference.name === name)
      .map(({ weight: points, reverse }) => {
        return `${instance.name}, weight ${points}${reverse ? " reverse" : ""}`;
      });
  });
}
