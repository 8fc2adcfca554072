// kactl upgrade: orders it and waits until the next release answers. Decides nothing else.

import type { StatusJson } from "../control/status-json.js";
import { ask, complain, messageOf } from "./client.js";

const pollMs = 100;
const patienceMs = 60_000;

/** Resolves with the exit status. */
export async function upgrade(socketPath: string): Promise<number> {
  const before = await statusOf(socketPath);
  const { code, body } = await ask(socketPath, "POST", "/v1/upgrade");
  if (code === 0) return complain(`Cannot ask ${socketPath}: ${body}`, 3);
  if (code >= 300) return complain(messageOf(body), 1);
  const generation = before?.configGeneration ?? 0;
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pollMs) {
    const now = await statusOf(socketPath);
    if (now?.isCurrent && now.configGeneration > generation) {
      process.stdout.write(`${before?.version ?? "?"} has become ${now.version}\n`);
      return 0;
    }
    await new Promise((wake) => setTimeout(wake, pollMs));
  }
  return complain(`No word of the next release within ${patienceMs / 1000} s, see the log`, 1);
}

async function statusOf(socketPath: string): Promise<StatusJson | undefined> {
  const { code, body } = await ask(socketPath, "GET", "/v1/status");
  return code === 200 ? (JSON.parse(body) as StatusJson) : undefined;
}
