// What the linkers share: the whole draft, the host, how to report; and for those of one VRRP
// instance its own draft.

import type { Diagnostics, Report } from "../text/diagnostic.js";
import type { Located, Span } from "../text/source.js";
import type { CheckConfig, RealServerConfig, VirtualServerConfig } from "./config.js";
import type {
  CheckDraft,
  ConfigDraft,
  GlobalDraft,
  InstanceDraft,
  RealServerDraft,
  VirtualServerDraft,
} from "./draft.js";
import type { HostFacts } from "./host.js";
import type { LaterList } from "./later.js";

/** Hands a report to the bag. */
export type Reporter = (span: Span, report: Report) => void;

/** Where the parts of the checker's configuration came from. */
export interface BuiltDrafts {
  readonly services: Map<VirtualServerConfig, VirtualServerDraft>;
  readonly servers: Map<RealServerConfig, RealServerDraft>;
  readonly checks: Map<CheckConfig, CheckDraft>;
}

export interface LinkContext {
  readonly root: ConfigDraft;
  readonly global: GlobalDraft;
  readonly host: HostFacts;
  readonly later: LaterList;
  readonly report: Reporter;
  readonly diagnostics: Pick<Diagnostics, "errorCount" | "hasRoom">;
  /** Name of this host. */
  readonly hostName: string;
  /** The drafts of what was built: hints are not about what was dropped. */
  readonly drafts: BuiltDrafts;
  /** What was said already and is not to be said for each object again. */
  readonly told: Set<string>;
}

export interface InstanceContext extends LinkContext {
  readonly draft: InstanceDraft;
  /** The instance for messages. */
  readonly owner: string;
}

type InheritedField = keyof GlobalDraft & keyof InstanceDraft;
type InheritedValue<K extends InheritedField> = InstanceDraft[K] extends
  | Located<infer T>
  | undefined
  ? T
  : never;

/** What the instance says, else what global_defs says. */
export function inherited<K extends InheritedField>(
  context: InstanceContext,
  field: K,
): InheritedValue<K> | undefined {
  const located = context.draft[field] ?? context.global[field];
  return located?.value as InheritedValue<K> | undefined;
}

/** Whether the interface is there; reports it if not. */
export function hasLink(
  context: Pick<InstanceContext, "global" | "host" | "report" | "owner">,
  name: string,
  span: Span,
): boolean {
  if (context.host.linkExists?.(name) !== false) return true;
  // dynamic_interfaces: it may come later.
  if (context.global.dynamicInterfaces?.value === true) return true;
  context.report(span, {
    severity: "fatal",
    code: "INTERFACE_NOT_FOUND",
    message: `Cannot build ${context.owner}: the interface "${name}" does not exist`,
    hint: "ip link shows the interfaces of this host",
  });
  return false;
}

/** What `link` makes of `draft`, which is flawed when that takes an error. */
export function linkNoted<T>({ diagnostics, root }: LinkContext, draft: object, link: () => T): T {
  const errors = diagnostics.errorCount;
  const made = link();
  if (diagnostics.errorCount > errors) root.flawed.add(draft);
  return made;
}
