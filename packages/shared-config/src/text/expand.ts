// Turns files into one run of logical lines: follows `include`, keeps or drops `@id` lines, takes
// definitions, replaces references, runs through `~SEQ` and `~LST`. Gives one line at a time, so
// that a long configuration is never in memory as a whole. Follows lib/parser.c (read_line).
// Bounded in depth, files, characters and lines.

import type { RandomState } from "../base/random.js";
import type { Statement, Word } from "./ast.js";
import { type DefinedLine, Definitions, nameEnd } from "./definitions.js";
import type { Diagnostics, Report } from "./diagnostic.js";
import * as reports from "./expand-reports.js";
import {
  DefinitionFrame,
  FileFrame,
  FilesFrame,
  type Frame,
  part,
  SequenceFrame,
} from "./frames.js";
import { type IncludedFile, type IncludeLine, includedFiles, includeOf } from "./include.js";
import { allIncludeChecks, readIncludeCheck } from "./include-check.js";
import { IncludeDisk } from "./include-disk.js";
import { Allowance, defaultLimits, depthMax, type Limits, lineLengthMax } from "./limits.js";
import type { Loader } from "./loader.js";
import { type LogicalLine, spanOf } from "./logical-line.js";
import type { LineSource } from "./parser.js";
import { concealed, isSecretName } from "./secrets.js";
import { parseSequence, sequenceName } from "./sequence.js";
import { Silences } from "./silence.js";
import { silenceMark } from "./silence-comment.js";
import { type Inclusion, SourceFile } from "./source.js";
import { type Substituted, substitute } from "./substitute.js";
import {
  commentStart,
  isBlankCode,
  isCommentCharacter,
  trimBlanks,
  unescapeComments,
} from "./words.js";

export interface ExpandOptions {
  readonly loader: Loader;
  /** What `@id` is compared with (`-i`, else the host's name). */
  readonly configId: string;
  readonly diagnostics: Diagnostics;
  /** All include checks are on from the start (-e). */
  readonly includeCheck?: boolean | undefined;
  /** What `${_RANDOM}` draws from; the file may reseed it. */
  readonly random?: RandomState | undefined;
  /** What `${_ENV NAME}` stands for; absent, no such name is known. */
  readonly environment?: ((name: string) => string | undefined) | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

/** The logical lines of `file` with all that it includes. */
export function* expandText(file: IncludedFile, options: ExpandOptions): Generator<LogicalLine> {
  const expander = new Expander(file, options);
  for (let line = expander.next(); line !== undefined; line = expander.next()) yield line;
}

/** A definition whose lines go on. */
interface OpenDefinition {
  readonly name: string;
  /** The line that it starts on. */
  readonly line: LogicalLine;
  readonly lines: DefinedLine[];
}

const randomSeedMax = 4_294_967_295;
const charAt = { at: 64, dollar: 36, tilde: 126, i: 105 } as const;

export class Expander implements LineSource {
  readonly #options: ExpandOptions;
  readonly #limits: Limits;
  readonly #random: RandomState;
  readonly #definitions: Definitions;
  readonly #allowance: Allowance;
  readonly #disk: IncludeDisk;
  readonly #frames: Frame[] = [];
  #open: OpenDefinition | undefined;
  #checks: number;
  #lines = 0;
  #sequenceSteps = 0;

  constructor(file: IncludedFile, options: ExpandOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#random = options.random ?? { seed: 0 };
    const environment = options.environment ?? (() => undefined);
    const { configId } = options;
    this.#definitions = new Definitions({ configId, random: this.#random, environment });
    this.#allowance = new Allowance(this.#limits.expansionCharacters);
    this.#disk = new IncludeDisk(options.loader, file.text.length);
    this.#checks = options.includeCheck === true ? allIncludeChecks : 0;
    this.#pushFile(file);
  }

  next(): LogicalLine | undefined {
    for (let raw = this.#nextRaw(); raw !== undefined; raw = this.#nextRaw()) {
      const line = this.#read(raw);
      if (line !== undefined) return line;
    }
    return undefined;
  }

