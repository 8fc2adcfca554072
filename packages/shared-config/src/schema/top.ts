// The table of the top level: every block and setting that stands outside all braces, put together
// from the tables of the parts. Its order is the order in which a configuration is printed.

import type { ConfigDraft } from "./draft.js";
import { globalTopKeywords } from "./global-defs.js";
import { groupTopKeywords } from "./groups-top.js";
import { expectsBlockIn, type Keywords } from "./keyword.js";
import { staticTopKeywords } from "./statics.js";
import { trackTopKeywords } from "./track-top.js";
import { checkerTopKeywords } from "./virtual-server.js";
import { vrrpTopKeywords } from "./vrrp-instance.js";

export const topKeywords: Keywords<ConfigDraft> = {
  ...globalTopKeywords,
  ...staticTopKeywords,
  ...trackTopKeywords,
  ...groupTopKeywords,
  ...vrrpTopKeywords,
  ...checkerTopKeywords,
};

const asked: Map<string, boolean> = new Map();

/** Whether the keyword that ends `path` ("vrrp_instance/authentication") must have a block. */
export function expectsBlock(path: string): boolean {
  let known = asked.get(path);
  if (known === undefined) {
    known = expectsBlockIn(topKeywords, path);
    // Hostile text makes up any number of paths.
    if (asked.size < 1024) asked.set(path, known);
  }
  return known;
}
