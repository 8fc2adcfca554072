// What stands beside instances in keepalived's dump: scripts, files, processes, sync groups, static
// addresses, routes and rules, groups of gratuitous ARPs.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type {
  BfdInstanceConfig,
  Config,
  GarpGroupConfig,
  SyncGroupConfig,
  TrackedFileConfig,
  TrackedProcessConfig,
  TrackedScriptConfig,
  TrackGroupConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { anyOf, compare, flag, list, shownItem, type Table } from "./dump-compare.js";
import { interfaceReferences, referenceText } from "./dump-instance.js";
import { type Dump, type DumpLine, linesOf } from "./dump-parse.js";
import {
  commandText,
  routeText,
  ruleText,
  scriptIds,
  scriptText,
  staticAddressText,
  yesNo,
} from "./dump-text.js";

const scriptTable: Table<TrackedScriptConfig> = {
  Command: ({ script }) => commandText(script),
  Interval: ({ intervalUs }) => `${intervalUs / usPerSecond} sec`,
  Timeout: ({ timeoutUs }) => `${timeoutUs / usPerSecond} sec`,
  Weight: ({ weight, reverse }) => `${weight}${reverse ? " reverse" : ""}`,
  Rise: ({ rise }) => String(rise),
  Fall: ({ fall }) => String(fall),
  "Script uid:gid": ({ script }) => scriptIds(script),
};

const fileTable: Table<TrackedFileConfig> = {
  File: ({ path }) => path,
  Weight: ({ weight, reverse }) => `${weight}${reverse ? " reverse" : ""}`,
};

function sixDigits(us: number): string {
  return `${(us / usPerSecond).toFixed(6)}s`;
}

const processTable: Table<TrackedProcessConfig> = {
  Process: ({ process }) => process,
  "Param match": ({ parameterMatch: match }) => (match === "none" ? undefined : match),
  "Min processes": ({ quorum }) => String(quorum),
  "Max processes": ({ quorumMax }) => quorumMax?.toString(),
  Weight: ({ weight, reverse }) => `${weight}${reverse ? " reverse" : ""}`,
  "Terminate delay": ({ terminateDelayUs }) => sixDigits(terminateDelayUs),
  "Fork delay": ({ forkDelayUs }) => sixDigits(forkDelayUs),
  "Full command": ({ fullCommand }) => String(fullCommand),
};

const bfdTable: Table<BfdInstanceConfig> = {
  Weight: ({ weight, reverse }) => `${weight}${reverse ? " reverse" : ""}`,
};

const syncGroupTable: Table<SyncGroupConfig> = {
  "VRRP member instances": ({ members }) => list(members),
  "sync group tracking weight set": ({ trackingWeights }) => flag(trackingWeights),
  "Tracked interfaces": ({ track }) => interfaceReferences(track.interfaces),
  "Tracked scripts": ({ track }) => list(track.scripts.map(referenceText(""))),
  "Tracked files": ({ track }) => list(track.files.map(referenceText(","))),
  "Tracked processes": ({ track }) => list(track.processes.map(referenceText(","))),
  "Using smtp notification": ({ smtpAlert }) => yesNo(smtpAlert),
  "Master state transition script": ({ notifyMaster }) => scriptText(notifyMaster),
  "Backup state transition script": ({ notifyBackup }) => scriptText(notifyBackup),
  "Fault state transition script": ({ notifyFault }) => scriptText(notifyFault),
  "Stop state transition script": ({ notifyStop }) => scriptText(notifyStop),
  "Generic state transition script": ({ notify }) => scriptText(notify),
};

const trackGroupTable: Table<TrackGroupConfig> = {
  "VRRP member instances": ({ members }) => list(members),
};

/** Which scripts, groups and so on instances name; how things stand at the moment. */
const runtime: RegExp = anyOf(
  "Result",
  "Insecure",
  "Init state",
  "Status",
  "VRRP instances",
  "Tracking (VRRP )?instances",
  "State",
  "Num member .*",
  "Current processes",
  "Have quorum",
  "(Fork|Terminate) delay timer .*",
  "Bfd is .*",
  "GARP next time.*",
  "GNA next time.*",
);

interface Named {
  readonly name: string;
}

/** keepalived says 0 where a script may take as long as its interval. */
function spellTimeout({ below }: DumpLine): (line: DumpLine) => DumpLine {
  const interval = linesOf(below, "Interval")[0]?.value ?? "";
  return (line) => (line.text === "Timeout = 0 sec" ? { ...line, value: interval } : line);
}

