// The track_* lists of instances and sync groups: `<name> [weight <n> [reverse|noreverse]]`, a line
// each. What is tracked must stand above; follows keepalived's vrrp/vrrp_track.c. What a line
// without weight means, the linker fills in.

import type { Statement, Word } from "../text/ast.js";
import { interfaceNameMax, isInterfaceName } from "./address-line.js";
import type { TrackReference, TrackReferences } from "./config-track.js";
import type { ConfigDraft } from "./draft.js";
import type { NamedDraft, ReferenceDraft, TrackingDraft, TrackKind } from "./draft-track.js";
import { later } from "./forms.js";
import { type Keywords, type Rule, type Scope, shorten } from "./keyword.js";
import { parseInteger } from "./number.js";
import { quoteWord } from "./printed.js";
import { lines, lineWords, printLines } from "./sections.js";

interface ListKind {
  readonly kind: TrackKind;
  readonly keyword: string;
  /** What stands first in a line, for the form. */
  readonly first: string;
  readonly weightMax: number;
  /** One more is taken for {@link weightMax}, with a report. */
  readonly isOneMoreTaken: boolean;
  /** What may follow a weight. */
  readonly options: readonly string[];
}

const either = ["reverse", "noreverse"];

export const trackInterface: ListKind = {
  kind: "interfaces",
  keyword: "track_interface",
  first: "<interface>",
  weightMax: 253,
  isOneMoreTaken: true,
  options: ["reverse"],
};

const trackScript: ListKind = {
  kind: "scripts",
  keyword: "track_script",
  first: "<vrrp_script>",
  weightMax: 253,
  isOneMoreTaken: true,
  options: either,
};

const trackFile: ListKind = {
  kind: "files",
  keyword: "track_file",
  first: "<track_file>",
  weightMax: 254,
  isOneMoreTaken: false,
  options: either,
};

const trackProcess: ListKind = {
  kind: "processes",
  keyword: "track_process",
  first: "<vrrp_track_process>",
  weightMax: 254,
  isOneMoreTaken: false,
  options: either,
};

const trackBfd: ListKind = {
  kind: "bfdInstances",
  keyword: "track_bfd",
  first: "<bfd_instance>",
  weightMax: 253,
  isOneMoreTaken: false,
  options: either,
};

/** The lists, to be spread into the tables of whoever tracks. */
export const trackLists: Keywords<TrackingDraft> = {
  track_interface: list(trackInterface),
  track_script: list(trackScript),
  track_file: list(trackFile),
  track_process: list(trackProcess),
  track_bfd: later(list(trackBfd), { consequence: "a BFD session going down changes nothing" }),
};

function list(kind: ListKind): Rule<TrackingDraft> {
  const option = kind.options.join("|");
  const form = `${kind.first} [weight <-${kind.weightMax}..${kind.weightMax}> [${option}]]`;
  // A word of its own, since what is tracked may say reverse.
  const forward = kind.options.includes("noreverse") ? ["noreverse"] : [];
  const print = printLines("list", ({ name, weight, reverse }: TrackReference) => [
    ...[quoteWord(name), "weight", String(weight)],
    ...(reverse ? ["reverse"] : forward),
  ]);
  const rule = lines<TrackingDraft>(form, (scope, line) => readLine(scope, line, kind));
  return {
    ...rule,
    print: (keyword, config) => {
      const references = config["track"] as TrackReferences;
      return print(keyword, { list: references[kind.kind].map(named) });
    },
  };
}

type AnyReference = TrackReferences[TrackKind][number];

function named(reference: AnyReference): TrackReference {
  if ("name" in reference) return reference;
  return { ...reference, name: reference.interface };
}

function readLine(scope: Scope<TrackingDraft>, line: Statement, kind: ListKind): void {
  const [name = line.keyword, ...options] = lineWords(line);
  const list = scope.draft.track[kind.kind];
  const earlier = list.get(name.value);
  if (earlier !== undefined) {
    const what = `"${shorten(name.value)}" twice in ${kind.keyword} of ${scope.owner}`;
    scope.diagnostics.report(name.span, {
      severity: "error",
      code: "DUPLICATE_TRACKER",
      message: `Cannot track ${what}; the line is ignored`,
      hint: `the first stands in ${earlier.span.file.path}:${earlier.span.line}`,
    });
    return;
  }
  const effect = isThere(scope, name, kind) ? readEffect(scope, name, options, kind) : undefined;
  if (effect === undefined) return;
  list.set(name.value, { name: name.value, span: name.span, ...effect });
}

