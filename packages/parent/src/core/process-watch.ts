// How many of the tracked processes run, and whether that is as many as wanted (keepalived's
// core/track_process.c). Knows of processes only what it is told; reads nothing itself.

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { Deadlines } from "@keepalived-ts/shared-config/base/deadlines";
import type { TrackedProcessConfig } from "@keepalived-ts/shared-config/schema/config";

/** What a process goes by, as in /proc. */
export interface ProcessNames {
  readonly comm: string;
  readonly commandLine: readonly string[];
}

interface Watched {
  readonly config: TrackedProcessConfig;
  count: number;
  /** What was reported last; undefined before anything was. */
  isWell: boolean | undefined;
}

export interface ProcessWatch {
  readonly watched: ReadonlyMap<string, Watched>;
  /** Processes that match, and what; all others are not kept. */
  readonly matches: Map<number, readonly Watched[]>;
  /** By name: when a change is believed. */
  readonly deadlines: Deadlines<string>;
}

export type ProcessWatchEvent =
  /** Everything that runs: what was known before is void. */
  | { readonly type: "listed"; readonly processes: ReadonlyMap<number, ProcessNames> }
  | { readonly type: "forked"; readonly parentPid: number; readonly pid: number }
  /** It executes another program or calls itself something else; null when it is gone already. */
  | { readonly type: "renamed"; readonly pid: number; readonly names: ProcessNames | null }
  | { readonly type: "exited"; readonly pid: number }
  | { readonly type: "deadlineReached" };

export interface ProcessReport {
  readonly name: string;
  readonly isWell: boolean;
  /** Nothing was known before. */
  readonly isFirst: boolean;
}

/** The kernel keeps no more of a command's name. */
const commBytesMax = 15;

/** What is as before a reload keeps its state. */
export function createProcessWatch(
  configs: readonly TrackedProcessConfig[],
  former?: ProcessWatch,
): ProcessWatch {
  const watched = configs.map((config): [string, Watched] => {
    const isWell = former?.watched.get(config.name)?.isWell;
    return [config.name, { config, count: 0, isWell }];
  });
  return { watched: new Map(watched), matches: new Map(), deadlines: new Deadlines() };
}

export function nextProcessDeadline({ deadlines }: ProcessWatch): number | undefined {
  return deadlines.next();
}

export function handleProcess(
  watch: ProcessWatch,
  event: ProcessWatchEvent,
  now: number,
): ProcessReport[] {
  switch (event.type) {
    case "listed":
      return list(watch, event.processes, now);
    case "forked": {
      // Until it executes something else, a child is what its parent is.
      const matched = watch.matches.get(event.parentPid) ?? [];
      return replace(watch, event.pid, matched, now);
    }
    case "renamed":
      return replace(watch, event.pid, matching(watch, event.names), now);
    case "exited":
      return replace(watch, event.pid, [], now);
    case "deadlineReached":
      return believe(watch, now);
  }
}

function list(
  watch: ProcessWatch,
  processes: ReadonlyMap<number, ProcessNames>,
  now: number,
): ProcessReport[] {
  watch.matches.clear();
  const formerCounts = new Map([...watch.watched.values()].map((each) => [each, each.count]));
  for (const each of watch.watched.values()) each.count = 0;
  for (const [pid, names] of processes) {
    const matched = matching(watch, names);
    if (matched.length > 0) watch.matches.set(pid, matched);
    for (const each of matched) each.count += 1;
  }
  const reports: ProcessReport[] = [];
  for (const each of watch.watched.values()) {
    const { forkDelayUs, terminateDelayUs } = each.config;
    const isMore = each.count > (formerCounts.get(each) ?? 0);
    // What is found at the start counts at once.
    if (each.isWell === undefined) reports.push(report(watch, each));
    else reports.push(...judge(watch, each, isMore ? forkDelayUs : terminateDelayUs, now));
  }
  return reports;
}

function replace(
  watch: ProcessWatch,
  pid: number,
  matched: readonly Watched[],
  now: number,
): ProcessReport[] {
  const former = watch.matches.get(pid) ?? [];
  if (matched.length > 0) watch.matches.set(pid, matched);
  else watch.matches.delete(pid);
  const lost = former.filter((each) => !matched.includes(each));
  const gained = matched.filter((each) => !former.includes(each));
  for (const each of lost) each.count -= 1;
  for (const each of gained) each.count += 1;
  return [
    ...lost.flatMap((each) => judge(watch, each, each.config.terminateDelayUs, now)),
    ...gained.flatMap((each) => judge(watch, each, each.config.forkDelayUs, now)),
  ];
}

/** A change that lasts as long as `delayUs` counts; one that is undone before never was. */
function judge(watch: ProcessWatch, each: Watched, delayUs: number, now: number): ProcessReport[] {
  const { name } = each.config;
  assert(each.count >= 0, "what is lost was gained before");
  if (isAsWanted(each) === each.isWell) {
    watch.deadlines.clear(name);
    return [];
  }
  if (delayUs === 0) return [report(watch, each)];
  if (watch.deadlines.at(name) === undefined) watch.deadlines.set(name, now + delayUs);
  return [];
}

function believe(watch: ProcessWatch, now: number): ProcessReport[] {
  const reports: ProcessReport[] = [];
  for (;;) {
    const name = watch.deadlines.takeDue(now);
    const each = name === undefined ? undefined : watch.watched.get(name);
    if (each === undefined) return reports;
    reports.push(report(watch, each));
  }
}

function report(watch: ProcessWatch, each: Watched): ProcessReport {
  const { name } = each.config;
  watch.deadlines.clear(name);
  const isWell = isAsWanted(each);
  const isFirst = each.isWell === undefined;
  each.isWell = isWell;
  return { name, isWell, isFirst };
}

function isAsWanted({ config, count }: Watched): boolean {
  return count >= config.quorum && count <= (config.quorumMax ?? Number.POSITIVE_INFINITY);
}

function matching(watch: ProcessWatch, names: ProcessNames | null): readonly Watched[] {
  if (names === null) return [];
  return [...watch.watched.values()].filter(({ config }) => isMatch(config, names));
}

/** Whether a process counts for `config`. */
export function isMatch(config: TrackedProcessConfig, names: ProcessNames): boolean {
  const [program, ...words] = names.commandLine;
  if (!config.fullCommand) return names.comm === commOf(config.process);
  return program === config.process && isParameterMatch(config, words);
}

/** The last component, as the kernel cuts it. */
function commOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return Buffer.from(name).subarray(0, commBytesMax).toString();
}

function isParameterMatch(config: TrackedProcessConfig, words: readonly string[]): boolean {
  const { parameterMatch, arguments: wanted } = config;
  if (parameterMatch === "none") return true;
  const isExact = wanted.every((word, i) => word === words[i]);
  switch (parameterMatch) {
    case "exact":
      return isExact && words.length === wanted.length;
    case "partial":
      return isExact;
    case "initial": {
      const last = wanted.length - 1;
      return wanted.every((word, i) =>
        i < last ? word === words[i] : words[i]?.startsWith(word) === true,
      );
    }
  }
}
