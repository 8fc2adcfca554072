// A real server is up when none of its checks is failed; here that is turned into what must follow:
// the log line, the change of its service in the kernel, the report to the parent. What it means
// for the whole virtual server stands in virtual-server.ts.

import type { CheckerNotice } from "@keepalived-ts/shared-config/ipc/messages";
import { isCheckFailed } from "./check.js";
import { destinationText } from "./ipvs-table.js";
import { checkMailText, serverNotice } from "./notice.js";
import { effectiveWeight } from "./service-plan.js";
import { type Check, log, type RealServer, type Turn } from "./state.js";
import { snapshotOf } from "./view.js";
import { judgeQuorum, orderChange, reportVirtualServer } from "./virtual-server.js";

export function reportServer(
  turn: Turn,
  server: RealServer,
  notice: CheckerNotice | null = null,
): void {
  turn.actions.push({ type: "reportRealServer", snapshot: snapshotOf(server), notice });
}

export function isServerUp(server: RealServer): boolean {
  return !server.checks.some(isCheckFailed);
}

/** To be called when a check may have another result or weight than it had `before` its probe. */
export function handleCheckChange(
  turn: Turn,
  check: Check,
  before: Pick<Check, "result" | "weightChange">,
): void {
  const { server } = check;
  const isMoved = takeUpState(turn, server);
  const isWeighedAnew = takeUpWeight(turn, server);
  if (isMoved || isWeighedAnew) {
    const { virtualServer } = server;
    const verdict = judgeQuorum(turn, virtualServer, false);
    orderChange(turn, virtualServer, destinationText(server.config), verdict);
    reportServer(turn, server, isMoved ? serverNotice(server, checkMailText(check)) : null);
    if (verdict.notice !== null) reportVirtualServer(turn, virtualServer, verdict.notice);
  } else if (check.result !== before.result || check.weightChange !== before.weightChange) {
    // keepalived tells scripts also of a server that was never up and has failed.
    const isTold = before.result === null && check.result === false;
    reportServer(turn, server, isTold ? serverNotice(server, null) : null);
  }
}

/** True: the server goes into the pool or out of it. */
export function takeUpState(turn: Turn, server: RealServer): boolean {
  const isUp = isServerUp(server);
  if (isUp === server.isUp) return false;
  server.isUp = isUp;
  const { name, config, virtualServer } = server;
  const where = virtualServer.config.name;
  if (config.inhibitOnFailure) {
    log(turn, "info", `${isUp ? "Enabling" : "Disabling"} service ${name} of VS ${where}`);
  } else if (isUp) log(turn, "info", `Adding service ${name} to VS ${where}`);
  else log(turn, "info", `Removing service ${name} from VS ${where}`);
  return true;
}

/** True: the weight is another one. */
export function takeUpWeight(turn: Turn, server: RealServer): boolean {
  const weight = effectiveWeight(server);
  if (weight === server.weight) return false;
  const change = `from ${server.weight} to ${weight}`;
  const kind = server.isUp ? "active" : "inactive";
  const where = `${kind} service ${server.name} of VS ${server.virtualServer.config.name}`;
  log(turn, "info", `Changing weight ${change} for ${where}`);
  server.weight = weight;
  return true;
}
