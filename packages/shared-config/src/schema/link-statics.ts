// static_ipaddress, static_routes, static_rules, track_group: from drafts to what the VRRP process
// gets.

import type { Located } from "../text/source.js";
import type { StaticAddress, StaticConfig, TrackGroupConfig } from "./config-routes.js";
import type { AddressDraft, GlobalDraft } from "./draft.js";
import { placeAddress } from "./link-addresses.js";
import { hasLink, type LinkContext } from "./link-context.js";
import { linkLines } from "./link-routes.js";

export function linkStatics(context: LinkContext): StaticConfig {
  const { routes, rules } = context.root.statics;
  return {
    trackGroups: linkTrackGroups(context),
    addresses: linkStaticAddresses(context),
    routes: linkLines(context, "static_routes", routes),
    rules: linkLines(context, "static_rules", rules),
  };
}

/** Whether anything static was asked for. */
export function isEmptyStatics({ trackGroups, addresses, routes, rules }: StaticConfig): boolean {
  return [trackGroups, addresses, routes, rules].every((list) => list.length === 0);
}

/** Where static addresses without dev go unless default_interface says else. */
const defaultInterface = "eth0";

interface DefaultInterfaceDraft {
  defaultInterface?: Located<string> | undefined;
}

function linkStaticAddresses(context: LinkContext): StaticAddress[] {
  const global: GlobalDraft & DefaultInterfaceDraft = context.global;
  const fallback = global.defaultInterface?.value ?? defaultInterface;
  const owner = "static_ipaddress";
  return context.root.statics.addresses.flatMap((draft: AddressDraft) => {
    const device = draft.device ?? fallback;
    if (!hasLink({ ...context, owner }, device, draft.span)) return [];
    const { trackGroup } = draft;
    const address = placeAddress(draft, device);
    return [trackGroup === undefined ? address : { ...address, trackGroup }];
  });
}

function linkTrackGroups({ root, report }: LinkContext): TrackGroupConfig[] {
  return [...root.statics.trackGroups.values()].map(({ name, span, members = [] }) => {
    const known = members.filter((member) => {
      if (root.instances.has(member.value)) return true;
      report(member.span, {
        severity: "hint",
        code: "INVALID_VALUE",
        message: `Cannot find vrrp_instance "${member.value}" of track_group "${name}"; left out`,
      });
      return false;
    });
    const unique = [...new Set(known.map(({ value }) => value))];
    if (unique.length === 0) {
      report(span, {
        severity: "hint",
        code: "MISSING_KEYWORD",
        message: `Cannot find an instance for track_group "${name}": it watches for nobody`,
        hint: "add group { <instance> ... }",
      });
    }
    return { name, members: unique };
  });
}