/** Whether what is tracked is defined above; if not, the linker tells, once it has seen all. */
function isThere(scope: Scope<TrackingDraft>, name: Word, { kind }: ListKind): boolean {
  const { trackers } = scope.root;
  if (kind === "interfaces") return isInterface(scope, name);
  const found = trackers[kind].get(name.value);
  if (found !== undefined && (kind !== "bfdInstances" || isForVrrp(scope.root, found))) return true;
  trackers.strays.push({ kind, name: name.value, span: name.span, owner: scope.owner });
  return false;
}

function isInterface(scope: Scope<TrackingDraft>, { value, span }: Word): boolean {
  if (isInterfaceName(value)) return true;
  scope.diagnostics.report(span, {
    severity: "fatal",
    code: "INTERFACE_NOT_FOUND",
    message: `Cannot track the interface "${shorten(value)}" in ${scope.owner}`,
    expected: `the name of an interface, 1 to ${interfaceNameMax} characters`,
  });
  return false;
}

/** A bfd_instance is for both, VRRP and checkers, unless it names one of them. */
function isForVrrp({ trackers }: ConfigDraft, { name }: NamedDraft): boolean {
  const bfd = trackers.bfdInstances.get(name);
  return bfd?.vrrp !== undefined || bfd?.checker === undefined;
}

type Effect = Pick<ReferenceDraft, "weight" | "reverse">;

/** What follows the name, or undefined, after a report, when the line is ignored. */
function readEffect(
  scope: Scope<TrackingDraft>,
  name: Word,
  [weight, number, option, surplus]: readonly Word[],
  kind: ListKind,
): Effect | undefined {
  if (weight === undefined) return {};
  const place = `"${shorten(name.value)}" in ${kind.keyword} of ${scope.owner}`;
  if (weight.value !== "weight" || number === undefined) {
    reportLine(scope, weight, place, kind);
    return undefined;
  }
  const read = readWeight(scope, number, place, kind);
  const isKnown = option === undefined || kind.options.includes(option.value);
  if (!isKnown) {
    scope.diagnostics.report(option.span, {
      severity: "error",
      code: "UNKNOWN_OPTION",
      message: `Cannot use "${shorten(option.value)}" for ${place}; the word is ignored`,
      expected: kind.options.join(" or "),
    });
  } else if (surplus !== undefined) reportSurplus(scope, surplus, place);
  return {
    ...(read === undefined ? {} : { weight: read }),
    ...(isKnown && option !== undefined ? { reverse: option.value === "reverse" } : {}),
  };
}

function reportLine(
  scope: Scope<TrackingDraft>,
  word: Word,
  place: string,
  { options, weightMax }: ListKind,
): void {
  const isWeight = word.value === "weight";
  const what = isWeight ? "weight without a number" : `"${shorten(word.value)}"`;
  scope.diagnostics.report(word.span, {
    severity: "error",
    code: isWeight ? "MISSING_WORD" : "UNKNOWN_OPTION",
    message: `Cannot use ${what} for ${place}; the line is ignored`,
    expected: `weight <-${weightMax}..${weightMax}> [${options.join("|")}]`,
    hint: options.includes(word.value) ? `weight <n> comes before ${word.value}` : undefined,
  });
}

function reportSurplus(scope: Scope<TrackingDraft>, { value, span }: Word, place: string): void {
  scope.diagnostics.report(span, {
    severity: "hint",
    code: "SURPLUS_WORD",
    message: `Cannot use "${shorten(value)}" for ${place}: the word is ignored`,
  });
}

/** The weight, or undefined when that of what is tracked counts. */
function readWeight(
  scope: Scope<TrackingDraft>,
  { value, span }: Word,
  place: string,
  { kind, weightMax, isOneMoreTaken }: ListKind,
): number | undefined {
  const parsed = parseInteger(value);
  const size = Math.abs(parsed?.value ?? Number.POSITIVE_INFINITY);
  if (parsed !== undefined && parsed.rest === "" && size <= weightMax) return parsed.value;
  const otherwise = kind === "interfaces" ? 0 : undefined;
  let used = otherwise;
  if (size <= weightMax) used = parsed?.value;
  else if (isOneMoreTaken && size === weightMax + 1)
    used = Math.sign(parsed?.value ?? 1) * weightMax;
  const instead = used === undefined ? "the weight it has of its own" : String(used);
  scope.diagnostics.report(span, {
    severity: "error",
    code: "INVALID_VALUE",
    message: `Cannot use weight "${shorten(value)}" for ${place}; ${instead} is used`,
    expected: `-${weightMax} to ${weightMax}`,
  });
  return used;
}
