// vrrp_script, track_file, vrrp_track_process, bfd_instance: from drafts to what the parent
// watches. An object that cannot be watched is left out with a report; those who track it then do
// without.

import { ipFamily } from "../base/ip.js";
import { usPerSecond } from "../base/units.js";
import type {
  BfdInstanceConfig,
  TrackedFileConfig,
  TrackedProcessConfig,
  TrackedScriptConfig,
  TrackingConfig,
  TrackReferences,
} from "./config-track.js";
import type {
  BfdInstanceDraft,
  NamedDraft,
  StrayReference,
  TrackedFileDraft,
  TrackedProcessDraft,
  TrackedScriptDraft,
} from "./draft-track.js";
import { givenOr } from "./drafted.js";
import { ignored } from "./forms.js";
import { shorten } from "./keyword.js";
import type { LinkContext } from "./link-context.js";
import { linkScript } from "./link-script.js";
import { nearestFinder } from "./nearest-names.js";

/** The keyword that defines each kind. */
export const definingKeywords = {
  scripts: "vrrp_script",
  files: "track_file",
  processes: "vrrp_track_process",
  bfdInstances: "bfd_instance",
} as const;

/** Everything that can be watched, tracked or not. */
export function linkTracking(context: LinkContext): TrackingConfig {
  const { scripts, files, processes } = context.root.trackers;
  reportStrays(context);
  return {
    scripts: linked(scripts, (draft) => linkTrackedScript(context, draft)),
    files: linked(files, (draft) => linkTrackedFile(context, draft)),
    processes: linked(processes, (draft) => linkTrackedProcess(context, draft)),
    bfdInstances: linkBfdInstances(context),
  };
}

/** `tracking` without the scripts that nobody tracks: they would be run for nothing. */
export function usedTracking(
  context: LinkContext,
  tracking: TrackingConfig,
  trackers: readonly { readonly track: TrackReferences }[],
): TrackingConfig {
  const used = new Set(trackers.flatMap(({ track }) => track.scripts.map(({ name }) => name)));
  const scripts = tracking.scripts.filter(({ name }) => {
    if (used.has(name)) return true;
    const draft = context.root.trackers.scripts.get(name);
    // Who tracks it may have been dropped.
    if (draft !== undefined && context.diagnostics.errorCount === 0) {
      context.report(draft.span, {
        severity: "hint",
        code: "TRACKER_NOT_USED",
        message: `Cannot find who tracks vrrp_script "${shorten(name)}"; it is left out`,
        hint: "name it in track_script { ... } of a vrrp_instance or vrrp_sync_group",
      });
    }
    return false;
  });
  return { ...tracking, scripts };
}

function linked<D, T>(drafts: Map<string, D>, link: (draft: D) => T | undefined): T[] {
  return [...drafts.values()].flatMap((draft) => link(draft) ?? []);
}

function reportStrays(context: LinkContext): void {
  const { strays, scripts, files, processes, bfdInstances } = context.root.trackers;
  const nearest = {
    scripts: nearestFinder(scripts.keys()),
    files: nearestFinder(files.keys()),
    processes: nearestFinder(processes.keys()),
    bfdInstances: nearestFinder(bfdInstances.keys()),
  };
  for (const stray of strays) {
    const why = whyStray(context, stray);
    const what = `"${shorten(stray.name)}" in ${stray.owner}`;
    context.report(stray.span, {
      severity: "error",
      code: "TRACKER_NOT_FOUND",
      message: `Cannot track ${what}: ${why.because}; ${ignored}`,
      ...(why.hint === undefined
        ? { nearest: nearest[stray.kind](stray.name) }
        : { hint: why.hint }),
    });
  }
}

/** Nothing has the name, or something further down, or something that is not for VRRP. */
function whyStray(
  { root }: LinkContext,
  { kind, name }: StrayReference,
): { readonly because: string; readonly hint?: string } {
  const keyword = definingKeywords[kind];
  const found: NamedDraft | undefined = root.trackers[kind].get(name);
  if (found === undefined) return { because: `no ${keyword} above has that name` };
  const bfd = kind === "bfdInstances" ? root.trackers.bfdInstances.get(name) : undefined;
  if (bfd?.checker !== undefined && bfd.vrrp === undefined) {
    const what = `${keyword} "${shorten(name)}"`;
    return { because: "it is for checkers only", hint: `add a line vrrp to ${what}` };
  }
  const place = `${found.span.file.path}:${found.span.line}`;
  return { because: "it stands further down", hint: `move the ${keyword} of ${place} above` };
}

function reportWithout(
  { report }: LinkContext,
  kind: keyof typeof definingKeywords,
  { name, span }: NamedDraft,
  keyword: string,
): void {
  const what = `${definingKeywords[kind]} "${shorten(name)}"`;
  report(span, {
    severity: "error",
    code: "MISSING_KEYWORD",
    message: `Cannot use ${what} without ${keyword}; it is left out`,
    hint: `add a line "${keyword} ..." to the block`,
  });
}

