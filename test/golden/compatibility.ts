// What docs/COMPATIBILITY.md says: every keyword of keepalived 2.4.3 (keywords.tsv), what becomes
// of it here, and the golden case that shows it. Statuses come from the loader, cases from what
// they use; nothing is claimed by hand.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { keywordPaths } from "@keepalived-ts/shared-config/testing/built-keywords";
import type { Diagnostic } from "@keepalived-ts/shared-config/text/diagnostic";
import { parseCase } from "./case-file.js";
import { type Use, usesOf } from "./keyword-uses.js";

const folder: string = join(import.meta.dirname, "../../golden");
export const compatibilityPath: string = join(folder, "../../docs/COMPATIBILITY.md");

/** A row of keywords.tsv. */
export interface KeywordRow {
  readonly block: string;
  readonly keyword: string;
  readonly kind: string;
  readonly syntax: string;
  readonly range: string;
  readonly default: string;
  readonly status: string;
  readonly isInSeed: boolean;
}

export type Standing = "acted on" | "kept, not acted on yet" | "reported" | "missing";

export interface Finding {
  readonly row: KeywordRow;
  readonly standing: Standing;
  /** A case in which the keyword is used well, and one in which it is used badly. */
  readonly good: string | undefined;
  readonly bad: string | undefined;
}

export function keywordRows(): KeywordRow[] {
  const [, ...lines] = readFileSync(join(folder, "keywords.tsv"), "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [block = "", keyword = "", kind = "", syntax = "", range = "", ...rest] =
      line.split("\t");
    const [byDefault = "", status = "", seed = ""] = rest;
    const isInSeed = seed === "yes";
    return { block, keyword, kind, syntax, range, default: byDefault, status, isInSeed };
  });
}

/** Words that no release of keepalived takes and that documents have; they must be reported. */
export function isMisspelling(row: KeywordRow): boolean {
  return row.status.startsWith("alias-of") && row.syntax === "-";
}

/** Lexical forms that cannot be written wrongly, only left out. */
const alwaysRight: readonly string[] = [
  ...["#", "!", "@", "@^", "$NAME="],
  ...["_PWD", "_INSTANCE", "_HASH", "_BANG"].map((name) => `\${${name}}`),
];

/** What a golden case cannot show, since its files are all readable, and the test that does. */
const badElsewhere: Readonly<Record<string, string>> = {
  "(lexical) includer": "packages/shared-config/src/text/expand.test.ts",
};

/** Whether a row's words can be wrong at all. */
export function canGoWrong({ block, kind, keyword, syntax }: KeywordRow): boolean {
  if (block === "(lexical)") return !alwaysRight.includes(keyword);
  return kind === "value" || syntax.includes("[");
}

/** What the golden cases show of every row. */
export function findings(): Finding[] {
  const uses = usesByRow();
  const laterPaths = new Set(
    keywordPaths()
      .filter(({ isActedOn }) => !isActedOn)
      .map(({ path, keyword }) => `${path === "" ? "(top)" : path} ${keyword}`),
  );
  return keywordRows().map((row) => {
    const name = `${row.block} ${row.keyword}`;
    const all = uses.get(name) ?? [];
    const bad =
      all.find(({ complaints }) => complaints.some(isRefusal))?.path ?? badElsewhere[name];
    const well = all.filter(({ complaints }) => !complaints.some(isComplaint));
    const isWithinLater = well.every(({ within }) => within.some((each) => laterPaths.has(each)));
    const good = well[0]?.path;
    const isLater = laterPaths.has(name) || (well.length > 0 && isWithinLater);
    return { row, standing: standingOf(row, all, isLater), good, bad };
  });
}

interface PlacedUse extends Use {
  readonly path: string;
}

