// garp_group, interface_up_down_delays and linkbeat_interfaces: what is set for interfaces and not
// for instances. Whether an interface is there, and stands in one group only, the linker asks.

import { usPerSecond } from "../base/units.js";
import type { Statement, Word } from "../text/ast.js";
import { interfaceNameMax, isInterfaceName } from "./address-line.js";
import type { Config, InterfaceDelayConfig, LinkbeatConfig } from "./config.js";
import type { ConfigDraft } from "./draft.js";
import type { GarpGroupDraft } from "./draft-groups.js";
import { seconds, word } from "./forms.js";
import { unsignedMax } from "./global-defs.js";
import { firstWord, type Keywords, printBlock, type Rule, type Scope, shorten } from "./keyword.js";
import { formatSeconds, parseSeconds } from "./number.js";
import { quoteWord } from "./printed.js";
import { lines, lineWords, printLines, section } from "./sections.js";

/** What fits keepalived's 32 bits of microseconds. */
const pause = { from: 0, to: unsignedMax };
const delayMax = 255;

const methods = ["MII", "ETHTOOL", "IOCTL"] as const;

export const garpGroupKeywords: Keywords<GarpGroupDraft> = {
  garp_interval: seconds("garpIntervalUs", pause),
  gna_interval: seconds("gnaIntervalUs", pause),
  interface: {
    ...word<GarpGroupDraft>("<interface>", (scope, statement) =>
      addInterface(scope, firstWord(statement)),
    ),
    isRepeatable: true,
  },
  interfaces: interfaceList(),
};

/** Every word of every line; keepalived complains of an empty list. */
function interfaceList(): Rule<GarpGroupDraft> {
  const rule = lines<GarpGroupDraft>(
    "<interface>",
    (scope, line) => {
      for (const each of lineWords(line)) addInterface(scope, each);
    },
    printLines("interfaces", (name: string) => [quoteWord(name)]),
  );
  const bind = (scope: Scope<GarpGroupDraft>, statement: Statement): void => {
    rule.bind(scope, statement);
    if (statement.block?.length !== 0) return;
    scope.diagnostics.report(statement.keyword.span, {
      severity: "error",
      code: "MISSING_WORD",
      message: "Cannot find an interface in interfaces of garp_group",
      expected: "interfaces { <interface> ... }",
    });
  };
  return { ...rule, bind };
}

export const garpGroupRule: Rule<ConfigDraft> = section<ConfigDraft, GarpGroupDraft>({
  keywords: garpGroupKeywords,
  open: (scope, { keyword }) => ({
    ...scope,
    path: "garp_group",
    owner: "garp_group",
    draft: { span: keyword.span, interfaces: [] },
  }),
  close: (scope, { draft }) => scope.draft.groups.garpGroups.push(draft),
  print: (keyword, config) =>
    vrrpOf(config).garpGroups.map((group) => ({
      keyword,
      words: [],
      block: printBlock(garpGroupKeywords, group),
    })),
});

export const interfaceDelaysRule: Rule<ConfigDraft> = lines<ConfigDraft>(
  "<interface> <down> [<up>]",
  readDelay,
  (keyword, config) => printLines("interfaceDelays", formatDelay)(keyword, { ...vrrpOf(config) }),
);

export const linkbeatRule: Rule<ConfigDraft> = lines<ConfigDraft>(
  `<interface> [{${methods.join("|")}}]`,
  readLinkbeat,
  (keyword, config) => printLines("linkbeat", formatLinkbeat)(keyword, { ...vrrpOf(config) }),
);

function vrrpOf(
  config: object,
): Pick<NonNullable<Config["vrrp"]>, "garpGroups" | "interfaceDelays" | "linkbeat"> {
  return (config as Config).vrrp ?? { garpGroups: [], interfaceDelays: [], linkbeat: [] };
}

function addInterface(scope: Scope<GarpGroupDraft>, { value, span }: Word): void {
  if (isInterface(scope, scope.owner, { value, span })) {
    scope.draft.interfaces.push({ value, span });
  }
}

