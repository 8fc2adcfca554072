// What the text said, before defaults and inheritance: every value optional and with its place, so
// that the linker can fill in what is missing and still name the line that is at fault. The parts
// stand in draft-*.ts.

import type { GroupDraft, SslDraft, VirtualServerDraft } from "./draft-checker.js";
import { emptyGlobalDraft, type GlobalDraft } from "./draft-global.js";
import { emptyGroups, type GroupsDraft } from "./draft-groups.js";
import { emptyStatics, type StaticDraft } from "./draft-routes.js";
import { emptyTrackers, type TrackersDraft } from "./draft-track.js";
import type { InstanceDraft } from "./draft-vrrp.js";
import { VirtualLinkNames } from "./virtual-link-names.js";

export type * from "./draft-checker.js";
export type * from "./draft-global.js";
export type * from "./draft-groups.js";
export type * from "./draft-routes.js";
export type * from "./draft-track.js";
export type * from "./draft-vrrp.js";

/** A whole configuration as written. */
export interface ConfigDraft {
  /** The keywords of the top level, for hints about forgotten braces. */
  readonly topKeywords: ReadonlySet<string>;
  /**
   * Drafts with an error in their block, or in what was made of them: part of what their author
   * wrote is not there, and what is amiss with the rest may only follow from that.
   */
  readonly flawed: WeakSet<object>;
  readonly global: GlobalDraft;
  readonly statics: StaticDraft;
  /** By name, in the order of the text. */
  readonly instances: Map<string, InstanceDraft>;
  /** Of the interfaces that instances make. */
  readonly virtualLinkNames: VirtualLinkNames;
  readonly ssl: SslDraft;
  /** `virtual_server_group`, by name, in the order of the text. */
  readonly serverGroups: Map<string, GroupDraft>;
  readonly virtualServers: VirtualServerDraft[];
  readonly groups: GroupsDraft;
  readonly trackers: TrackersDraft;
}

/** A draft of nothing. */
export function emptyDraft(topKeywords: Iterable<string>): ConfigDraft {
  return {
    topKeywords: new Set(topKeywords),
    flawed: new WeakSet(),
    global: emptyGlobalDraft(),
    statics: emptyStatics(),
    instances: new Map(),
    virtualLinkNames: new VirtualLinkNames(),
    ssl: {},
    serverGroups: new Map(),
    virtualServers: [],
    groups: emptyGroups(),
    trackers: emptyTrackers(),
  };
}