/** Objects by name: those of the section `title` with the key `key`. */
function compareNamed<T extends Named>(
  dump: Dump,
  [title, key]: readonly [string, string],
  objects: readonly T[],
  table: Table<T>,
): string[] {
  const shown = linesOf(dump.get(title) ?? [], key);
  const nameOf = (line: DumpLine): string => line.value.replace(/, \w+$/, "");
  const names = shown.map(nameOf);
  const missing = objects.filter(({ name }) => !names.includes(name));
  return [
    ...missing.map(({ name }) => `${key} ${name}: theirs (none)`),
    ...shown.flatMap((line) => {
      const object = objects.find(({ name }) => name === nameOf(line));
      if (object === undefined) return [`${key} ${nameOf(line)}: ours (none)`];
      const where = `${key} ${object.name}`;
      return compare({ where, lines: line.below.map(spellTimeout(line)), object, table, runtime });
    }),
  ];
}

function compareLists(dump: Dump, title: string, ours: readonly string[]): string[] {
  const lines = dump.get(title) ?? [];
  const theirs = lines.map(shownItem);
  const [one, other] = [theirs.join("\n"), ours.join("\n")];
  return one === other ? [] : [`${title}: theirs\n${one}\nours\n${other}`];
}

function garpGroups(dump: Dump): string[] {
  const titles = [...dump.keys()].filter((title) => title.startsWith("GARP delay group"));
  return titles
    .map((title) => {
      const lines = dump.get(title) ?? [];
      const value = (key: string): string | undefined => linesOf(lines, key)[0]?.value;
      const interfaces = linesOf(lines, "Interfaces").flatMap(({ below }) => below);
      const names = interfaces.map(({ text }) => text).toSorted();
      return [value("GARP interval"), value("GNA interval"), ...names].join(" ");
    })
    .toSorted();
}

function ourGarpGroups(groups: readonly GarpGroupConfig[]): string[] {
  const seconds = (us: number | undefined): string | undefined =>
    us === undefined ? undefined : String(us / usPerSecond);
  return groups
    .map(({ garpIntervalUs, gnaIntervalUs, interfaces }) =>
      [seconds(garpIntervalUs), seconds(gnaIntervalUs), ...interfaces.toSorted()].join(" "),
    )
    .toSorted();
}

/** Everything but global_defs and the instances. */
export function compareObjects(dump: Dump, { vrrp, tracking }: Config): string[] {
  const statics = vrrp?.statics ?? { trackGroups: [], addresses: [], routes: [], rules: [] };
  const [theirPaces, ourPaces] = [garpGroups(dump), ourGarpGroups(vrrp?.garpGroups ?? [])];
  const sections: Record<string, readonly [string, string]> = {
    scripts: ["VRRP Scripts", "VRRP Script"],
    files: ["VRRP Track files", "Track file"],
    processes: ["VRRP Track processes", "VRRP Track process"],
    bfd: ["VRRP Track BFDs", "VRRP Track BFD"],
    syncGroups: ["VRRP Sync groups", "VRRP Sync Group"],
    trackGroups: ["Static Track groups", "Static Track Group"],
  };
  const of = (name: string): readonly [string, string] => sections[name] ?? ["", ""];
  return [
    ...compareNamed(dump, of("scripts"), tracking.scripts, scriptTable),
    ...compareNamed(dump, of("files"), tracking.files, fileTable),
    ...compareNamed(dump, of("processes"), tracking.processes, processTable),
    ...compareNamed(dump, of("bfd"), tracking.bfdInstances, bfdTable),
    ...compareNamed(dump, of("syncGroups"), vrrp?.syncGroups ?? [], syncGroupTable),
    ...compareNamed(dump, of("trackGroups"), statics.trackGroups, trackGroupTable),
    ...compareLists(dump, "Static Addresses", statics.addresses.map(staticAddressText)),
    ...compareLists(dump, "Static Routes", statics.routes.map(routeText)),
    ...compareLists(dump, "Static Rules", statics.rules.map(ruleText)),
    ...(theirPaces.join("\n") === ourPaces.join("\n")
      ? []
      : [`garp_group: theirs ${theirPaces.join("; ")}, ours ${ourPaces.join("; ")}`]),
  ];
}
