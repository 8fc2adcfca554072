// A fault of a cluster: something on which its routers do not fit together, at the place where one
// of them says it.

import type { DiagnosticCode } from "../text/codes.js";
import type { Span } from "../text/source.js";
import type { ClusterNode, NodeRouter } from "./cluster-match.js";
import type { InstanceDraft } from "./draft.js";
import { shorten } from "./keyword.js";

export type ClusterCode = Extract<DiagnosticCode, `CLUSTER_${string}`>;

export interface ClusterFault {
  readonly node: ClusterNode;
  readonly span: Span;
  readonly code: ClusterCode;
  readonly message: string;
  readonly hint: string;
}

type Told = Pick<ClusterFault, "code" | "message" | "hint">;

/** The fields of a draft that know their place. */
type LocatedField = {
  [K in keyof InstanceDraft]-?: NonNullable<InstanceDraft[K]> extends { readonly span: Span }
    ? K
    : never;
}[keyof InstanceDraft];

/** A fault at the keyword of `field`, or at the instance where that is not written. */
export function faultAt(
  { node, draft }: NodeRouter,
  field: LocatedField,
  told: Told,
): ClusterFault {
  return { node, span: (draft[field] ?? draft).span, ...told };
}

/** `vrrp_instance "VI_1" of b.conf`. */
export function titleOf({ instance, node }: NodeRouter): string {
  return `vrrp_instance "${shorten(instance.name)}" of ${node.name}`;
}

/** The first of `names`, and how many more there are. */
export function listed(names: readonly string[]): string {
  const shownMax = 4;
  const rest = names.length - shownMax;
  return names.slice(0, shownMax).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
