// What the linkers of one VRRP instance share: its draft, the global one, how to report.

import type { Report } from "../text/diagnostic.js";
import type { Located, Span } from "../text/source.js";
import type { GlobalDraft, InstanceDraft } from "./draft.js";

/** Hands a report to the bag. */
export type Reporter = (span: Span, report: Report) => void;

export interface InstanceContext {
  readonly draft: InstanceDraft;
  readonly global: GlobalDraft;
  /** The instance for messages. */
  readonly owner: string;
  readonly report: Reporter;
  /** Whether an interface exists; absent = do not look. */
  readonly linkExists: ((name: string) => boolean) | undefined;
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
export function hasLink(context: InstanceContext, name: string, span: Span): boolean {
  if (context.linkExists?.(name) !== false) return true;
  context.report(span, {
    severity: "fatal",
    code: "INTERFACE_NOT_FOUND",
    message: `Cannot build ${context.owner}: the interface "${name}" does not exist`,
    hint: "ip link shows the interfaces of this host",
  });
  return false;
}
