// File name patterns of `include`: `*`, `?`, `[...]`, `{a,b}` and `\` as in glob(7). Bounded in
// alternatives and matches, and by what the disk allows all includes together.

import type { IncludeDisk } from "./include-disk.js";
import { alternativesMax, matchesMax } from "./limits.js";

/** The patterns that the braces of `pattern` stand for; undefined when there are too many. */
export function expandBraces(pattern: string): string[] | undefined {
  const expanded: string[] = [];
  const pending = [pattern];
  for (let text = pending.pop(); text !== undefined; text = pending.pop()) {
    const group = firstGroup(text);
    if (group === undefined) expanded.push(text);
    else pending.push(...expandGroup(text, group).reverse());
    if (expanded.length + pending.length > alternativesMax) return undefined;
  }
  return expanded;
}

/** The paths that a pattern without braces matches, sorted; `disk` knows if they are all. */
export function globPaths(pattern: string, disk: IncludeDisk): string[] {
  let paths = [pattern.startsWith("/") ? "/" : ""];
  for (const segment of pattern.split("/").filter((part) => part !== "")) {
    paths = stepAll(paths, segment, disk);
  }
  return paths;
}

/** Whether `text` has a character that makes it a pattern. */
export function hasWildcard(text: string): boolean {
  return /[*?[]/.test(text.replace(/\\./g, ""));
}

/** Whether a name matches `pattern`; a leading dot must be written out (glob(7)). */
export function nameMatcher(pattern: string): (name: string) => boolean {
  const elements = tokens(pattern);
  const takesHidden = pattern.startsWith(".");
  return (name) => (takesHidden || !name.startsWith(".")) && matchTokens(name, elements);
}

/** What `segment` makes of `paths`; nothing once there is too much of it. */
function stepAll(paths: readonly string[], segment: string, disk: IncludeDisk): string[] {
  if (!hasWildcard(segment)) {
    return paths.map((path) => below(path, segment.replace(/\\(.)/g, "$1")));
  }
  const matches = nameMatcher(segment);
  const found: string[] = [];
  for (const path of paths) {
    const names = disk.list(path === "" ? "." : path);
    if (names === undefined) return [];
    for (const name of names.filter(matches).toSorted()) found.push(below(path, name));
    if (found.length <= matchesMax) continue;
    disk.refuse("matches");
    return [];
  }
  return found;
}

/** Not join(), which takes ".." away: after a link that would be another place. */
function below(path: string, name: string): string {
  return path === "" || path.endsWith("/") ? path + name : `${path}/${name}`;
}

interface BraceGroup {
  readonly start: number;
  readonly end: number;
  readonly commas: readonly number[];
}

function firstGroup(text: string): BraceGroup | undefined {
  const start = /^(?:[^\\{]|\\.)*/s.exec(text)?.[0].length ?? 0;
  if (text[start] !== "{") return undefined;
  const commas: number[] = [];
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") at++;
    if (character === "{") depth++;
    if (character === "}" && --depth === 0) return { start, end: at, commas };
    if (character === "," && depth === 1) commas.push(at);
  }
  return undefined;
}

function expandGroup(text: string, group: BraceGroup): string[] {
  const bounds = [group.start, ...group.commas, group.end];
  const before = text.slice(0, group.start);
  const after = text.slice(group.end + 1);
  return bounds.slice(1).map((end, i) => before + text.slice((bounds[i] ?? 0) + 1, end) + after);
}

/** One pattern element: `*` is null, everything else tests one character. */
type Token = ((character: string) => boolean) | null;

function tokens(pattern: string): Token[] {
  const result: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    const close = character === "[" ? classEnd(pattern, at) : -1;
    if (character === "\\" && at + 1 < pattern.length) {
      const literal = pattern.charAt(++at);
      result.push((other) => other === literal);
    } else if (character === "*") result.push(null);
    else if (character === "?") result.push(() => true);
    else if (close > 0) {
      result.push(classTest(pattern.slice(at + 1, close)));
      at = close;
    } else result.push((other) => other === character);
  }
  return result;
}

/** Where the class that opens at `at` closes, or -1; a `]` may come first, or in `[:alpha:]`. */
function classEnd(pattern: string, at: number): number {
  const match = /\[[!^]?\]?(?:\[:[a-z]+:\]|[^\]])*\]/y;
  match.lastIndex = at;
  const found = match.exec(pattern)?.[0];
  return found === undefined ? -1 : at + found.length - 1;
}

/** The named classes of fnmatch(3) in the C locale. */
const namedClasses: Readonly<Record<string, string>> = {
  ...{ alpha: "a-zA-Z", digit: "0-9", alnum: "a-zA-Z0-9", upper: "A-Z", lower: "a-z" },
  ...{ xdigit: "0-9a-fA-F", blank: " \t", space: " \t-\r", punct: "!-/:-@[-`{-~" },
};

function classTest(body: string): (character: string) => boolean {
  const isNegated = body.startsWith("!") || body.startsWith("^");
  const members = (isNegated ? body.slice(1) : body).replace(
    /\[:([a-z]+):\]/g,
    (_, name: string) => namedClasses[name] ?? "",
  );
  const ranges: [string, string][] = [];
  for (let at = 0; at < members.length; at++) {
    const low = members.charAt(at);
    const isRange = members[at + 1] === "-" && at + 2 < members.length;
    ranges.push([low, isRange ? members.charAt(at + 2) : low]);
    if (isRange) at += 2;
  }
  return (character) =>
    ranges.some(([low, high]) => low <= character && character <= high) !== isNegated;
}

/** Matches with one step back to the last `*`: at most name length times pattern length. */
function matchTokens(name: string, pattern: readonly Token[]): boolean {
  let at = 0;
  let token = 0;
  let starToken = -1;
  let starAt = 0;
  while (at < name.length) {
    const test = pattern[token];
    if (test === null) {
      starToken = token++;
      starAt = at;
    } else if (test?.(name.charAt(at))) {
      token++;
      at++;
    } else if (starToken >= 0) {
      token = starToken + 1;
      at = ++starAt;
    } else return false;
  }
  return pattern.slice(token).every((test) => test === null);
}
