// Lines of routes and rules, static or virtual: those whose interfaces are all there stay.

import type { VrrpInstanceConfig } from "./config.js";
import type { LineDraft } from "./draft.js";
import { hasLink, type InstanceContext, type LinkContext } from "./link-context.js";

/** The values of the lines that can be used; `owner` is for messages. */
export function linkLines<T>(
  context: LinkContext,
  owner: string,
  drafts: readonly LineDraft<T>[],
): T[] {
  return drafts
    .filter(({ links }) =>
      links.map(({ value, span }) => hasLink({ ...context, owner }, value, span)).every(Boolean),
    )
    .map(({ value }) => value);
}

/** `virtual_routes` and `virtual_rules` of an instance. */
export function linkVirtualLines(
  context: InstanceContext,
): Pick<VrrpInstanceConfig, "virtualRoutes" | "virtualRules"> {
  const { owner, draft } = context;
  return {
    virtualRoutes: linkLines(context, owner, draft.routes ?? []),
    virtualRules: linkLines(context, owner, draft.rules ?? []),
  };
}
