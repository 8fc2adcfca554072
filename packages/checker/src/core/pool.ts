// The checker's core: which real servers are up, and what the kernel's IPVS table must be for that.
// handle() takes an event and an instant and returns what is to be done; nothing else happens here:
// no socket, no clock, no log. Same seed and same events give the same actions.

import { assert, unreachable } from "@keepalived-ts/shared-config/base/assert";
import { Deadlines } from "@keepalived-ts/shared-config/base/deadlines";
import type { TrackerReport } from "@keepalived-ts/shared-config/ipc/messages";
import type { CheckerAction } from "./action.js";
import { dropCheck, finishProbe, startProbe } from "./check.js";
import { endDrain, forgetDrain, handleDrainOrder } from "./drain.js";
import type { CheckerEvent, ProbeResult } from "./event.js";
import { orderMarks } from "./group-marks.js";
import { destinationText } from "./ipvs-table.js";
import {
  giveOrder,
  handleOrderFailure,
  handleReading,
  handleReadingFailure,
  requestReading,
  tellHeldNotices,
} from "./kernel-table.js";
import { handleNameResolved } from "./named-servers.js";
import { serverNotice, stopNotice } from "./notice.js";
import { handleCheckChange, handleFileChange, reportServer } from "./real-server.js";
import { handleConfigured } from "./reload.js";
import { handleControlFailure, handleSyncMaster, withdrawSettings } from "./settings.js";
import { continueSlowStart, endSlowStart } from "./slow-start.js";
import {
  logServer,
  type Pool,
  readDeadline,
  type SlowStart,
  type Turn,
  type VirtualServer,
} from "./state.js";
import { handleAddresses } from "./suspension.js";
import { orderDestination, reportVirtualServer } from "./virtual-server.js";

export type { Pool } from "./state.js";
export { snapshots, virtualServerSnapshots } from "./view.js";

export function createPool(options: { readonly seed: number }): Pool {
  return {
    random: { seed: options.seed },
    deadlines: new Deadlines(),
    probes: new Map(),
    nextProbe: 1,
    virtualServers: new Map(),
    services: new Map(),
    kernel: new Map(),
    orphans: new Map(),
    reading: {
      isOutstanding: false,
      requestedAt: 0,
      ordersSince: [],
      isWantedAgain: false,
      hasRetriedFailure: false,
      isFailureTold: false,
    },
    toldFailures: new Set(),
    fileValues: new Map(),
    answers: new Map(),
    hasNames: false,
    pendingGeneration: null,
    heldNotices: [],
    settings: null,
    groupMarks: null,
    markedText: "",
    isSyncMaster: false,
    syncDaemons: new Map(),
    addresses: new Set(),
    isWatchingAddresses: false,
    isStopping: false,
    probeDurations: new Map(),
  };
}

/** The instant at which `deadlineReached` is wanted, or undefined. */
export function nextDeadline(pool: Pool): number | undefined {
  return pool.deadlines.next();
}

export function handle(pool: Pool, event: CheckerEvent, now: number): CheckerAction[] {
  const turn: Turn = { pool, now, actions: [] };
  const isAnswer = event.type === "ipvsOrderFailed" || event.type === "ipvsControlFailed";
  if (pool.isStopping && !isAnswer) return turn.actions;
  switch (event.type) {
    case "configured":
      handleConfigured(turn, event);
      break;
    case "trackerChanged":
      handleTracker(turn, event.report);
      break;
    case "probeFinished":
      handleProbeFinished(turn, event.probe, event.result);
      break;
    case "ipvsTableRead":
      handleReading(turn, event.services);
      break;
    case "ipvsReadFailed":
      handleReadingFailure(turn, event.error);
      break;
    case "ipvsOrderFailed":
      handleOrderFailure(turn, event.order, event.error);
      break;
    case "ipvsControlFailed":
      handleControlFailure(turn, event.control, event.error);
      break;
    case "nameResolved":
      handleNameResolved(turn, event.answer);
      break;
    case "drainOrdered":
      handleDrainOrder(turn, event);
      break;
    case "syncMasterChanged":
      handleSyncMaster(turn, event.isMaster);
      break;
    case "addressesChanged":
      handleAddresses(turn, event.addresses);
      break;
    case "deadlineReached":
      handleDeadline(turn);
      break;
    case "stopRequested":
      handleStop(turn);
      break;
    default:
      unreachable(event);
  }
  return turn.actions;
}

function handleProbeFinished(turn: Turn, probe: number, result: ProbeResult): void {
  const check = turn.pool.probes.get(probe);
  // Cancelled in the meantime: nobody asks any more.
  if (check === undefined) return;
  turn.pool.probes.delete(probe);
  assert(check.probe === probe, "a check has at most one probe");
  const { result: before, weightChange } = check;
  finishProbe(turn, check, result);
  handleCheckChange(turn, check, { result: before, weightChange });
}

/** A file that a FILE_CHECK may name has another number in it. */
function handleTracker(turn: Turn, { kind, name, value }: TrackerReport): void {
  if (kind !== "file") return;
  turn.pool.fileValues.set(name, value);
  for (const { servers } of turn.pool.virtualServers.values()) {
    for (const server of servers.values()) handleFileChange(turn, server, name);
  }
}

function handleDeadline(turn: Turn): void {
  const { pool, now } = turn;
  for (let due = pool.deadlines.takeDue(now); due !== undefined; ) {
    if (due === readDeadline) requestReading(turn);
    else if ("destination" in due) endDrain(turn, due);
    else if ("step" in due) handleStep(turn, due);
    else startProbe(turn, due);
    due = pool.deadlines.takeDue(now);
  }
}

function handleStep(turn: Turn, { server }: SlowStart): void {
  continueSlowStart(turn, server);
  orderDestination(turn, server.virtualServer, destinationText(server.config));
  if (server.slowStart === null) reportServer(turn, server);
}

/** Withdraws every service that is ours and nothing else; what others put there stays. */
function handleStop(turn: Turn): void {
  const { pool, actions } = turn;
  tellHeldNotices(turn);
  pool.isStopping = true;
  orderMarks(turn);
  const own = [...pool.services.values()].map(({ key }) => key);
  const isFlushed = withdrawSettings(turn);
  for (const service of isFlushed ? [] : [...own, ...pool.orphans.values()]) {
    giveOrder(turn, { type: "deleteService", service });
  }
  for (const server of pool.virtualServers.values()) stopVirtualServer(turn, server);
  pool.deadlines.clear(readDeadline);
  actions.push({ type: "reportStopped" });
}

/** Only with omega is the world told; the kernel has been told already. */
function stopVirtualServer(turn: Turn, virtualServer: VirtualServer): void {
  const { name, omega } = virtualServer.config;
  for (const text of virtualServer.draining.keys()) forgetDrain(turn, virtualServer, text);
  const down = { isUp: false, isStopping: true };
  for (const server of virtualServer.servers.values()) {
    for (const check of server.checks) dropCheck(turn, check);
    endSlowStart(turn, server);
    const isInhibited = server.config.inhibitOnFailure && !server.isUp;
    const how = isInhibited ? "(inhibited) " : "";
    const text = `Shutting down ${how}service ${server.name} from VS ${name}`;
    logServer(turn, server, "info", text);
    if (!omega || !server.isUp) continue;
    server.isUp = false;
    reportServer(turn, server, serverNotice(server, "Shutting down", down));
  }
  if (!omega) return;
  virtualServer.hasQuorum = false;
  reportVirtualServer(turn, virtualServer, stopNotice(virtualServer));
}
