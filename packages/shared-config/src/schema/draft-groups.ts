// What the text said of sync groups, garp_group, interface_up_down_delays and linkbeat_interfaces.

import type { Located, Span } from "../text/source.js";
import type {
  GarpGroupConfig,
  InterfaceDelayConfig,
  LinkbeatConfig,
  SyncGroupConfig,
  SyncGroupScripts,
} from "./config-groups.js";
import type { NamedDraft, TrackingDraft } from "./draft-track.js";
import type { Drafted } from "./drafted.js";
import type { ScriptDraft } from "./script.js";

type Switches = Pick<SyncGroupConfig, "smtpAlert" | "notifyPriorityChanges" | "trackingWeights">;

export interface SyncGroupDraft
  extends NamedDraft,
    TrackingDraft,
    Drafted<Switches>,
    Drafted<Record<keyof SyncGroupScripts, ScriptDraft>> {
  /** Absent until a `group` list came. */
  members?: Located<string>[] | undefined;
}

export interface GarpGroupDraft extends Drafted<Omit<GarpGroupConfig, "interfaces">> {
  readonly span: Span;
  readonly interfaces: Located<string>[];
}

export interface InterfaceDelayDraft extends InterfaceDelayConfig {
  readonly span: Span;
}

export interface LinkbeatDraft extends LinkbeatConfig {
  readonly span: Span;
}

export interface GroupsDraft {
  /** By name, in the order of the text. */
  readonly syncGroups: Map<string, SyncGroupDraft>;
  readonly garpGroups: GarpGroupDraft[];
  /** By interface; the last line counts. */
  readonly interfaceDelays: Map<string, InterfaceDelayDraft>;
  readonly linkbeat: Map<string, LinkbeatDraft>;
}

export function emptyGroups(): GroupsDraft {
  return {
    syncGroups: new Map(),
    garpGroups: [],
    interfaceDelays: new Map(),
    linkbeat: new Map(),
  };
}
