// The table of global_defs, put together from the tables of its themes, and the settings of the top
// level. Defaults are not here: the linker fills them in.

import type { ConfigDraft, GlobalDraft } from "./draft.js";
import { daemonKeywords, daemonTopKeywords } from "./global-daemon.js";
import { firewallKeywords } from "./global-firewall.js";
import { lvsKeywords } from "./global-lvs.js";
import { notifyKeywords } from "./global-notify.js";
import { processKeywords } from "./global-processes.js";
import { vrrpDefaultKeywords, vrrpProcessKeywords } from "./global-vrrp.js";
import { type Keywords, printBlock, type Scope } from "./keyword.js";
import { section } from "./sections.js";

export { delaySecondsMax, positive, readMulticast, unsignedMax } from "./global-forms.js";

export const globalKeywords: Keywords<GlobalDraft> = {
  ...daemonKeywords,
  ...processKeywords,
  ...notifyKeywords,
  ...vrrpDefaultKeywords,
  ...vrrpProcessKeywords,
  ...firewallKeywords,
  ...lvsKeywords,
};

/** The keywords of the top level that concern the daemon as a whole. */
export const globalTopKeywords: Keywords<ConfigDraft> = {
  ...daemonTopKeywords,
  global_defs: section({
    keywords: globalKeywords,
    open: (scope): Scope<GlobalDraft> => ({
      ...scope,
      path: "global_defs",
      owner: "global_defs",
      draft: scope.draft.global,
    }),
    print: (keyword, config) => [
      { keyword, words: [], block: printBlock(globalKeywords, config["global"] as object) },
    ],
  }),
};
