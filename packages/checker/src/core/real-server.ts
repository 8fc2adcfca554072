// A real server is up when none of its checks is failed; here that is turned into what must follow:
// the log line, the change of its service in the kernel, the report to the parent. What it means
// for the whole virtual server stands in virtual-server.ts.

import type { CheckerNotice } from "@keepalived-ts/shared-config/ipc/messages";
import { isCheckFailed } from "./check.js";
import { judgeFiles } from "./file-check.js";
import { destinationText } from "./ipvs-table.js";
import { checkMailText, serverNotice } from "./notice.js";
import { effectiveWeight } from "./service-plan.js";
import { beginSlowStart, endSlowStart } from "./slow-start.js";
import { type Check, isHeldBack, logServer, type RealServer, type Turn } from "./state.js";
import { snapshotOf } from "./view.js";
import { judgeQuorum, orderChange, reportVirtualServer } from "./virtual-server.js";

export function reportServer(
  turn: Turn,
  server: RealServer,
  notice: CheckerNotice | null = null,
): void {
  const { pool, actions } = turn;
  const isHeld = notice !== null && isHeldBack(pool);
  if (isHeld) pool.heldNotices.push({ server, notice });
  const snapshot = snapshotOf(server);
  actions.push({ type: "reportRealServer", snapshot, notice: isHeld ? null : notice });
}

export function isServerUp(server: RealServer): boolean {
  return !server.files.isFailed && !server.checks.some(isCheckFailed);
}

/** Something has been seen to be wrong with it; one that waits for its first success has not. */
export function hasFailed({ files, checks }: RealServer): boolean {
  return files.isFailed || checks.some(({ result }) => result === false);
}

/** To be called when a check may have another result or weight than it had `before` its probe. */
export function handleCheckChange(
  turn: Turn,
  check: Check,
  before: Pick<Check, "result" | "weightChange">,
): void {
  const { server } = check;
  if (followChecks(turn, server, checkMailText(check))) return;
  if (check.result !== before.result || check.weightChange !== before.weightChange) {
    // keepalived tells scripts also of a server that was never up and has failed.
    const isTold = before.result === null && check.result === false;
    reportServer(turn, server, isTold ? serverNotice(server, null) : null);
  }
}

/** To be called when the file has another value. */
export function handleFileChange(turn: Turn, server: RealServer, file: string): void {
  const { config } = server;
  const isNamed = config.checks.some((one) => one.kind === "FILE_CHECK" && one.file === file);
  if (!isNamed) return;
  const before = server.files.isFailed;
  server.files = judgeFiles(config, turn.pool.fileValues);
  const { isFailed } = server.files;
  const how = isFailed ? "failed" : "succeed";
  const text = `FILE_CHECK ${file} of ${server.name} ${how}.`;
  if (isFailed !== before) logServer(turn, server, "info", text);
  followChecks(turn, server, `FILE CHECK ${how} on service`);
}

/** True when the checks make the server go up or down, or give it another weight. */
function followChecks(turn: Turn, server: RealServer, mailText: string): boolean {
  if (hasFailed(server)) server.isCold = true;
  const isMoved = takeUpState(turn, server);
  const isWeighedAnew = takeUpWeight(turn, server);
  if (!isMoved && !isWeighedAnew) return false;
  followWeight(turn, server, isMoved ? serverNotice(server, mailText) : null);
  return true;
}

/** What follows from it for the quorum and the table when what a server serves has changed. */
export function followWeight(
  turn: Turn,
  server: RealServer,
  notice: CheckerNotice | null = null,
): void {
  const { virtualServer } = server;
  const verdict = judgeQuorum(turn, virtualServer, false);
  orderChange(turn, virtualServer, destinationText(server.config), verdict);
  reportServer(turn, server, notice);
  if (verdict.notice !== null) reportVirtualServer(turn, virtualServer, verdict.notice);
}

/** True: the server goes into the pool or out of it. */
export function takeUpState(turn: Turn, server: RealServer): boolean {
  const isUp = isServerUp(server);
  if (isUp === server.isUp) return false;
  server.isUp = isUp;
  endSlowStart(turn, server);
  const { name, config, virtualServer } = server;
  const where = virtualServer.config.name;
  const [comes, goes] = config.inhibitOnFailure
    ? [`Enabling service ${name} of`, `Disabling service ${name} of`]
    : [`Adding service ${name} to`, `Removing service ${name} from`];
  logServer(turn, server, "info", `${isUp ? comes : goes} VS ${where}`);
  if (isUp) warmUp(turn, server);
  return true;
}

/** To be called when a server serves that did not. */
export function warmUp(turn: Turn, server: RealServer): void {
  if (!server.isCold) return;
  server.isCold = false;
  beginSlowStart(turn, server);
}

/** True: the weight is another one. */
export function takeUpWeight(turn: Turn, server: RealServer): boolean {
  const weight = effectiveWeight(server);
  if (weight === server.weight) return false;
  const change = `from ${server.weight} to ${weight}`;
  const kind = server.isUp ? "active" : "inactive";
  const where = `${kind} service ${server.name} of VS ${server.virtualServer.config.name}`;
  logServer(turn, server, "info", `Changing weight ${change} for ${where}`);
  server.weight = weight;
  return true;
}
