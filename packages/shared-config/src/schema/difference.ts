// What two configurations say differently, in keepalived.conf's words: block by block, the lines
// that only one of them has. The order of lines does not count; secrets are concealed.

import { concealSecrets } from "../text/secrets.js";
import type { Config } from "./config.js";
import { printBlock } from "./keyword.js";
import type { PrintedStatement } from "./printed.js";
import { topKeywords } from "./top.js";

/** A block of the top level, or a setting outside all blocks. */
export interface BlockDifference {
  /** Its first line without the brace, such as "vrrp_instance VI_1". */
  readonly block: string;
  readonly change: "added" | "removed" | "changed";
  /**
   * Empty for a whole block. A line within a block of the block stands behind that one's first line
   * and " / "; of one that comes or goes as a whole there is the first line only.
   */
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

export function configDifference(before: Config, after: Config): BlockDifference[] {
  const [old, now] = [blocksOf(before), blocksOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((block): BlockDifference[] => {
    const [removed, added] = [old.get(block), now.get(block)];
    const name = concealSecrets(block);
    const nothing = { removed: [], added: [] };
    if (removed === undefined) return [{ block: name, change: "added", ...nothing }];
    if (added === undefined) return [{ block: name, change: "removed", ...nothing }];
    const gone = without(removed, added);
    const come = without(added, removed);
    if (gone.length + come.length === 0) return [];
    const lines = { removed: headsOf(gone).map(shown), added: headsOf(come).map(shown) };
    return [{ block: name, change: "changed", ...lines }];
  });
}

/** Without what stands in a block that is itself among the lines. */
function headsOf(lines: readonly string[]): string[] {
  const all = new Set(lines);
  return lines.filter((line) => {
    for (let at = line.indexOf(" / "); at >= 0; at = line.indexOf(" / ", at + 1)) {
      if (all.has(line.slice(0, at))) return false;
    }
    return true;
  });
}

function blocksOf(config: Config): Map<string, string[]> {
  const blocks = new Map<string, string[]>();
  for (const { block = [], ...head } of printBlock(topKeywords, config)) {
    const name = lineOf(head);
    const lines = blocks.get(name) ?? [];
    for (const statement of block) addLines(lines, "", statement);
    blocks.set(name, lines);
  }
  return blocks;
}

function addLines(lines: string[], path: string, statement: PrintedStatement): void {
  const line = `${path}${lineOf(statement)}`;
  lines.push(line);
  for (const inner of statement.block ?? []) addLines(lines, `${line} / `, inner);
}

function lineOf({ keyword, words }: PrintedStatement): string {
  return [keyword, ...words].join(" ");
}

/** As often as it is there more often. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = counts.get(line) ?? 0;
    counts.set(line, count - 1);
    return count <= 0;
  });
}

/** A secret may stand in any part: "authentication / auth_pass x". */
function shown(line: string): string {
  return line
    .split(" / ")
    .map((part) => concealSecrets(part))
    .join(" / ");
}
