// Sync groups, garp_group, interface_up_down_delays, linkbeat_interfaces: from drafts to what the
// VRRP process gets.

import type { VrrpConfig } from "./config.js";
import type { LinkContext } from "./link-context.js";

export function linkGroups(
  _context: LinkContext,
): Pick<VrrpConfig, "garpGroups" | "interfaceDelays" | "linkbeat" | "syncGroups"> {
  return { garpGroups: [], interfaceDelays: [], linkbeat: [], syncGroups: [] };
}