  /** Obeys the keywords of global_defs that change how the rest of the text is read. */
  readonly onGlobalStatement = (statement: Statement): void => {
    const { value } = statement.keyword;
    if (value === "include_check") {
      const { checks, bad } = readIncludeCheck(statement, this.#checks);
      this.#checks = checks;
      for (const word of bad) {
        this.#options.diagnostics.report(word.span, reports.badIncludeCheck(word.value));
      }
    } else if (value === "random_seed") {
      this.#reseed(statement.words[0]);
    }
  };

  #reseed(word: Word | undefined): void {
    if (word === undefined) return;
    const seed = /^\d{1,10}$/.test(word.value) ? Number(word.value) : Number.NaN;
    if (seed <= randomSeedMax) this.#random.seed = seed;
    else this.#options.diagnostics.report(word.span, reports.badSeed(word.value));
  }

  /** The next line as it stands in its file or comes out of its sequence or definition. */
  #nextRaw(): LogicalLine | undefined {
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      const line = frame.kind === "files" ? this.#nextFile(frame) : frame.next();
      if (line !== undefined) {
        if (frame.kind === "sequence" && !this.#setVariables(frame)) {
          return this.#stop(line, reports.tooManyNames);
        }
        if (++this.#lines <= this.#limits.lines) return line;
        return this.#stop(line, reports.tooManyLines(this.#limits.lines));
      }
      if (frame !== this.#frames.at(-1)) continue;
      this.#frames.pop();
      if (frame.kind === "file") this.#endFile(frame);
    }
    return undefined;
  }

  /** Opens the next file of an include; the lines come with the next turn. */
  #nextFile(frame: FilesFrame): undefined {
    const file = frame.nextFile();
    if (file !== undefined) this.#pushFile(file, frame.inclusion);
    return undefined;
  }