function linkTrackedScript(
  context: LinkContext,
  draft: TrackedScriptDraft,
): TrackedScriptConfig | undefined {
  const { name, user, group } = draft;
  if (draft.script === undefined) {
    reportWithout(context, "scripts", draft, "script");
    return undefined;
  }
  const value = {
    ...draft.script.value,
    ...(user === undefined ? {} : { user }),
    ...(group === undefined ? {} : { group }),
  };
  const located = { value, span: draft.script.span };
  const script = linkScript(context, located, `vrrp_script "${shorten(name)}"`, "error");
  if (script === undefined) return undefined;
  const intervalUs = givenOr(draft.intervalUs, usPerSecond);
  return {
    name,
    script,
    intervalUs,
    timeoutUs: givenOr(draft.timeoutUs, intervalUs),
    weight: givenOr(draft.weight, 0),
    reverse: givenOr(draft.reverse, false),
    rise: givenOr(draft.rise, 1),
    fall: givenOr(draft.fall, 1),
    initFail: givenOr(draft.initFail, false),
  };
}

function linkTrackedFile(
  context: LinkContext,
  draft: TrackedFileDraft,
): TrackedFileConfig | undefined {
  const { name, initFile } = draft;
  const path = givenOr(draft.path, "");
  if (path === "") {
    reportWithout(context, "files", draft, "file");
    return undefined;
  }
  return {
    name,
    path,
    weight: givenOr(draft.weight, 1),
    reverse: givenOr(draft.reverse, false),
    ...(initFile === undefined ? {} : { initFile: initFile.value }),
  };
}

function linkTrackedProcess(
  context: LinkContext,
  draft: TrackedProcessDraft,
): TrackedProcessConfig | undefined {
  const { name, quorumMax } = draft;
  const process = givenOr(draft.process, "");
  if (process === "") {
    reportWithout(context, "processes", draft, "process");
    return undefined;
  }
  const words = givenOr(draft.arguments, []);
  const parameterMatch = givenOr(draft.parameterMatch, words.length > 0 ? "exact" : "none");
  return {
    name,
    process,
    arguments: words,
    parameterMatch,
    fullCommand: parameterMatch !== "none" || givenOr(draft.fullCommand, false),
    weight: givenOr(draft.weight, 0),
    reverse: givenOr(draft.reverse, false),
    quorum: quorumMax?.value === 0 ? 0 : givenOr(draft.quorum, 1),
    ...(quorumMax === undefined ? {} : { quorumMax: quorumMax.value }),
    forkDelayUs: givenOr(draft.forkDelayUs, 0),
    terminateDelayUs: givenOr(draft.terminateDelayUs, 0),
  };
}

function linkBfdInstances(context: LinkContext): BfdInstanceConfig[] {
  const neighbors = new Map<string, string>();
  return linked(context.root.trackers.bfdInstances, (draft) => {
    const config = linkBfdInstance(context, draft);
    if (config === undefined) return undefined;
    const other = neighbors.get(config.neighborAddress);
    if (other === undefined) {
      neighbors.set(config.neighborAddress, config.name);
      return config;
    }
    const what = `neighbor_ip ${config.neighborAddress} in two blocks`;
    context.report(draft.neighborAddress?.span ?? draft.span, {
      severity: "error",
      code: "DUPLICATE_NEIGHBOR",
      message: `Cannot use ${what}; bfd_instance "${shorten(config.name)}" is left out`,
      hint: `"${shorten(other)}" has this neighbour already`,
    });
    return undefined;
  });
}

function linkBfdInstance(
  context: LinkContext,
  draft: BfdInstanceDraft,
): BfdInstanceConfig | undefined {
  const { name, neighborAddress, sourceAddress } = draft;
  if (neighborAddress === undefined) {
    reportWithout(context, "bfdInstances", draft, "neighbor_ip");
    return undefined;
  }
  const family = ipFamily(neighborAddress.value);
  if (sourceAddress !== undefined && ipFamily(sourceAddress.value) !== family) {
    const what = `${neighborAddress.value} from ${sourceAddress.value}`;
    context.report(sourceAddress.span, {
      severity: "error",
      code: "FAMILY_MISMATCH",
      message: `Cannot reach ${what}; bfd_instance "${shorten(name)}" is left out`,
      expected: `an IPv${family} address for source_ip, as neighbor_ip is`,
    });
    return undefined;
  }
  const ttl = givenOr(draft.ttl, family === 4 ? 255 : 64);
  const isForOne = draft.vrrp !== undefined || draft.checker !== undefined;
  return {
    name,
    neighborAddress: neighborAddress.value,
    ...(sourceAddress === undefined ? {} : { sourceAddress: sourceAddress.value }),
    minReceiveUs: givenOr(draft.minReceiveUs, 10_000),
    minTransmitUs: givenOr(draft.minTransmitUs, 10_000),
    idleTransmitUs: givenOr(draft.idleTransmitUs, usPerSecond),
    multiplier: givenOr(draft.multiplier, 5),
    passive: givenOr(draft.passive, false),
    ttl,
    maxHops: linkMaxHops(context, draft, ttl),
    multihop: givenOr(draft.multihop, false),
    weight: givenOr(draft.weight, 0),
    reverse: givenOr(draft.reverse, false),
    vrrp: givenOr(draft.vrrp, !isForOne),
    checker: givenOr(draft.checker, !isForOne),
  };
}

function linkMaxHops({ report }: LinkContext, draft: BfdInstanceDraft, ttl: number): number {
  const { maxHops, name } = draft;
  if (maxHops === undefined || maxHops.value <= ttl) return maxHops?.value ?? 0;
  const what = `max_hops "${maxHops.value}" in bfd_instance "${shorten(name)}"`;
  report(maxHops.span, {
    severity: "error",
    code: "INVALID_VALUE",
    message: `Cannot use ${what}; ${ttl} is used`,
    expected: `at most the ttl, ${ttl}`,
  });
  return ttl;
}
