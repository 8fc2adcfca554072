// What the text said of scripts, files, processes and BFD sessions to watch, and who tracks them.

import type { Located, Span } from "../text/source.js";
import type {
  BfdInstanceConfig,
  TrackedFileConfig,
  TrackedProcessConfig,
  TrackedScriptConfig,
  TrackReferences,
} from "./config-track.js";
import type { Drafted } from "./drafted.js";
import type { ScriptDraft } from "./script.js";

/** An object with a name, and the place of the name. */
export interface NamedDraft {
  readonly name: string;
  readonly span: Span;
}

export interface TrackedScriptDraft
  extends NamedDraft,
    Drafted<Omit<TrackedScriptConfig, "name" | "script">> {
  script?: Located<ScriptDraft> | undefined;
  user?: Located<string> | undefined;
  group?: Located<string> | undefined;
}

export interface TrackedFileDraft extends NamedDraft, Drafted<Omit<TrackedFileConfig, "name">> {}

export interface TrackedProcessDraft
  extends NamedDraft,
    Drafted<Omit<TrackedProcessConfig, "name">> {}

export interface BfdInstanceDraft extends NamedDraft, Drafted<Omit<BfdInstanceConfig, "name">> {}

/** A line of a `track_*` list, the name of an interface or of a tracked object first. */
export interface ReferenceDraft extends NamedDraft {
  /** Absent: that of the tracked object, or 0. */
  readonly weight?: number | undefined;
  /** Absent: as the tracked object says, or false. */
  readonly reverse?: boolean | undefined;
}

/** The kinds of `track_*` lists. */
export type TrackKind = keyof TrackReferences;

/** The lines of each list, by name, in the order of the text. */
export type ReferencesDraft = {
  readonly [kind in TrackKind]: Map<string, ReferenceDraft>;
};

/** Whoever may track something. */
export interface TrackingDraft {
  readonly track: ReferencesDraft;
}

/** A name that nothing above its line has. */
export interface StrayReference extends NamedDraft {
  readonly kind: Exclude<TrackKind, "interfaces">;
  /** Who tracks it, for messages. */
  readonly owner: string;
}

/** All that can be tracked, by name, in the order of the text. */
export interface TrackersDraft {
  readonly scripts: Map<string, TrackedScriptDraft>;
  readonly files: Map<string, TrackedFileDraft>;
  readonly processes: Map<string, TrackedProcessDraft>;
  readonly bfdInstances: Map<string, BfdInstanceDraft>;
  readonly strays: StrayReference[];
}

export function emptyTrackers(): TrackersDraft {
  return {
    scripts: new Map(),
    files: new Map(),
    processes: new Map(),
    bfdInstances: new Map(),
    strays: [],
  };
}

export function emptyReferences(): ReferencesDraft {
  return {
    interfaces: new Map(),
    scripts: new Map(),
    files: new Map(),
    processes: new Map(),
    bfdInstances: new Map(),
  };
}
