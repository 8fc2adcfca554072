// What an `include` line asks for: which files, and what it means when they are not there. The
// name is the whole rest of the line (lib/parser.c, is_include and read_conf_file).

import { posix } from "node:path";
import type { Diagnostics } from "./diagnostic.js";
import { expandBraces, globPaths, hasWildcard } from "./glob.js";
import { includeChecks, letterChecks } from "./include-check.js";
import type { IncludeDisk } from "./include-disk.js";
import { type LogicalLine, spanOf } from "./logical-line.js";
import type { Span, TextEncoding } from "./source.js";
import { commentStart } from "./words.js";

/** A parsed `include` line. */
export interface IncludeLine {
  readonly pattern: string;
  /** A sum of {@link includeChecks}. */
  readonly checks: number;
  readonly span: Span;
  /** keepalived would take the quotes for a part of the name. */
  readonly hasQuotes: boolean;
}

/** A file that an include brought in. */
export interface IncludedFile {
  readonly path: string;
  readonly text: string;
  readonly encoding: TextEncoding;
}

/** The include that `line` is, or undefined. Braces and wildcards belong to the pattern. */
export function includeOf(line: LogicalLine, checks: number): IncludeLine | undefined {
  const { text } = line;
  const match = /^([ \t]*include([rmwba]?)[ \t]+)(?=[^ \t])/.exec(text);
  const [before, , letter = ""] = match ?? [];
  if (before === undefined) return undefined;
  const written = text.slice(before.length, commentStart(text)).trimEnd();
  if (written === "") return undefined;
  const span = spanOf(line, before.length, before.length + written.length);
  const pattern = written.replaceAll('"', "");
  const all = checks | (letterChecks[letter] ?? 0);
  return { pattern, checks: all, span, hasQuotes: pattern !== written };
}

/**
 * The files that `include` names, in order, as far as `disk` gives them. Missing ones are reported
 * as its level demands.
 */
export function includedFiles(
  line: LogicalLine,
  include: IncludeLine,
  disk: IncludeDisk,
  diagnostics: Diagnostics,
): IncludedFile[] {
  const alternatives = expandBraces(include.pattern);
  if (alternatives === undefined) {
    reportMissing(diagnostics, include, "always", "the braces stand for too many names");
    return [];
  }
  const missing: string[] = [];
  const files = alternatives.flatMap((alternative) => {
    const path = absolute(alternative, line.source.path);
    const found = readMatches(path, disk, diagnostics, include);
    if (found.length === 0) missing.push(path);
    return found;
  });
  if (disk.refusal === undefined) judgeMissing(diagnostics, include, missing, files.length > 0);
  return files;
}

/** A pattern without a slash at its start begins beside the file that has the include. */
function absolute(pattern: string, includingPath: string): string {
  if (posix.isAbsolute(pattern)) return pattern;
  const folder = posix.dirname(includingPath);
  return folder.endsWith("/") ? folder + pattern : `${folder}/${pattern}`;
}

function readMatches(
  path: string,
  disk: IncludeDisk,
  diagnostics: Diagnostics,
  include: IncludeLine,
): IncludedFile[] {
  return globPaths(path, disk).flatMap((match) => {
    const loaded = disk.read(match);
    if (loaded === undefined) return [];
    if (loaded.ok) return [{ path: match, text: loaded.text, encoding: loaded.encoding }];
    if (loaded.failure !== "missing") {
      reportMissing(diagnostics, include, "read", `"${match}" cannot be read (${loaded.detail})`);
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
  const isEachDemanded = (include.checks & includeChecks.brace_match) !== 0;
  // A brace alternative without a file is what braces are for, unless each is demanded.
  if (hasMatch && !isEachDemanded) return;
  const isBraced = include.pattern.includes("{");
  const ordinary = hasWildcard(first) ? "wildcard_match" : "match";
  const needed = isEachDemanded && isBraced ? "brace_match" : ordinary;
  reportMissing(diagnostics, include, needed, `"${first}" matches no file`);
}

/** keepalived starts without the file unless the include demands it. */
function reportMissing(
  diagnostics: Diagnostics,
  include: IncludeLine,
  needed: keyof typeof includeChecks | "always",
  why: string,
): void {
  const isDemanded = needed !== "always" && (include.checks & includeChecks[needed]) !== 0;
  diagnostics.report(include.span, {
    severity: isDemanded ? "fatal" : needed === "always" ? "error" : "hint",
    code: isDemanded ? "CONFIG_FILE_NOT_FOUND" : "INCLUDE_NOT_FOUND",
    message: `Cannot include "${include.pattern}": ${why}`,
  });
}
