// What the text said, before defaults and inheritance: every value optional and with its place, so
// that the linker can fill in what is missing and still name the line that is at fault. The parts
// stand in draft-*.ts.

import type { Located } from "../text/source.js";
import type { GroupDraft, SslDraft, VirtualServerDraft } from "./draft-checker.js";
import type { GlobalDraft } from "./draft-global.js";
import type { InstanceDraft } from "./draft-vrrp.js";

export type * from "./draft-checker.js";
export type * from "./draft-global.js";
export type * from "./draft-routes.js";
export type * from "./draft-vrrp.js";

/** A whole configuration as written. */
export interface ConfigDraft {
  /** The keywords of the top level, for hints about forgotten braces. */
  readonly topKeywords: ReadonlySet<string>;
  readonly global: GlobalDraft;
  /** By name, in the order of the text. */
  readonly instances: Map<string, InstanceDraft>;
  readonly ssl: SslDraft;
  /** By name, in the order of the text. */
  readonly groups: Map<string, GroupDraft>;
  readonly virtualServers: VirtualServerDraft[];
  readonly trackFiles: Map<string, TrackFileDraft>;
  readonly bfdInstances: Map<string, { readonly name: string }>;
}

/** What a FILE_CHECK takes over from its file. */
export interface TrackFileDraft {
  readonly name: string;
  weight?: Located<number> | undefined;
  reverse?: Located<boolean> | undefined;
}

/** A draft of nothing. */
export function emptyDraft(topKeywords: Iterable<string>): ConfigDraft {
  return {
    topKeywords: new Set(topKeywords),
    global: {},
    instances: new Map(),
    ssl: {},
    groups: new Map(),
    virtualServers: [],
    trackFiles: new Map(),
    bfdInstances: new Map(),
  };
}
