// The keywords of the top level that define what can be tracked. They are printed before what
// tracks: a name must be defined above its use.

import type { ConfigDraft } from "./draft.js";
import type { TrackedFileDraft } from "./draft-track.js";
import { alias, later } from "./forms.js";
import type { Keywords } from "./keyword.js";
import { bfdKeywords } from "./track-bfd.js";
import { fileKeywords } from "./track-file.js";
import { namedSection } from "./track-forms.js";
import { processKeywords } from "./track-process.js";
import { scriptKeywords } from "./track-script.js";

/** The buffer of keepalived (bfd/bfd.h) holds 32, with the NUL. */
const bfdNameMax = 31;

const trackFile = namedSection<TrackedFileDraft>({
  keywords: fileKeywords,
  map: (draft) => draft.trackers.files,
  make: (name) => name,
  list: (config) => config.tracking.files,
});

export const trackTopKeywords: Keywords<ConfigDraft> = {
  vrrp_script: namedSection({
    keywords: scriptKeywords,
    map: (draft) => draft.trackers.scripts,
    make: (name) => name,
    list: (config) => config.tracking.scripts,
  }),
  vrrp_track_process: namedSection({
    keywords: processKeywords,
    map: (draft) => draft.trackers.processes,
    make: (name) => name,
    list: (config) => config.tracking.processes,
  }),
  track_file: trackFile,
  vrrp_track_file: alias("track_file", trackFile, (scope, { keyword }) => {
    scope.diagnostics.report(keyword.span, {
      severity: "hint",
      code: "DEPRECATED_KEYWORD",
      message: "Cannot recommend vrrp_track_file: it is the old name of track_file",
      hint: "write track_file, which real servers can use too",
    });
  }),
  bfd_instance: later(
    namedSection({
      keywords: bfdKeywords,
      map: (draft) => draft.trackers.bfdInstances,
      make: (name) => name,
      nameBytesMax: bfdNameMax,
      list: (config) => config.tracking.bfdInstances,
    }),
    { consequence: "there is no BFD session" },
  ),
};
