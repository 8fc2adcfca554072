// The form of a golden case: files of configuration, a line of dashes, what the loader makes of
// them. Lines `# links: ...`, `# vmacs: ...` and `# id: ...` set the interfaces of the host, those
// that are VMACs, and its configuration id.

import { loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { memoryLoader } from "@keepalived-ts/shared-config/testing/memory-loader";
import { renderDiagnostics } from "@keepalived-ts/shared-config/text/render";
import { configDifferences } from "./config-differences.js";

export const dashes = "----------------------------------------";
const mainPath = "/etc/keepalived/keepalived.conf";

export interface GoldenCase {
  /** Everything above the dashes. */
  readonly input: string;
  /** Everything below. */
  readonly expected: string;
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
  const links = setting(input, "links") ?? "lo eth0 eth1";
  const vmacs = setting(input, "vmacs") ?? "";
  const { config, diagnostics } = loadConfig({
    path: mainPath,
    loader: memoryLoader(inputFiles(input)),
    configId: setting(input, "id") ?? "main",
    hostName: "router.example",
    host: {
      linkExists: (name) => links.split(" ").includes(name),
      isVmac: (name) => vmacs.split(" ").includes(name),
    },
    purpose: "test",
  });
  const told = renderDiagnostics(diagnostics);
  if (config === undefined) return `${told}no configuration\n`;
  return told + (isWhole ? `${JSON.stringify(config, null, 2)}\n` : configDifferences(config));
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

function setting(input: string, name: string): string | undefined {
  return new RegExp(`^# ${name}: (.*)$`, "m").exec(input)?.[1];
}
