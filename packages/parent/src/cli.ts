// Reads the command line as getopt_long(3) does for keepalived: bundled short options, attached
// and separate arguments, `--name=value`, unambiguous abbreviations of long names. Decides what
// was asked for; does nothing about it.

import {
  type DaemonOptions,
  defaultOptions,
  type Option,
  type Outcome,
  optionTable,
} from "./cli-options.js";

export type Command =
  | { readonly kind: "run"; readonly options: DaemonOptions; readonly warnings: readonly string[] }
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "genhash"; readonly words: readonly string[] }
  | { readonly kind: "signalNumber"; readonly signal: number }
  /** The command line cannot be followed; the process ends with 1. */
  | { readonly kind: "refused"; readonly text: string };

interface Reading {
  readonly rest: string[];
  /** Words that belong to no option. */
  readonly words: string[];
  readonly options: DaemonOptions;
  readonly warnings: string[];
}

/** Reads the words after the program's name. */
export function parseCommandLine(words: readonly string[]): Command {
  const [first = "", ...others] = words;
  if (first === "-T" || first === "--genhash") return { kind: "genhash", words: others };
  const reading: Reading = {
    rest: [...words],
    words: [],
    options: defaultOptions(),
    warnings: [],
  };
  for (;;) {
    const word = reading.rest.shift();
    if (word === undefined || word === "--") break;
    const end = readWord(reading, word);
    if (end !== undefined) return end;
  }
  takeWords(reading, [...reading.words, ...reading.rest]);
  return { kind: "run", options: reading.options, warnings: reading.warnings };
}

function readWord(reading: Reading, word: string): Command | undefined {
  if (word.startsWith("--")) return readLong(reading, word.slice(2));
  if (word.startsWith("-") && word !== "-") return readShorts(reading, word.slice(1));
  reading.words.push(word);
  return undefined;
}

/** --cluster may stand before or after the files that it is about. */
function takeWords(reading: Reading, words: readonly string[]): void {
  if (reading.options.cluster) reading.options.clusterFiles = words;
  else for (const word of words) ignoreWord(reading, word);
}

/** keepalived takes no notice of words that are no options; we say that we do not either. */
function ignoreWord(reading: Reading, word: string): void {
  reading.warnings.push(`Cannot use argument "${word}": keepalived takes options only`);
}

function readLong(reading: Reading, text: string): Command | undefined {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? undefined : text.slice(equals + 1);
  const found = findLong(name);
  if (typeof found === "string") return { kind: "refused", text: found };
  if (found.argument === undefined && value !== undefined) {
    return { kind: "refused", text: `Cannot use "--${text}": --${found.long} takes no argument` };
  }
  return apply(reading, found, value ?? "", value === undefined);
}

function findLong(name: string): Option | string {
  const exact = optionTable.find((option) => option.long === name);
  if (exact !== undefined) return exact;
  const all = name === "" ? [] : optionTable.filter((option) => option.long.startsWith(name));
  // What keepalived understands must not become ambiguous by an option of ours.
  const theirs = all.filter((option) => !option.isOurs);
  const matches = theirs.length > 0 ? theirs : all;
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return only;
  if (only === undefined) return `Unknown option --${name}`;
  const candidates = matches.map((option) => `--${option.long}`).join(", ");
  return `Ambiguous option --${name}: could be ${candidates}`;
}

/** `-nlDfFILE`: letters that take nothing, up to one that takes the rest of the word. */
function readShorts(reading: Reading, letters: string): Command | undefined {
  for (let i = 0; i < letters.length; i++) {
    const letter = letters.charAt(i);
    const option = optionTable.find((candidate) => candidate.short === letter);
    if (option === undefined) return { kind: "refused", text: `Unknown option -${letter}` };
    const attached = option.argument === undefined ? "" : letters.slice(i + 1);
    const value = option.isArgumentOptional ? attached.replace(/^=/, "") : attached;
    const end = apply(reading, option, value, attached === "");
    if (end !== undefined) return end;
    if (attached !== "") return undefined;
  }
  return undefined;
}

function apply(
  reading: Reading,
  option: Option,
  value: string,
  isValueMissing: boolean,
): Command | undefined {
  let argument: string | undefined = value;
  if (option.argument !== undefined && !option.isArgumentOptional && isValueMissing) {
    argument = reading.rest.shift();
  }
  if (argument === undefined) {
    const name = option.short === undefined ? `--${option.long}` : `-${option.short}`;
    return { kind: "refused", text: `Missing parameter for option ${name}` };
  }
  return end(reading, option.apply(reading.options, argument));
}

function end(reading: Reading, outcome: Outcome): Command | undefined {
  if (outcome?.kind !== "warning") return outcome;
  reading.warnings.push(outcome.text);
  return undefined;
}
