// Turns files into one run of logical lines: follows `include`, keeps or drops `@id` lines,
// replaces `$NAME`. What it does not know yet (`~SEQ`, `~LST`) it refuses, for a line misread is
// worse than a line refused. Follows lib/parser.c (read_line). Bounded in depth, files,
// characters and lines.

import { Definitions, lineLengthMax, type Unresolved } from "./definitions.js";
import type { Diagnostics, Report } from "./diagnostic.js";
import { type IncludedFile, type IncludeLine, includedFiles, includeOf } from "./include.js";
import { splitLines } from "./lines.js";
import type { Loader } from "./loader.js";
import type { LogicalLine } from "./logical-line.js";
import type { IncludeStep, SourceFile, Span } from "./source.js";
import { commentStart } from "./words.js";

export const includeDepthMax = 16;
export const filesMax = 4096;
export const includesMax = 8192;
export const charactersMax: number = 64 * 1024 * 1024;
export const linesMax = 2_000_000;

export interface ExpandOptions {
  readonly loader: Loader;
  /** What `@id` is compared with (`-i`, else the host's name). */
  readonly configId: string;
  readonly diagnostics: Diagnostics;
}

/** The logical lines of the main file with all that it includes. */
export function expandText(file: IncludedFile, options: ExpandOptions): LogicalLine[] {
  const expander = new Expander(options);
  expander.readFile(file, []);
  return expander.lines;
}

/** A definition whose lines go on. */
interface OpenDefinition {
  readonly name: string;
  readonly lines: string[];
}

class Expander {
  readonly lines: LogicalLine[] = [];
  readonly #options: ExpandOptions;
  readonly #definitions: Definitions;
  #open: OpenDefinition | undefined;
  #files = 0;
  #includes = 0;
  #characters = 0;

  constructor(options: ExpandOptions) {
    this.#options = options;
    this.#definitions = new Definitions(options.configId);
  }

  readFile({ path, text, encoding }: IncludedFile, trail: readonly IncludeStep[]): void {
    this.#files++;
    this.#characters += text.length;
    const source: SourceFile = { path, encoding, lines: splitLines(text), trail };
    source.lines.forEach((line, index) => {
      this.#readLine({ source, number: index + 1, text: line.text });
    });
    this.#endDefinition();
  }

  #readLine(line: LogicalLine): void {
    if (line.text.length > lineLengthMax) this.#refuse(line, tooLong(line.text.length));
    else if (line.text.includes("\0")) this.#refuse(line, containsNul);
    else if (this.#open !== undefined) this.#continueDefinition(this.#open, line.text);
    else {
      const kept = this.#kept(line);
      if (kept !== undefined && !this.#startDefinition(kept)) this.#substitute(kept);
    }
  }

  /** `@id rest` counts when the id is ours, `@^id rest` when it is not. */
  #kept(line: LogicalLine): LogicalLine | undefined {
    let start = 0;
    for (;;) {
      const marker = /^[ \t\r]*@(\^?)([^ \t\r]*)/.exec(line.text.slice(start));
      // Blanks in the marker's place leave every column where the user sees it.
      if (marker === null) return { ...line, text: " ".repeat(start) + line.text.slice(start) };
      const [whole, caret, id] = marker;
      if ((id === this.#options.configId) === (caret === "^")) return undefined;
      start += whole.length;
    }
  }

  #startDefinition(line: LogicalLine): boolean {
    const match = /^[ \t]*\$([A-Za-z_]\w*)=(.*)$/.exec(line.text);
    const [, name, text] = match ?? [];
    if (name === undefined || text === undefined) return false;
    const open: OpenDefinition = { name, lines: [] };
    this.#continueDefinition(open, text);
    return true;
  }

  /** A backslash at the end of the text says that another line follows. */
  #continueDefinition(open: OpenDefinition, text: string): void {
    this.#open = open;
    const used = text.slice(0, commentStart(text)).trim();
    const goesOn = used.endsWith("\\");
    open.lines.push(goesOn ? used.slice(0, -1).trimEnd() : used);
    if (!goesOn) this.#endDefinition();
  }

  #endDefinition(): void {
    if (this.#open !== undefined) this.#definitions.define(this.#open.name, this.#open.lines);
    this.#open = undefined;
  }

