// What follows for a virtual server when the weight of its live real servers has changed: the
// quorum, and with it whether the sorry server serves; the log lines; the orders to the kernel; the
// report. The arithmetic stands in quorum.ts.

import { realServerName } from "@keepalived-ts/shared-config/base/service-name";
import type { CheckerNotice } from "@keepalived-ts/shared-config/ipc/messages";
import { diffDestination } from "./ipvs-diff.js";
import { giveOrder, reconcileService } from "./kernel-table.js";
import { quorumNotice } from "./notice.js";
import { quorumAfter, quorumText } from "./quorum.js";
import { aliveWeight, wantedDestination } from "./service-plan.js";
import { isHeldBack, logVirtualServer, type Turn, type VirtualServer } from "./state.js";
import { virtualServerSnapshot } from "./view.js";

/** What a judgement has come to. */
export interface Verdict {
  /** Null: the quorum is as it was. */
  readonly notice: CheckerNotice | null;
  /** All real servers leave the table for the sorry server, or the other way round. */
  readonly isSorryMoved: boolean;
}

/** Judges the quorum anew and says what has changed; orders nothing. */
export function judgeQuorum(turn: Turn, server: VirtualServer, isStarting: boolean): Verdict {
  const { config } = server;
  const weight = aliveWeight(server);
  const hadQuorum = server.hasQuorum;
  const wasSorryIn = server.isSorryIn;
  server.hasQuorum = quorumAfter(config, hadQuorum, weight);
  server.isSorryIn = config.sorryServer !== undefined && !server.hasQuorum;
  const isSorryMoved = server.isSorryIn !== wasSorryIn;
  const isTold = server.hasQuorum !== hadQuorum || (server.isSorryIn && !wasSorryIn);
  if (isTold) logQuorum(turn, server, hadQuorum, weight);
  if (isSorryMoved) logSorryServer(turn, server);
  return { notice: isTold ? quorumNotice(server, isStarting) : null, isSorryMoved };
}

/** Orders what has changed: one destination, or everything when the sorry server came or went. */
export function orderChange(
  turn: Turn,
  server: VirtualServer,
  destination: string,
  { isSorryMoved }: Verdict,
): void {
  if (!isSorryMoved) orderDestination(turn, server, destination);
  else for (const service of server.services) reconcileService(turn, service);
}

export function orderDestination(turn: Turn, server: VirtualServer, destination: string): void {
  for (const service of server.services) {
    const model = turn.pool.kernel.get(service.text);
    // A service that the kernel has not (it was refused) is put up whole after the next reading.
    if (!service.isKernelKnown || model === undefined) continue;
    const present = model.destinations.get(destination);
    const order = diffDestination(service.key, present, wantedDestination(service, destination));
    if (order !== undefined) giveOrder(turn, order);
  }
}

export function reportVirtualServer(
  turn: Turn,
  server: VirtualServer,
  notice: CheckerNotice | null,
): void {
  const { pool, actions } = turn;
  const isHeld = notice !== null && isHeldBack(pool);
  if (isHeld) pool.heldNotices.push({ virtualServer: server, notice });
  const snapshot = virtualServerSnapshot(server);
  actions.push({ type: "reportVirtualServer", snapshot, notice: isHeld ? null : notice });
}

function logQuorum(turn: Turn, server: VirtualServer, hadQuorum: boolean, weight: number): void {
  const { config, hasQuorum } = server;
  const lost = hadQuorum ? "Lost quorum" : "Starting with quorum down";
  const text = quorumText(config, hasQuorum, weight);
  const change = hasQuorum ? "Gained quorum" : lost;
  logVirtualServer(turn, server, "info", `${change} ${text} for VS ${config.name}`);
}

function logSorryServer(turn: Turn, virtualServer: VirtualServer): void {
  const { config, isSorryIn } = virtualServer;
  const { sorryServer, key, name } = config;
  // A reload took it away: what it replaced comes back all the same.
  if (sorryServer !== undefined) {
    const [comes, goes] = sorryServer.inhibit ? ["Enabling", "Disabling"] : ["Adding", "Removing"];
    const deed = isSorryIn ? comes : goes;
    const server = realServerName(key, sorryServer);
    const text = `${deed} sorry server ${server} ${isSorryIn ? "to" : "from"} VS ${name}`;
    logVirtualServer(turn, virtualServer, "info", text);
  }
  const moved = isSorryIn ? "Removing alive servers from" : "Adding alive servers to";
  logVirtualServer(turn, virtualServer, "info", `${moved} the pool for VS ${name}`);
}
