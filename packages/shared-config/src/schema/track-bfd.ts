// The keywords of bfd_instance. Ranges and what a bad value becomes follow keepalived's
// bfd/bfd_parser.c; families and neighbours are compared by the linker.

import type { Statement } from "../text/ast.js";
import type { BfdInstanceDraft } from "./draft-track.js";
import { address, alias, boolean, flag, integer } from "./forms.js";
import { firstWord, type Keywords, type Scope, shorten } from "./keyword.js";
import { milliseconds, weight } from "./track-forms.js";

const usPerMs = 1000;
const interval = { from: usPerMs, to: 4294967 * usPerMs };
const idle = { ...interval, from: 1000 * usPerMs };
/** keepalived warns of longer ones. */
const sensibleMaxUs = 10_000 * usPerMs;

const neighbor = address<BfdInstanceDraft>("neighborAddress");
const ttl = integer<BfdInstanceDraft>("ttl", { from: 1, to: 255 });

export const bfdKeywords: Keywords<BfdInstanceDraft> = {
  neighbor_ip: neighbor,
  neighbour_ip: alias("neighbor_ip", neighbor),
  source_ip: address("sourceAddress"),
  min_rx: milliseconds("minReceiveUs", interval, checkInterval),
  min_tx: milliseconds("minTransmitUs", interval, checkInterval),
  idle_tx: milliseconds("idleTransmitUs", idle, checkInterval),
  multiplier: integer("multiplier", { from: 1, to: 255 }),
  passive: flag("passive"),
  ttl,
  hoplimit: alias("ttl", ttl),
  max_hops: integer("maxHops", { from: -1, to: 255 }),
  multihop: boolean("multihop"),
  weight: weight({ max: 253, beyond: "ignored", isOnce: false }),
  vrrp: flag("vrrp"),
  checker: flag("checker"),
};

function checkInterval(
  scope: Scope<BfdInstanceDraft>,
  statement: Statement,
  valueUs: number,
): void {
  if (valueUs <= sensibleMaxUs) return;
  const { value, span } = firstWord(statement);
  const what = `${statement.keyword.value} "${shorten(value)}" in ${scope.owner}`;
  scope.diagnostics.report(span, {
    severity: "hint",
    code: "INVALID_VALUE",
    message: `Cannot notice a failure soon by ${what}: it is more than 10 seconds`,
    expected: "milliseconds",
  });
}
