// static_ipaddress, static_routes, static_rules: from drafts to what the VRRP process gets.

import type { StaticConfig } from "./config-routes.js";
import type { LinkContext } from "./link-context.js";

export function linkStatics(_context: LinkContext): StaticConfig {
  return { addresses: [] };
}
