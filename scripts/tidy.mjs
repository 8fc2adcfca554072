// House rules that neither the compiler nor Biome checks: sizes, file headers, arrows of import
// (docs/ARCHITECTURE.md), dead files, forbidden words, Markdown titles and links. Part of the
// tests; prints one line a violation and exits non-zero. Length of functions is Biome's
// (noExcessiveLinesPerFunction).

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { arrowViolations, importsOf, resolveImport, TEST_SUPPORT } from "./tidy-imports.mjs";

const COLUMNS_MAX = 100;
const LINES_MAX = 500;
const CODE = /\.(ts|mjs|cc|h)$/;
const SHELL = /^(scripts\/[a-z-]+|\.ci\/run|packages\/parent\/bin\/[a-z-]+|test\/lab\/[a-z-]+)$/;
const SKIPPED_FOLDERS = new Set([".git", "node_modules", "dist", "build", "results"]);
/** Written this way so that this file does not contain them. */
const NOTES = new RegExp(`\\b(${["FIX" + "ME", "TO" + "DO", "XX" + "X"].join("|")})\\b`);
const SUPPRESSIONS = new RegExp(`@ts-(ignore|nocheck|expect-error)|biome-${"ignore"}`);
const NOT_RUN = /\b(test|it|describe|suite|t)\.(skip|only|todo)\b|\{\s*(skip|only|todo):/;
const IMPURE = [
  /\bDate\b/,
  /\bMath\.random\b/,
  /\bprocess\./,
  /\bset(Timeout|Interval|Immediate)\b/,
  /\bperformance\./,
  /\bconsole\./,
  /\bPromise\b/,
  /\basync\b/,
];

export function isCore(path) {
  return /^packages\/(vrrp|checker|parent)\/src\/(core|packet)\//.test(path);
}

export function isTest(path) {
  return path.startsWith("test/") || TEST_SUPPORT.test(path);
}

/** Line numbers start at 1. */
function eachLine(text, check) {
  return text.split("\n").flatMap((line, index) => {
    const complaint = check(line, index + 1);
    return complaint === undefined ? [] : [`${index + 1}: ${complaint}`];
  });
}

/** Code without its comments; strings stay. Good enough for words that neither should hold. */
function withoutComments(text) {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "))
    .replace(/(^|[^:"'`])\/\/.*$/gm, "$1");
}

function codeViolations(path, text) {
  const found = [];
  const lineCount = text.split("\n").length - 1;
  if (lineCount > LINES_MAX) found.push(`1: has ${lineCount} lines, want at most ${LINES_MAX}`);
  const body = text.replace(/^#!.*\n/, "");
  if (!/^(\/\/|\/\*|#) ?\S/.test(body))
    found.push("1: opens without a comment that says what it decides");
  found.push(
    ...eachLine(text, (line) => {
      if (SUPPRESSIONS.test(line)) return "suppresses a check";
      return undefined;
    }),
  );
  if (isTest(path)) {
    found.push(
      ...eachLine(withoutComments(text), (line) =>
        NOT_RUN.test(line) ? "holds a test that is not run, or others back" : undefined,
      ),
    );
  }
  if (isCore(path) && !isTest(path)) {
    found.push(
      ...eachLine(withoutComments(text), (line) => {
        const word = IMPURE.find((pattern) => pattern.test(line));
        return word === undefined ? undefined : `a core must be pure, but has ${word.source}`;
      }),
    );
  }
  return found;
}

function lineViolations(path, text) {
  const isProse = path.endsWith(".md");
  return eachLine(text, (line) => {
    const width = [...line].length;
    if (width > COLUMNS_MAX && !isProse) {
      return `has ${width} columns, want at most ${COLUMNS_MAX}`;
    }
    if (!isProse && NOTES.test(line)) return "holds a note that belongs into an issue";
    return undefined;
  });
}

function markdownViolations(path, text, exists) {
  const prose = text.replace(/^(```|~~~)[\s\S]*?^\1/gm, "");
  const titles = prose.match(/^# .*$/gm) ?? [];
  const found = titles.length === 1 ? [] : [`1: has ${titles.length} titles, want one`];
  for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target) || target.startsWith("#")) continue;
    const file = normalize(join(dirname(path), target.split("#")[0]));
    if (!exists(file)) found.push(`1: links to ${target}, which is not there`);
  }
  return found;
}

/** Everything wrong with one file by itself, as "LINE: complaint". */
export function fileViolations(path, text, exists = () => true) {
  const isCode = CODE.test(path) || SHELL.test(path);
  if (!isCode && !path.endsWith(".md")) return [];
  return [
    ...lineViolations(path, text),
    ...(isCode ? codeViolations(path, text) : markdownViolations(path, text, exists)),
    ...(/\.(ts|mjs)$/.test(path) ? arrowViolations(path, text) : []),
  ];
}

/**
 * Source files that nothing uses: neither imported by another file that is not a test (product
 * code), or by any (tests), nor named by one as the program of a child process.
 */
export function deadFiles(files) {
  const isSource = (path) => /\.(ts|mjs)$/.test(path) && !/\.(test\.(ts|mjs)|d\.ts)$/.test(path);
  const used = new Set();
  const words = new Set();
  for (const [path, text] of files) {
    for (const { target } of importsOf(text)) {
      const file = resolveImport(path, target);
      if (file !== null && !(isTest(path) && !isTest(file))) used.add(file);
    }
    for (const [word] of text.matchAll(/[\w.-]+\.(?:m?js|ts)\b/g)) {
      if (!path.endsWith(".md")) words.add(word.replace(/\.ts$/, ".js"));
    }
  }
  const isProgram = (path) => {
    const name = path.split("/").at(-1).replace(/\.ts$/, ".js");
    return name === "main.js" || (isTestOrScript(path) && words.has(name));
  };
  return [...files.keys()].filter((path) => isSource(path) && !used.has(path) && !isProgram(path));
}

function isTestOrScript(path) {
  return path.startsWith("test/") || path.startsWith("scripts/");
}

function readTree(root, folder = "") {
  const files = new Map();
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (SKIPPED_FOLDERS.has(entry.name)) continue;
      for (const [inner, text] of readTree(root, path)) files.set(inner, text);
    } else if (CODE.test(path) || SHELL.test(path) || /\.(md|json)$/.test(path)) {
      files.set(path, readFileSync(join(root, path), "utf8"));
    }
  }
  return files;
}

export function treeViolations(root) {
  const files = readTree(root);
  const exists = (path) => existsSync(join(root, path));
  const found = [...files].flatMap(([path, text]) =>
    fileViolations(path, text, exists).map((complaint) => `${path}:${complaint}`),
  );
  return [...found, ...deadFiles(files).map((path) => `${path}:1: is used by nothing`)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  const found = treeViolations(root);
  for (const line of found) process.stdout.write(`${line}\n`);
  const place = relative(process.cwd(), root) || ".";
  const verdict = found.length === 0 ? "nothing wrong" : `${found.length} violations`;
  process.stdout.write(`tidy: ${verdict} in ${place}\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
