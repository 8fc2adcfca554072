// vrrp_script, track_file, vrrp_track_process, bfd_instance: from drafts to what the parent
// watches.

import type { TrackingConfig } from "./config-track.js";
import type { LinkContext } from "./link-context.js";

export function linkTracking(_context: LinkContext): TrackingConfig {
  return { scripts: [], files: [], processes: [], bfdInstances: [] };
}