  /** False when there are too many names. */
  #setVariables({ step, sequence }: SequenceFrame): boolean {
    if (step === undefined) return true;
    return sequence.variables.every((name, index) =>
      this.#definitions.setVariable(name, step.values[index] ?? "", step),
    );
  }

  #pushFile({ path, text, encoding }: IncludedFile, inclusion?: Inclusion): void {
    const source = new SourceFile(path, text, encoding, inclusion);
    this.#frames.push(new FileFrame(source, this.#checks));
    if (text.includes(silenceMark)) this.#silence(source);
  }

  #silence(source: SourceFile): void {
    const silences = new Silences(source.text);
    this.#options.diagnostics.silence(source.path, silences);
    for (const { code, line, start } of silences.unknown) {
      const span = { file: source, line, column: start + 1, length: code.length };
      this.#options.diagnostics.report(span, reports.unknownCode(code));
    }
  }

  #endFile(frame: FileFrame): void {
    this.#checks = frame.checksBefore;
    this.#endDefinition();
  }

  /** Reports and reads no further. */
  #stop(line: LogicalLine, report: Report): undefined {
    this.#refuse(line, report);
    return this.#readNoFurther();
  }

  #readNoFurther(): undefined {
    this.#frames.length = 0;
    this.#endDefinition();
    return undefined;
  }

  /** What `raw` gives to the parser, if anything. */
  #read(raw: LogicalLine): LogicalLine | undefined {
    const { from, to, source } = raw;
    if (to - from > lineLengthMax) return this.#refuse(raw, reports.tooLong(to - from));
    if (source.hasNul && raw.text.includes("\0")) {
      return this.#refuse(raw, reports.containsNul);
    }
    if (this.#open !== undefined) return this.#continueDefinition(this.#open, raw);
    return this.#accept(raw);
  }

  #accept(raw: LogicalLine): LogicalLine | undefined {
    let line = raw;
    for (;;) {
      let at = firstCharacter(line);
      if (at < 0) return undefined;
      let code = line.base.charCodeAt(at);
      if (code === charAt.at) {
        const kept = this.#kept(line, at);
        if (kept === undefined) return undefined;
        line = kept;
        at = firstCharacter(line);
        if (at < 0) return undefined;
        code = line.base.charCodeAt(at);
      }
      if (code === charAt.dollar && this.#startDefinition(line, at)) return undefined;
      if (code === charAt.tilde) {
        if (sequenceName(line.base.slice(at, at + 5)) === undefined) return line;
        return this.#startSequence(part(line, at - line.from, line.to - line.from));
      }
      if (!hasDollar(line, at)) return this.#included(line, at, code);
      const changed = this.#substitute(line);
      if (changed === undefined) return undefined;
      if (changed === line) return this.#included(line, at, code);
      line = changed;
    }
  }

  /** `@id rest` counts when the id is ours, `@^id rest` when it is not; one a line. */
  #kept(line: LogicalLine, at: number): LogicalLine | undefined {
    const { base, to } = line;
    const isReversed = base.charAt(at + 1) === "^";
    const start = at + (isReversed ? 2 : 1);
    let end = start;
    while (end < to && !isBlankCode(base.charCodeAt(end))) end++;
    const isOurs = base.slice(start, end) === this.#options.configId;
    if (end === to || isOurs === isReversed) return undefined;
    return part(line, end - line.from, to - line.from);
  }

  #startDefinition(line: LogicalLine, at: number): boolean {
    const text = line.base.slice(at, line.to);
    const end = nameEnd(text, 1);
    if (end === 1 || text.charAt(end) !== "=") return false;
    const open: OpenDefinition = { name: text.slice(1, end), line, lines: [] };
    this.#continueDefinition(open, part(line, at + end + 1 - line.from, line.to - line.from));
    return true;
  }

  /**
   * A backslash at the end of the line, even of its comment, says that another line follows. A line
   * of nothing but a comment is skipped.
   */
  #continueDefinition(open: OpenDefinition, line: LogicalLine): undefined {
    const isFirst = this.#open !== open;
    this.#open = open;
    const { text, number } = line;
    const trimmed = trimBlanks(text);
    const goesOn = trimmed.endsWith("\\");
    const kept = trimBlanks(text.slice(0, commentStart(text)));
    const used = kept.endsWith("\\") ? trimBlanks(kept.slice(0, -1)) : kept;
    if (used !== "") open.lines.push({ text: unescapeComments(used), number });
    const isComment = used === "" && trimmed !== "" && !isFirst;
    if (!goesOn && !isComment) this.#endDefinition();
    return undefined;
  }

  #endDefinition(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    const { name, line } = open;
    const lines = open.lines.length > 0 ? open.lines : [{ text: "", number: line.number }];
    const isTaken = this.#definitions.define(name, line.source.path, lines);
    if (isSecretName(name)) {
      for (const { text } of lines) this.#options.diagnostics.concealWords(text);
    }
    if (!isTaken) this.#stop(line, reports.tooManyNames);
  }

  /** `line` with its references replaced, itself if there are none, undefined if it is refused. */
  #substitute(line: LogicalLine): LogicalLine | undefined {
    const result = substitute(stripped(line), this.#definitions, this.#allowance);
    if (!this.#report(result, line)) return undefined;
    for (const further of result.further) {
      const frame = new DefinitionFrame(further.definition, line, further);
      if (!this.#pushFrame(frame, line)) return undefined;
    }
    return result.isChanged ? result.line : line;
  }

  /** Reports what could not be resolved; false if the line is not to be used. */
  #report({ unresolved }: Substituted, line: LogicalLine): boolean {
    let isUsable = true;
    const { diagnostics } = this.#options;
    for (const { reason, name, span } of unresolved) {
      // What stands in a password is no name to be quoted.
      const shown = diagnostics.mayBeSecret(span) ? concealed : name;
      diagnostics.report(span, reports.unresolvedReports[reason](shown));
      if (reason === "limit") this.#stop(line, reports.tooMuchText);
      if (reason !== "undefined" && reason !== "undefinedInQuotes") isUsable = false;
    }
    return isUsable;
  }

  #startSequence(line: LogicalLine): undefined {
    const { base, from, to } = line;
    const end = commentStart(base, from, to) - from;
    const close = line.text.slice(0, end).indexOf(")") + 1 || end;
    const written = part(line, 0, close);
    // The values of a list stay as they are until they are used.
    const isList = sequenceName(line.text) === "~LST";
    const head = isList ? written : this.#substitute(written);
    if (head === undefined) return undefined;
    const parsed = parseSequence(head.text.trimEnd());
    const span = spanOf(line, 0, close);
    const { diagnostics } = this.#options;
    if (!parsed.ok) {
      diagnostics.report(span, reports.sequenceReport(parsed.why, parsed.expected));
      return undefined;
    }
    this.#sequenceSteps += parsed.sequence.count;
    if (this.#sequenceSteps > this.#limits.sequenceSteps) {
      return this.#stop(line, reports.tooManySteps(this.#limits.sequenceSteps));
    }
    const text = part(line, close, end);
    const frame = new SequenceFrame(parsed.sequence, line, text);
    // Without a text only the last value counts, for it stays.
    if (firstCharacter(text) < 0) frame.skipToLast();
    this.#pushFrame(frame, line);
    return undefined;
  }

  #pushFrame(frame: Frame, line: LogicalLine): boolean {
    if (this.#frames.length < depthMax) {
      this.#frames.push(frame);
      return true;
    }
    this.#refuse(line, reports.tooDeep);
    return false;
  }

  /** `line`, unless it is an include, which is followed. */
  #included(line: LogicalLine, at: number, code: number): LogicalLine | undefined {
    if (code !== charAt.i || !line.base.startsWith("include", at)) return line;
    const include = includeOf(line, this.#checks);
    if (include === undefined) return line;
    this.#followInclude(line, include);
    return undefined;
  }

  #followInclude(line: LogicalLine, include: IncludeLine): void {
    const { diagnostics } = this.#options;
    const { span, pattern } = include;
    if (include.hasQuotes) diagnostics.report(span, reports.quotedInclude);
    this.#disk.begin(this.#frames.filter((frame) => frame.kind === "file").length);
    const files: IncludedFile[] = [];
    for (const file of includedFiles(line, include, this.#disk, diagnostics)) {
      if (this.#isOpen(file.path)) diagnostics.report(span, reports.includeLoop(file.path));
      else files.push(file);
    }
    if (this.#disk.refusal !== undefined) {
      // Part of the service would be missing.
      diagnostics.report(span, reports.includeLimit(pattern, this.#disk.refusal));
      this.#readNoFurther();
      return;
    }
    if (files.length === 0) return;
    this.#pushFrame(new FilesFrame(files, { pattern, span }), line);
  }

  #isOpen(path: string): boolean {
    return this.#frames.some((frame) => frame.kind === "file" && frame.source.path === path);
  }

  #refuse(line: LogicalLine, report: Report): undefined {
    const length = line.to - line.from;
    // What of it is a secret, nobody can tell.
    const isSecret = length > lineLengthMax || report === reports.containsNul;
    const span = spanOf(line, 0, Math.min(1, length));
    this.#options.diagnostics.report(span, { ...report, isSecret });
    return undefined;
  }
}

/** `line` without its comment and the blanks at both ends, which do not count for its length. */
function stripped(line: LogicalLine): LogicalLine {
  const { base, from, to } = line;
  let end = commentStart(base, from, to);
  let start = from;
  while (end > start && isBlankCode(base.charCodeAt(end - 1))) end--;
  while (start < end && isBlankCode(base.charCodeAt(start))) start++;
  return start === from && end === to ? line : part(line, start - from, end - from);
}

function hasDollar({ base, to, source }: LogicalLine, at: number): boolean {
  return base === source.text ? source.hasDollar(at, to) : base.indexOf("$", at) >= 0;
}

/** Where the first character of `line` stands that is no blank and in no comment, or -1. */
function firstCharacter({ base, from, to }: LogicalLine): number {
  let at = from;
  while (at < to && isBlankCode(base.charCodeAt(at))) at++;
  return at < to && !isCommentCharacter(base.charCodeAt(at)) ? at : -1;
}
