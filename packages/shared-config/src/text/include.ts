// What an `include` line asks for: which files, and what it means when they are not there. The
// letters after `include` raise the check: r a matched file must be readable, m a plain name must
// exist, w a wildcard must match, b every brace alternative must match, a all (lib/parser.c).

import { posix } from "node:path";
import type { Diagnostics } from "./diagnostic.js";
import { expandBraces, globPaths, hasWildcard } from "./glob.js";
import type { Loader } from "./loader.js";
import { type LogicalLine, spanOf } from "./logical-line.js";
import type { Span, TextEncoding } from "./source.js";

/** A parsed `include` line. */
export interface IncludeLine {
  readonly pattern: string;
  readonly level: number;
  readonly span: Span;
}

/** A file that an include brought in. */
export interface IncludedFile {
  readonly path: string;
  readonly text: string;
  readonly encoding: TextEncoding;
}

const levels: Readonly<Record<string, number>> = { "": 0, r: 1, m: 2, w: 3, b: 4, a: 4 };

/** The include that `line` is, or undefined. Braces and wildcards belong to the pattern. */
export function includeOf(line: LogicalLine): IncludeLine | undefined {
  const match = /^([ \t]*include([rmwba]?)[ \t]+)("[^"]*"|[^ \t\r#!"]+)/.exec(line.text);
  const [, before = "", letter = "", written = ""] = match ?? [];
  if (match === null) return undefined;
  const span = spanOf(line, before.length, before.length + written.length);
  return { pattern: written.replaceAll('"', ""), level: levels[letter] ?? 0, span };
}

/** The files that `include` names, in order. Missing ones are reported as its level demands. */
export function includedFiles(
  line: LogicalLine,
  include: IncludeLine,
  loader: Loader,
  diagnostics: Diagnostics,
): IncludedFile[] {
  const alternatives = expandBraces(include.pattern);
  if (alternatives === undefined) {
    reportMissing(diagnostics, include, 0, "the braces stand for too many names");
    return [];
  }
  const missing: string[] = [];
  const files = alternatives.flatMap((alternative) => {
    const path = posix.join(relativeBase(alternative, line.source.path), alternative);
    const found = readMatches(path, loader, diagnostics, include);
    if (found.length === 0) missing.push(path);
    return found;
  });
  judgeMissing(diagnostics, include, missing, files.length > 0);
  return files;
}

function relativeBase(pattern: string, includingPath: string): string {
  return posix.isAbsolute(pattern) ? "" : posix.dirname(includingPath);
}

function readMatches(
  path: string,
  loader: Loader,
  diagnostics: Diagnostics,
  include: IncludeLine,
): IncludedFile[] {
  return globPaths(path, loader).flatMap((match) => {
    const loaded = loader.read(match);
    if (loaded.ok) return [{ path: match, text: loaded.text, encoding: loaded.encoding }];
    if (loaded.failure !== "missing") {
      reportMissing(diagnostics, include, 1, `"${match}" cannot be read (${loaded.detail})`);
    }
    return [];
  });
}

function judgeMissing(
  diagnostics: Diagnostics,
  include: IncludeLine,
  missing: readonly string[],
  hasMatch: boolean,
): void {
  const [first] = missing;
  if (first === undefined) return;
  if (hasMatch) {
    if (include.level >= 4) reportMissing(diagnostics, include, 4, `"${first}" matches nothing`);
    return;
  }
  const needed = hasWildcard(first) ? 3 : 2;
  reportMissing(diagnostics, include, needed, `"${first}" matches no file`);
}

/** keepalived starts without the file unless the include demands it (`include_check`). */
function reportMissing(
  diagnostics: Diagnostics,
  include: IncludeLine,
  neededLevel: number,
  why: string,
): void {
  const isDemanded = include.level >= neededLevel && neededLevel > 0;
  diagnostics.report(include.span, {
    severity: isDemanded ? "fatal" : neededLevel === 0 ? "error" : "hint",
    code: isDemanded ? "CONFIG_FILE_NOT_FOUND" : "INCLUDE_NOT_FOUND",
    message: `Cannot include "${include.pattern}": ${why}`,
  });
}
