// Fuzzes the configuration loader with mutated golden cases and generated programs: nothing may
// throw, hang, lose text, point outside the file, or build what the children would refuse.
// `node config-text.js --seconds N [--seed S]` runs it; a failure prints the seed that brings it
// back with `--seed S --count 1`.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { nextInteger, type RandomState } from "@keepalived-ts/shared-config/base/random";
import { type LoadResult, loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { schemaViolations } from "@keepalived-ts/shared-config/schema/validate";
import { memoryLoader } from "@keepalived-ts/shared-config/testing/memory-loader";
import type { Diagnostic } from "@keepalived-ts/shared-config/text/diagnostic";
import { diagnosticsMax } from "@keepalived-ts/shared-config/text/diagnostic";
import { documentText, parseDocument } from "@keepalived-ts/shared-config/text/document";
import { formatDocument } from "@keepalived-ts/shared-config/text/format";
import { splitLines } from "@keepalived-ts/shared-config/text/lines";
import { renderDiagnostics } from "@keepalived-ts/shared-config/text/render";
import { renderDiagnosticsJson } from "@keepalived-ts/shared-config/text/render-json";
import { splitWords } from "@keepalived-ts/shared-config/text/words";
import { goldenInputs, inputFiles } from "../golden/case-file.js";
import { expansionProgram } from "./config-grammar.js";
import { mutate } from "./config-mutation.js";

/** One text of a few kilobytes takes a millisecond; this long means that it would never end. */
const hangMs = 3000;

export interface FuzzReport {
  readonly runs: number;
  readonly withConfig: number;
  readonly slowestMs: number;
  readonly slowestSeed: number;
  readonly codes: ReadonlySet<string>;
}

export interface FuzzOptions {
  readonly seed: number;
  /** Ends after this time, or after `count` texts. */
  readonly seconds: number;
  readonly count?: number | undefined;
}

/** Runs until the time is over; throws, with the seed in the message, at the first failure. */
export function fuzzConfigText(options: FuzzOptions): FuzzReport {
  const texts = goldenInputs();
  const codes = new Set<string>();
  const end = performance.now() + options.seconds * 1000;
  const countMax = options.count ?? Number.POSITIVE_INFINITY;
  let runs = 0;
  let withConfig = 0;
  let slowestMs = 0;
  let slowestSeed = options.seed;
  for (; runs < countMax && performance.now() < end; runs++) {
    const random: RandomState = { seed: options.seed + runs };
    const text = nextText(texts, random);
    const begin = process.cpuUsage();
    const result = judge(text, options.seed + runs);
    // Processor time: a busy machine is no hang.
    const tookMs = process.cpuUsage(begin).user / 1000;
    if (tookMs > slowestMs) slowestSeed = options.seed + runs;
    slowestMs = Math.max(slowestMs, tookMs);
    if (result.config !== undefined) withConfig++;
    for (const { code } of result.diagnostics) codes.add(code);
    if (slowestMs > hangMs) throw failure(text, options.seed + runs, `took ${slowestMs} ms`);
  }
  return { runs, withConfig, slowestMs, slowestSeed, codes };
}

/** A mutated golden input, or a program of the lexical language, mutated or as it is. */
function nextText(texts: readonly string[], random: RandomState): string {
  const choice = nextInteger(random, 0, 5);
  if (choice === 0) return expansionProgram(random);
  return mutate(choice === 1 ? [expansionProgram(random), ...texts.slice(0, 3)] : texts, random);
}

function judge(text: string, seed: number): LoadResult {
  const files = inputFiles(text);
  let result: LoadResult;
  try {
    const [path = ""] = Object.keys(files);
    const linkExists = (name: string): boolean => name.startsWith("eth");
    const loader = memoryLoader(files);
    const limits = { sequenceSteps: 2000 };
    const names = { configId: "main", hostName: "router" };
    const host = { linkExists };
    result = loadConfig({ path, loader, host, limits, purpose: "test", ...names });
    const violations = result.config && schemaViolations(path, result.config);
    if (violations?.length) throw failure(text, seed, `built ${JSON.stringify(violations)}`);
    renderDiagnostics(result.diagnostics);
    renderDiagnosticsJson(result.diagnostics, 0);
  } catch (thrown) {
    throw failure(text, seed, "threw", thrown);
  }
  const complaint = complaintAbout(files, result);
  if (complaint !== undefined) throw failure(text, seed, complaint);
  return result;
}

function complaintAbout(
  files: Readonly<Record<string, string>>,
  { config, diagnostics }: LoadResult,
): string | undefined {
  const isFatal = diagnostics.some((each) => each.severity === "fatal");
  if ((config === undefined) !== isFatal) return "gave a configuration beside a fatal diagnostic";
  if (diagnostics.length > 3 * diagnosticsMax + 1) return "gave too many diagnostics";
  const outside = diagnostics.find((each) => !isInside(files[each.file], each));
  if (outside !== undefined) return `points outside the file: ${JSON.stringify(outside)}`;
  const lost = Object.values(files).find((text) => !isLossless(text));
  return lost === undefined ? undefined : "lost text in splitting or formatting it";
}

function isInside(text: string | undefined, { line, column, length }: Diagnostic): boolean {
  if (line === 0) return true;
  const source = splitLines(text ?? "")[line - 1]?.text;
  return source !== undefined && column >= 1 && column - 1 + length <= Math.max(source.length, 1);
}

function isLossless(text: string): boolean {
  const lines = splitLines(text);
  const joined = lines.map(
    (line) =>
      splitWords(line.text)
        .map((piece) => line.text.slice(piece.start, piece.end))
        .join("") + line.ending,
  );
  if (joined.join("") !== text) return false;
  const document = parseDocument(text);
  if (documentText(document) !== text) return false;
  const formatted = formatDocument(document);
  return formatDocument(parseDocument(formatted)) === formatted;
}

function failure(text: string, seed: number, what: string, cause?: unknown): Error {
  const shown = JSON.stringify(text.slice(0, 4000));
  return new Error(`The loader ${what}; again with --seed ${seed} --count 1\n${shown}`, { cause });
}

function main(): void {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "10" },
      seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
      count: { type: "string" },
    },
  });
  const count = values.count === undefined ? undefined : Number(values.count);
  const seed = Number(values.seed);
  const report = fuzzConfigText({ seed, seconds: Number(values.seconds), count });
  const { runs, withConfig, slowestMs, slowestSeed, codes } = report;
  process.stdout.write(
    `seed ${seed}: ${runs} texts, ${withConfig} gave a configuration, ${codes.size} codes seen, ` +
      `slowest ${slowestMs.toFixed(1)} ms (seed ${slowestSeed}), no failure\n`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
