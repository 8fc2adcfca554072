// The form of a golden case: files of configuration, a line of dashes, what the loader makes of
// them. A line `# id: ...` sets the configuration id, others the host (case-host.ts,
// case-links.ts).

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { HostFacts } from "@keepalived-ts/shared-config/schema/host";
import { type LoadOptions, loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { memoryLoader } from "@keepalived-ts/shared-config/testing/memory-loader";
import { renderDiagnostics } from "@keepalived-ts/shared-config/text/render";
import { caseHost, setting } from "./case-host.js";
import { linkHost } from "./case-links.js";
import { configDifferences } from "./config-differences.js";

export const dashes = "----------------------------------------";
export const mainPath = "/etc/keepalived/keepalived.conf";

export interface GoldenCase {
  /** Everything above the dashes. */
  readonly input: string;
  /** Everything below. */
  readonly expected: string;
}

/** The inputs of all cases. */
export function goldenInputs(): string[] {
  const folder = join(import.meta.dirname, "../../golden/cases");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".golden"))
    .toSorted()
    .map((name) => parseCase(readFileSync(join(folder, name), "utf8")).input);
}

/** Splits a case file at its line of dashes; a new case has none yet. */
export function parseCase(text: string): GoldenCase {
  const [input = "", expected = ""] = text.split(`\n${dashes}\n`);
  return { input: input.trimEnd(), expected };
}

/** The case file with `expected` below the dashes. */
export function formatCase(input: string, expected: string): string {
  return `${input}\n${dashes}\n${expected}`;
}

/** What stands below the dashes when the loader does what it does now. */
export function runCase(input: string, isWhole: boolean): string {
  const { config, diagnostics } = loadConfig({
    ...caseOptions(input),
    path: mainPath,
    loader: memoryLoader(inputFiles(input)),
  });
  const told = renderDiagnostics(diagnostics);
  if (config === undefined) return `${told}no configuration\n`;
  return told + (isWhole ? `${JSON.stringify(config, null, 2)}\n` : configDifferences(config));
}

/** What a case says of its host, and what every case has. */
export function caseOptions(
  input: string,
): Required<Pick<LoadOptions, "hostName" | "purpose">> & { configId: string; host: HostFacts } {
  return {
    configId: setting(input, "id") ?? "main",
    hostName: "router.example",
    host: { ...linkHost(input), ...caseHost(input) },
    purpose: "test",
  };
}

/** The files of a case: the main one, then those after `=== /path` lines. */
export function inputFiles(input: string): Record<string, string> {
  const [main = "", ...others] = input.split(/^=== /m);
  const files: Record<string, string> = { [mainPath]: main };
  for (const other of others) {
    const [path = "", ...lines] = other.split("\n");
    files[path] = lines.join("\n");
  }
  return files;
}
