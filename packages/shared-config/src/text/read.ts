// The text half of the loader: from a path to a tree, one top-level statement at a time. Knows
// files, lines, words and braces; hands the meaning of keywords to schema/. The door of text/.

import type { Statement } from "./ast.js";
import { Expander, type ExpandOptions } from "./expand.js";
import { type ParseOptions, parseStatements } from "./parser.js";

export interface ReadOptions extends ExpandOptions, ParseOptions {}

/**
 * The top-level statements of the file at `path`, each as soon as it is complete, or undefined when
 * the file cannot be read. Never throws. Diagnostics are complete when all are taken.
 */
export function readStatements(
  path: string,
  options: ReadOptions,
): Iterable<Statement> | undefined {
  const loaded = options.loader.read(path);
  if (!loaded.ok) {
    options.diagnostics.reportFile(path, {
      severity: "fatal",
      code: "CONFIG_FILE_NOT_FOUND",
      message: `Cannot read the configuration file "${path}": ${loaded.detail}`,
      hint: loaded.failure === "executable" ? `chmod -x ${path}` : undefined,
    });
    return undefined;
  }
  const { text, encoding } = loaded;
  const expander = new Expander({ path, text, encoding }, options);
  return parseStatements(expander, { ...options, onGlobalStatement: expander.onGlobalStatement });
}

// The rest of what text/ offers to those who work with whole files or with script lines.
export { formatDocument } from "./format.js";
export { renderDiagnosticsJson } from "./render-json.js";
export { scriptWords, splitCommand } from "./script-words.js";
