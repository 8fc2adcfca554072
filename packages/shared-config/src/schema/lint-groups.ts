// Hints about sync groups: members that cannot notice the same failure at the same time.

import type { Config } from "./config.js";
import type { ConfigDraft } from "./draft.js";
import { shorten } from "./keyword.js";
import type { LinkContext } from "./link-context.js";
import { formatSeconds } from "./number.js";

/** A member with a longer interval takes longer to miss its MASTER, and holds up the group. */
export function lintSyncGroups({ root, report }: LinkContext, { vrrp }: Config): void {
  const instances = new Map(vrrp?.instances.map((instance) => [instance.name, instance]));
  for (const { name, members } of vrrp?.syncGroups ?? []) {
    const [first, ...others] = members.flatMap((member) => instances.get(member) ?? []);
    const wanted = first?.advertIntervalUs;
    const odd = others.find(({ advertIntervalUs }) => advertIntervalUs !== wanted);
    const draft = odd && root.instances.get(odd.name);
    if (odd === undefined || draft === undefined || wanted === undefined) continue;
    if (members.some((member) => isFlawed(root, member))) continue;
    const group = `vrrp_sync_group "${shorten(name)}"`;
    report((draft.advertIntervalUs ?? draft).span, {
      severity: "hint",
      code: "SYNC_GROUP_INTERVALS",
      message:
        `Cannot move ${group} at once: "${shorten(odd.name)}" has advert_int ` +
        `${formatSeconds(odd.advertIntervalUs)}, another member ${formatSeconds(wanted)}`,
      hint: "give all members of a sync group the same advert_int",
    });
  }
}

/** Whether its advert_int may be another than its author wanted. */
function isFlawed({ flawed, instances }: ConfigDraft, name: string): boolean {
  const draft = instances.get(name);
  return draft !== undefined && flawed.has(draft);
}
