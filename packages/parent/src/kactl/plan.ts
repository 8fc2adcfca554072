// kactl plan: what a reload would do, shown to a person. A FILE is read here, with the rights of
// whoever asks, and only what it means goes to the daemon. Decides nothing about the plan.

import { resolve as resolvePath } from "node:path";
import type {
  PlannedInstance,
  PlannedRealServer,
  PlannedVirtualServer,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { PlanJson } from "../control/plan-json.js";
import { ask, complain, messageOf } from "./client.js";

export interface PlanCall {
  readonly socket: string;
  readonly isJson: boolean;
  /** Absent = what the daemon would read. */
  readonly file?: string | undefined;
  /** As the daemon's -i. */
  readonly configId?: string | undefined;
}

const linesMax = 500;

/** Resolves with the exit status: 0, 1 refused or in error, 3 no daemon. */
export async function plan({ socket, isJson, file, configId }: PlanCall): Promise<number> {
  const body = file === undefined ? "" : await readFile(file, configId);
  if (body === undefined) return 1;
  const { code, body: text } = await ask(socket, "POST", "/v1/plan", body);
  if (code === 0) return complain(`Cannot ask ${socket}: ${text}`, 3);
  if (code >= 300) return complain(messageOf(text), 1);
  process.stdout.write(isJson ? text : planText(JSON.parse(text) as PlanJson));
  return 0;
}

async function readFile(file: string, configId: string | undefined): Promise<string | undefined> {
  const { readConfig } = await import("../edge/config-source.js");
  const { renderDiagnostics } = await import("@keepalived-ts/shared-config/text/render");
  const path = resolvePath(file);
  const { config, diagnostics } = readConfig({ path, configId, purpose: "start", isStrict: false });
  process.stderr.write(renderDiagnostics(diagnostics));
  return config === undefined ? undefined : JSON.stringify(config);
}

function planText(planned: PlanJson): string {
  if (planned.isEmpty) return "A reload would change nothing\n";
  const parts: readonly (readonly string[])[] = [
    planned.configuration.flatMap(({ block, change, removed, added }) => [
      change === "changed" ? block : `${change === "added" ? "+" : "-"} ${block}`,
      ...removed.map((line) => `  - ${line}`),
      ...added.map((line) => `  + ${line}`),
    ]),
    planned.instances.flatMap(instanceLines),
    planned.ipvs,
    [...planned.virtualServers.map(virtualServerLine), ...planned.realServers.map(realServerLine)],
    planned.needsRestart.map((keyword) => `${keyword} changes by a restart only`),
  ];
  const shown = parts.filter((lines) => lines.length > 0).map(bounded);
  return `${shown.map((lines) => lines.join("\n")).join("\n\n")}\n\nNothing was changed\n`;
}

function bounded(lines: readonly string[]): readonly string[] {
  if (lines.length <= linesMax) return lines;
  return [...lines.slice(0, linesMax), `... and ${lines.length - linesMax} more, see --json`];
}

function instanceLines(planned: PlannedInstance): string[] {
  const { instance, change, before, after, adds, removes, risks } = planned;
  return [
    `${instance} ${change}: ${stateText(before)} -> ${stateText(after)}`,
    ...removes.map((what) => `  - ${what}`),
    ...adds.map((what) => `  + ${what}`),
    ...risks.map((risk) => `  ! ${risk}`),
  ];
}

function stateText(state: PlannedInstance["before"]): string {
  return state === null ? "none" : `${state.state} with priority ${state.effectivePriority}`;
}

function virtualServerLine({ virtualServer, hadQuorum, hasQuorum }: PlannedVirtualServer): string {
  return `${virtualServer}: ${quorumText(hadQuorum)} -> ${quorumText(hasQuorum)}`;
}

function quorumText(quorum: boolean | null): string {
  if (quorum === null) return "none";
  return quorum ? "quorum" : "no quorum";
}

function realServerLine(planned: PlannedRealServer): string {
  const { virtualServer, realServer, before, after } = planned;
  return `${realServer} of ${virtualServer}: ${serverText(before)} -> ${serverText(after)}`;
}

function serverText(state: PlannedRealServer["before"]): string {
  if (state === null) return "none";
  return state.isUp ? `up, weight ${state.weight}` : "down";
}