/** Whether there can be such an interface; one that there cannot be is fatal to keepalived. */
function isInterface<D>(
  scope: Scope<D>,
  owner: string,
  { value, span }: Pick<Word, "value" | "span">,
): boolean {
  if (isInterfaceName(value)) return true;
  scope.diagnostics.report(span, {
    severity: "fatal",
    code: "INTERFACE_NOT_FOUND",
    message: `Cannot use the interface "${shorten(value)}" in ${owner}`,
    expected: `the name of an interface, 1 to ${interfaceNameMax} characters`,
  });
  return false;
}

const delays = "interface_up_down_delays";

function readDelay(scope: Scope<ConfigDraft>, line: Statement): void {
  const [name = line.keyword, down, up, surplus] = lineWords(line);
  if (!isInterface(scope, delays, name)) return;
  if (down === undefined) {
    scope.diagnostics.report(name.span, {
      severity: "hint",
      code: "MISSING_WORD",
      message: `Cannot use "${shorten(name.value)}" in ${delays}: no delay follows`,
      expected: "<interface> <seconds before down counts> [<seconds before up counts>]",
    });
    return;
  }
  const downDelayUs = readSeconds(scope, down, "the line is ignored");
  if (downDelayUs === undefined) return;
  const upDelayUs = (up && readSeconds(scope, up, "0 is used")) ?? 0;
  if (surplus !== undefined) reportSurplus(scope, surplus, delays);
  const map = scope.draft.groups.interfaceDelays;
  reportReplaced(scope, name, delays, map.has(name.value));
  map.set(name.value, { interface: name.value, downDelayUs, upDelayUs, span: name.span });
}

function readSeconds(
  scope: Scope<ConfigDraft>,
  { value, span }: Word,
  instead: string,
): number | undefined {
  const parsed = parseSeconds(value);
  const isInRange =
    parsed !== undefined && parsed.value >= 0 && parsed.value <= delayMax * usPerSecond;
  const isExact = isInRange && parsed.rest === "" && !parsed.isRounded;
  if (!isExact) {
    const used = isInRange ? `${formatSeconds(parsed.value)} is used` : instead;
    scope.diagnostics.report(span, {
      severity: "error",
      code: "INVALID_VALUE",
      message: `Cannot use the delay "${shorten(value)}" in ${delays}; ${used}`,
      expected: `0 to ${delayMax} seconds, with up to 6 decimals`,
    });
  }
  return isInRange ? parsed.value : undefined;
}

function formatDelay({ interface: name, downDelayUs, upDelayUs }: InterfaceDelayConfig): string[] {
  return [quoteWord(name), formatSeconds(downDelayUs), formatSeconds(upDelayUs)];
}

function reportSurplus(scope: Scope<ConfigDraft>, { value, span }: Word, owner: string): void {
  scope.diagnostics.report(span, {
    severity: "hint",
    code: "SURPLUS_WORD",
    message: `Cannot use "${shorten(value)}" in ${owner}: it is ignored`,
  });
}

function reportReplaced(
  scope: Scope<ConfigDraft>,
  { value, span }: Word,
  owner: string,
  isReplaced: boolean,
): void {
  if (!isReplaced) return;
  scope.diagnostics.report(span, {
    severity: "hint",
    code: "REPEATED_KEYWORD",
    message: `Cannot use two lines for "${value}" in ${owner}: this one counts`,
  });
}

function readLinkbeat(scope: Scope<ConfigDraft>, line: Statement): void {
  const owner = "linkbeat_interfaces";
  const [name = line.keyword, first, surplus] = lineWords(line);
  if (!isInterface(scope, owner, name)) return;
  const method = methods.find((each) => each === first?.value);
  const bad = method === undefined ? first : surplus;
  if (bad !== undefined) {
    scope.diagnostics.report(bad.span, {
      severity: "error",
      code: "UNKNOWN_OPTION",
      message: `Cannot use "${shorten(bad.value)}" in ${owner}; the word is ignored`,
      expected: methods.join(", "),
    });
  }
  const map = scope.draft.groups.linkbeat;
  reportReplaced(scope, name, owner, map.has(name.value));
  const draft = { interface: name.value, span: name.span };
  map.set(name.value, method === undefined ? draft : { ...draft, method });
}

function formatLinkbeat({ interface: name, method }: LinkbeatConfig): string[] {
  return [quoteWord(name), ...(method === undefined ? [] : [method])];
}
