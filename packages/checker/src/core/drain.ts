// Servers that are to lose their connections one by one. By order of an operator a server stays
// configured and probed with weight 0. One that a reload takes away stays in the table with weight
// 0 until the kernel counts no active connection of it, or its drain_timeout is over. Decides
// nothing of servers that have failed: those go at once.

import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { RealServerSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import {
  type Destination,
  destinationText,
  type ServiceReading,
  serviceText,
} from "./ipvs-table.js";
import { serverNotice } from "./notice.js";
import { followWeight } from "./real-server.js";
import { destinationOf } from "./service-plan.js";
import { beginSlowStart, endSlowStart } from "./slow-start.js";
import {
  type Drain,
  log,
  logServer,
  type RealServer,
  type Turn,
  type VirtualServer,
} from "./state.js";
import { drainSnapshot } from "./view.js";
import { orderDestination } from "./virtual-server.js";

/** From one look at the connections to the next. */
export const drainIntervalUs: number = usPerSecond;

export function isDraining({ pool }: Turn): boolean {
  return [...pool.virtualServers.values()].some(({ draining }) => draining.size > 0);
}

/** A reload has taken `server` away. False: it has no connections to wait for. */
export function beginDrain(turn: Turn, server: RealServer): boolean {
  const { virtualServer, config, name } = server;
  const timeoutUs = config.drainTimeoutUs ?? 0;
  const isInTable = server.isUp && (server.isDrained || !virtualServer.isSorryIn);
  if (timeoutUs === 0 || !isInTable) return false;
  const seconds = timeoutUs / usPerSecond;
  const where = virtualServer.config.name;
  logServer(
    turn,
    server,
    "info",
    `Draining service ${name} of VS ${where} for ${seconds} s at most`,
  );
  const notice = serverNotice(server, "Removing", { isUp: false, isStopping: false });
  const destination = destinationOf(server, 0);
  const until = turn.now + timeoutUs;
  const { dnsName } = config;
  addDrain(turn, { virtualServer, name, dnsName, destination, until, notice, connections: null });
  return true;
}

function addDrain(turn: Turn, drain: Drain): void {
  drain.virtualServer.draining.set(destinationText(drain.destination), drain);
  turn.pool.deadlines.set(drain, drain.until);
  reportDrain(turn, drain);
}

export function reportDrain({ actions }: Turn, drain: Drain): void {
  actions.push({ type: "reportRealServer", snapshot: drainSnapshot(drain), notice: null });
}

/** A mark may be a service of IPv4 and one of IPv6, of the same name. */
function isOfOtherFamily(
  { config: { key } }: VirtualServer,
  { address, forwarding }: Pick<Destination, "address" | "forwarding">,
): boolean {
  return key.kind === "fwmark" && forwarding !== "TUN" && ipFamily(address) !== key.family;
}

/** Goes on with what a dead predecessor was waiting for. */
export function resumeDrains(
  turn: Turn,
  virtualServer: VirtualServer,
  snapshots: Iterable<RealServerSnapshot>,
): void {
  const where = virtualServer.config.name;
  for (const { virtualServer: owner, realServer: name, dnsName, draining } of snapshots) {
    if (owner !== where || draining === undefined) continue;
    const { until, notice, ...destination } = draining;
    if (isOfOtherFamily(virtualServer, draining)) continue;
    if (virtualServer.servers.has(destinationText(destination))) continue;
    const kept = { ...destination, weight: 0 };
    const drain = { virtualServer, name, dnsName, destination: kept, until, notice };
    addDrain(turn, { ...drain, connections: null });
  }
}

/** The server is configured again, or its virtual server goes, or all ends. */
export function forgetDrain({ pool }: Turn, virtualServer: VirtualServer, text: string): void {
  const drain = virtualServer.draining.get(text);
  if (drain === undefined) return;
  virtualServer.draining.delete(text);
  pool.deadlines.clear(drain);
}

/** To be called with each reading, before the table is compared with what is wanted. */
export function endDrains(turn: Turn, readings: readonly ServiceReading[]): void {
  if (!isDraining(turn)) return;
  const byService = new Map(readings.map((one) => [serviceText(one.key), one]));
  for (const virtualServer of turn.pool.virtualServers.values()) {
    for (const drain of virtualServer.draining.values()) {
      const found = virtualServer.services.map(({ text }) => byService.get(text));
      drain.connections = connectionsOf(drain, found);
      if (drain.connections === 0) endDrain(turn, drain);
    }
  }
}

/** Null: nobody can tell yet, or nobody counts. */
function connectionsOf(
  { destination }: Drain,
  readings: readonly (ServiceReading | undefined)[],
): number | null {
  let sum = 0;
  for (const reading of readings) {
    // One that the kernel has not has no connections either.
    if (reading === undefined) continue;
    if (reading.destinations === null) return null;
    const { address, port } = destination;
    const present = reading.destinations.find(
      (one) => one.address === address && one.port === port,
    );
    if (present === undefined) continue;
    // With another weight it is somebody else's too, or still gets new ones.
    if (present.weight !== 0 || present.activeConnections === undefined) return null;
    sum += present.activeConnections;
  }
  return sum;
}

/** Nothing is left, or the time is over. */
export function endDrain(turn: Turn, drain: Drain): void {
  const { virtualServer, name, destination, notice, connections } = drain;
  const text = destinationText(destination);
  forgetDrain(turn, virtualServer, text);
  orderDestination(turn, virtualServer, text);
  const where = virtualServer.config.name;
  const late = `its time is over, active connections: ${connections ?? "unknown"}`;
  const why = connections === 0 ? "no connection is left" : late;
  log(turn, "info", `Removing service ${name} from VS ${where}: ${why}`);
  const snapshot = { ...drainSnapshot(drain), isUp: false };
  turn.actions.push(
    { type: "reportRealServer", snapshot, notice },
    { type: "reportRealServerRemoved", virtualServer: where, realServer: name },
  );
}

/** An operator wants the server without new connections, or with them again. */
export function handleDrainOrder(
  turn: Turn,
  order: { readonly virtualServer: string; readonly realServer: string; readonly isOn: boolean },
): void {
  for (const { config, servers } of turn.pool.virtualServers.values()) {
    if (config.name !== order.virtualServer) continue;
    for (const server of servers.values()) {
      if (server.name !== order.realServer || server.isDrained === order.isOn) continue;
      server.isDrained = order.isOn;
      const deed = order.isOn ? "Draining" : "No longer draining";
      const text = `${deed} service ${server.name} of VS ${config.name} on request`;
      logServer(turn, server, "info", text);
      // It may have been away for long.
      if (server.isDrained) endSlowStart(turn, server);
      else if (server.isUp) beginSlowStart(turn, server);
      followWeight(turn, server);
    }
  }
}