  #substitute(line: LogicalLine): void {
    if (!line.text.includes("$")) {
      this.#accept(line);
      return;
    }
    const { lines, unresolved } = this.#definitions.substitute(line);
    for (const { reason, name, span } of unresolved) {
      this.#options.diagnostics.report(span, unresolvedReports[reason](name));
    }
    if (unresolved.some((each) => each.reason !== "undefined")) return;
    for (const each of lines) {
      const kept = this.#kept(each);
      if (kept !== undefined) this.#accept(kept);
    }
  }

  #accept(line: LogicalLine): void {
    const sequence = /^[ \t]*(~\w*)/.exec(line.text)?.[1];
    const include = includeOf(line);
    if (sequence !== undefined) this.#refuse(line, notYet(sequence));
    else if (include !== undefined) this.#followInclude(line, include);
    else if (this.lines.length < linesMax) this.lines.push(line);
    else this.#refuse(line, tooManyLines);
  }

  #followInclude(line: LogicalLine, include: IncludeLine): void {
    const { loader, diagnostics } = this.#options;
    if (++this.#includes > includesMax) {
      this.#options.diagnostics.report(include.span, tooDeep(include.pattern));
      return;
    }
    const trail = [...line.source.trail, { path: line.source.path, line: line.number }];
    for (const file of includedFiles(line, include, loader, diagnostics)) {
      if (trail.some((step) => step.path === file.path)) {
        diagnostics.report(include.span, loop(file.path));
      } else if (this.#isFull(trail.length, file.text.length)) {
        diagnostics.report(include.span, tooDeep(file.path));
        return;
      } else {
        this.readFile(file, trail);
      }
    }
  }

  #isFull(depth: number, characters: number): boolean {
    return (
      depth > includeDepthMax ||
      this.#files >= filesMax ||
      this.#characters + characters > charactersMax
    );
  }

  #refuse(line: LogicalLine, report: Report): void {
    const span: Span = { file: line.source, line: line.number, column: 1, length: 1 };
    this.#options.diagnostics.report(span, {
      ...report,
      isSecret: line.text.length > lineLengthMax,
    });
  }
}

const tooManyLines: Report = {
  severity: "fatal",
  code: "TOO_MANY_LINES",
  message: `Cannot read further: the configuration has more than ${linesMax} lines`,
};

const containsNul: Report = {
  severity: "error",
  code: "LINE_HAS_NUL",
  message: "Cannot use a line with a NUL character; the line is ignored",
};

const unresolvedReports: Readonly<Record<Unresolved["reason"], (name: string) => Report>> = {
  undefined: (name) => ({
    severity: "error",
    code: "UNDEFINED_NAME",
    message: `Cannot find a definition of \${${name}}; nothing is put in its place`,
    hint: `write "$${name}=..." on a line above`,
  }),
  notYet: (name) => ({
    severity: "fatal",
    code: "NOT_SUPPORTED_YET",
    message: `Cannot expand \${${name}}: it is not supported yet`,
  }),
  tooLong: (name) => ({
    severity: "error",
    code: "LINE_TOO_LONG",
    message: `Cannot expand $${name}: the line would grow too long; the line is ignored`,
    expected: `at most ${lineLengthMax} characters`,
  }),
  endless: (name) => ({
    severity: "error",
    code: "ENDLESS_DEFINITION",
    message: `Cannot expand $${name}: its definition has no end; the line is ignored`,
    hint: "a definition must not refer to itself",
  }),
};

function tooLong(length: number): Report {
  return {
    severity: "error",
    code: "LINE_TOO_LONG",
    message: `Cannot use a line of ${length} characters; the line is ignored`,
    expected: `at most ${lineLengthMax} characters`,
  };
}

function notYet(what: string): Report {
  return {
    severity: "fatal",
    code: "NOT_SUPPORTED_YET",
    message: `Cannot expand ${what}(...): sequences and lists are not supported yet`,
    hint: "write the lines out",
  };
}

function loop(path: string): Report {
  return {
    severity: "error",
    code: "INCLUDE_LOOP",
    message: `Cannot include "${path}": it includes itself; the include is ignored`,
  };
}

function tooDeep(path: string): Report {
  return {
    severity: "fatal",
    code: "INCLUDE_LIMIT",
    message: `Cannot include "${path}": too many levels, files or characters`,
    expected: `at most ${includeDepthMax} levels, ${filesMax} files, ${charactersMax} characters`,
  };
}