function usesByRow(): Map<string, PlacedUse[]> {
  const cases = join(folder, "cases");
  const uses = new Map<string, PlacedUse[]>();
  const names = readdirSync(cases, { recursive: true, encoding: "utf8" });
  for (const name of names.filter((each) => each.endsWith(".golden")).toSorted()) {
    // Those show what is wrong with words that are each used well.
    if (name.startsWith("hints/")) continue;
    const { input } = parseCase(readFileSync(join(cases, name), "utf8"));
    for (const use of usesOf(input)) {
      const path = relative(cases, join(cases, name));
      uses.set(use.row, [...(uses.get(use.row) ?? []), { ...use, path }]);
    }
  }
  return uses;
}

function isComplaint({ severity, code }: Diagnostic): boolean {
  const harmless = ["NOT_SUPPORTED_YET", "DEPRECATED_KEYWORD", "DIFFERS_FROM_KEEPALIVED"];
  return !harmless.includes(code) && severity !== "hint";
}

/** Or what keepalived logs without counting it. */
function isRefusal(diagnostic: Diagnostic): boolean {
  const uncounted = ["INVALID_VALUE", "MISSING_WORD", "UNKNOWN_OPTION"];
  return isComplaint(diagnostic) || uncounted.includes(diagnostic.code);
}

function standingOf(row: KeywordRow, uses: readonly PlacedUse[], isLater: boolean): Standing {
  if (uses.length === 0) return "missing";
  if (isMisspelling(row)) return "reported";
  if (isLater) return "kept, not acted on yet";
  const isToldLater = uses.some(({ complaints }) =>
    complaints.some(
      ({ code, message }) => code === "NOT_SUPPORTED_YET" && tells(message, row.keyword),
    ),
  );
  return isToldLater ? "kept, not acted on yet" : "acted on";
}

/** Whether "Cannot act on X in ... yet" is about this keyword. */
function tells(message: string, keyword: string): boolean {
  return message.startsWith(`Cannot act on ${keyword} `);
}

/** The document, whole. */
export function compatibilityText(): string {
  const all = findings();
  const blocks = [...new Set(all.map(({ row }) => row.block))];
  const count = (standing: Standing): number =>
    all.filter((finding) => finding.standing === standing).length;
  const summary = (["acted on", "kept, not acted on yet", "reported"] as const)
    .map((standing) => `${count(standing)} ${standing}`)
    .join(", ");
  return [
    "# Compatibility",
    "",
    "Every keyword of keepalived 2.4.3: how it stands here, and the golden case (under",
    "`test/golden/cases/`) that shows it used well and, where its words can be wrong, badly.",
    "Generated by `scripts/generate`; the tests fail when it is out of date.",
    "",
    `${all.length} keywords: ${summary}.`,
    "",
    "*acted on*: does what keepalived does. *kept, not acted on yet*: parsed, checked, in the",
    "typed configuration, and said once at start. *reported*: a spelling of documents that",
    "keepalived does not know; a diagnostic says what it is today. Where our behaviour differs on",
    "purpose, see [configuration](internals/configuration.md).",
    "",
    ...blocks.flatMap((block) => blockSection(block, all)),
  ].join("\n");
}

function blockSection(block: string, all: readonly Finding[]): string[] {
  const rows = all.filter(({ row }) => row.block === block);
  return [
    `## ${block === "(top)" ? "top level" : block}`,
    "",
    "| keyword | syntax | range | default | status | good | bad |",
    "|---|---|---|---|---|---|---|",
    ...rows.map(({ row, standing, good, bad }) =>
      tableRow([
        code(row.keyword),
        code(row.syntax),
        cell(row.range),
        cell(row.default),
        statusText(row, standing),
        cell(good ?? "-"),
        cell(canGoWrong(row) || isMisspelling(row) ? (bad ?? "-") : "-"),
      ]),
    ),
    "",
  ];
}

function statusText(row: KeywordRow, standing: Standing): string {
  const extra = row.status === "current" ? "" : ` (${cell(row.status)})`;
  return `${standing}${extra}`;
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function code(text: string): string {
  return text === "-" ? "-" : `\`${text.replaceAll("|", "\\|")}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
