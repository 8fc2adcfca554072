// track_group: a name for instances that enter FAULT when a static address, route or rule which
// names it disappears. Who is an instance the linker knows, since groups stand above them.

import type { Statement } from "../text/ast.js";
import type { Config, TrackGroupConfig } from "./config.js";
import type { ConfigDraft, TrackGroupDraft } from "./draft.js";
import { reject } from "./forms.js";
import { firstWord, type Keywords, ownerName, type Rule, type Scope } from "./keyword.js";
import type { Printable, PrintedStatement } from "./printed.js";
import { quoteWord } from "./printed.js";
import { lines, lineWords, section } from "./sections.js";

const groupLines: Rule<TrackGroupDraft> = lines("<instance>", ({ draft }, line) => {
  draft.members ??= [];
  draft.members.push(...lineWords(line));
});

export const trackGroupKeywords: Keywords<TrackGroupDraft> = {
  group: { ...groupLines, bind: bindGroup },
};

/** A `track_group <name>` of the top level. */
export const trackGroupSection: Rule<ConfigDraft> = section({
  form: "<name>",
  words: { min: 1, max: Number.POSITIVE_INFINITY },
  keywords: trackGroupKeywords,
  open: openGroup,
  close: (scope, { draft }) => scope.draft.statics.trackGroups.set(draft.name, draft),
  print: printGroups,
});

function openGroup(
  scope: Scope<ConfigDraft>,
  statement: Statement,
): Scope<TrackGroupDraft> | undefined {
  const name = firstWord(statement);
  const [, surplus] = statement.words;
  if (surplus !== undefined || name.value === "") {
    reject(scope, statement, surplus ?? name, "one name", "the block is skipped");
    return undefined;
  }
  const earlier = scope.draft.statics.trackGroups.get(name.value);
  if (earlier !== undefined) {
    scope.diagnostics.report(name.span, {
      severity: "error",
      code: "DUPLICATE_NAME",
      message: `Cannot define ${ownerName(statement)} twice; this block is skipped`,
      hint: `the first stands in ${earlier.span.file.path}:${earlier.span.line}`,
    });
    return undefined;
  }
  const draft = { name: name.value, span: name.span };
  return { ...scope, path: "track_group", owner: ownerName(statement), draft };
}

function bindGroup(scope: Scope<TrackGroupDraft>, statement: Statement): void {
  const { draft, diagnostics, owner } = scope;
  if (draft.members !== undefined) {
    diagnostics.report(statement.keyword.span, {
      severity: "error",
      code: "REPEATED_KEYWORD",
      message: `Cannot use group twice in ${owner}; this block is ignored`,
    });
    return;
  }
  groupLines.bind(scope, statement);
  if (draft.members === undefined) {
    draft.members = [];
    diagnostics.report(statement.keyword.span, {
      severity: "error",
      code: "MISSING_WORD",
      message: `Cannot find an instance in group of ${owner}`,
      expected: "group { <instance> ... }",
    });
  }
}

function printGroups(keyword: string, config: Printable): PrintedStatement[] {
  // The printable view of the top level is the whole configuration.
  const { vrrp } = config as unknown as Config;
  return (vrrp?.statics.trackGroups ?? []).map((group) => ({
    keyword,
    words: [quoteWord(group.name)],
    block: printMembers(group),
  }));
}

function printMembers({ members }: TrackGroupConfig): PrintedStatement[] {
  if (members.length === 0) return [];
  const block = members.map((member) => ({ keyword: quoteWord(member), words: [] }));
  return [{ keyword: "group", words: [], block }];
}
