// A typed configuration as canonical keepalived.conf text that reads back to the same
// configuration.

import type { Config } from "./config.js";
import { printBlock } from "./keyword.js";
import { renderStatements } from "./printed.js";
import { topKeywords } from "./top.js";

/** The text, secrets included: it is a configuration file and to be kept like one. */
export function printConfig(config: Config): string {
  return renderStatements(printBlock(topKeywords, config));
}
