// The keywords of the top level that concern several instances, or interfaces, at a time.

import type { ConfigDraft } from "./draft.js";
import { garpGroupRule, interfaceDelaysRule, linkbeatRule } from "./groups-interfaces.js";
import { syncGroupRule } from "./groups-sync.js";
import type { Keywords } from "./keyword.js";

export const groupTopKeywords: Keywords<ConfigDraft> = {
  linkbeat_interfaces: linkbeatRule,
  interface_up_down_delays: interfaceDelaysRule,
  garp_group: garpGroupRule,
  vrrp_sync_group: syncGroupRule,
};
