// docs/diagnostics/README.md: every code with the severities that the golden cases show it with.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { diagnosticCodes } from "@keepalived-ts/shared-config/text/codes";
import type { Severity } from "@keepalived-ts/shared-config/text/diagnostic";

export const diagnosticsFolder: string = join(import.meta.dirname, "../../../docs/diagnostics");

const casesFolder: string = join(import.meta.dirname, "../../golden/cases");
const severities: readonly Severity[] = ["fatal", "error", "warning", "hint"];

/** Of codes that no golden case shows. */
const elsewhere: Readonly<Record<string, readonly Severity[]>> = {
  INCLUDE_LIMIT: ["fatal"],
  LINE_HAS_NUL: ["error"],
  SCHEMA_MISMATCH: ["fatal"],
  TOO_MANY: ["error", "hint"],
  TOO_MANY_LINES: ["fatal"],
};

export function severitiesByCode(): ReadonlyMap<string, ReadonlySet<Severity>> {
  const found = new Map<string, Set<Severity>>();
  for (const code of Object.keys(diagnosticCodes)) {
    const isOfCluster = code.startsWith("CLUSTER_");
    found.set(code, new Set(isOfCluster ? ["error"] : (elsewhere[code] ?? [])));
  }
  for (const name of readdirSync(casesFolder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".golden")) continue;
    const text = readFileSync(join(casesFolder, name), "utf8");
    for (const [, severity, code] of text.matchAll(
      /: (fatal|error|warning|hint): .*\[(\w+)\]$/gm,
    )) {
      found.get(code ?? "")?.add(severity as Severity);
    }
  }
  return found;
}

/** The codes that a comment can silence. */
export function silencedCodes(): string[] {
  return [...severitiesByCode()]
    .filter(([code, shown]) => shown.has("hint") || code.startsWith("CLUSTER_"))
    .map(([code]) => code)
    .toSorted();
}

export const listPath: string = join(diagnosticsFolder, "README.md");

const tableHead = "| code | severity | what |\n|---|---|---|\n";

/** The list with its table made anew. */
export function diagnosticListText(): string {
  const silenced = new Set(silencedCodes());
  const rows = [...severitiesByCode()].map(([code, shown]) => {
    const name = silenced.has(code) ? `[${code}](${code}.md)` : code;
    const listed = severities.filter((severity) => shown.has(severity)).join(", ");
    const what = diagnosticCodes[code as keyof typeof diagnosticCodes];
    return `| ${name} | ${listed} | ${what.replaceAll("|", "\\|")} |\n`;
  });
  const [prose = ""] = readFileSync(listPath, "utf8").split(tableHead);
  return prose + tableHead + rows.join("");
}
