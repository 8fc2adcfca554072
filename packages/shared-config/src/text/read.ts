// The text half of the loader: from a path to a tree. Knows files, lines, words and braces; hands
// the meaning of keywords to schema/.

import type { Statement } from "./ast.js";
import { type ExpandOptions, expandText } from "./expand.js";
import { type ParseOptions, parseStatements } from "./parser.js";

export interface ReadOptions extends ExpandOptions, ParseOptions {}

/** The tree of the file at `path`, or undefined when it cannot be read. Never throws. */
export function readStatements(
  path: string,
  options: ReadOptions,
): readonly Statement[] | undefined {
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
  return parseStatements(expandText({ path, ...loaded }, options), options);
}
