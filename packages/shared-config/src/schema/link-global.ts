// From the draft of global_defs to the settings of the daemon, defaults filled in.

import type { GlobalConfig } from "./config-global.js";
import type { LinkContext } from "./link-context.js";

export function linkGlobal({ global, hostName }: LinkContext): GlobalConfig {
  return { routerId: global.routerId?.value ?? hostName };
}
