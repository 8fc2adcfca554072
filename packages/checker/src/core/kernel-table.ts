// Keeps the kernel's IPVS table as the configuration and the checks want it. The core holds a model
// of our services as they will be once all its orders are carried out; readings of the real table
// correct the model at start, on reload, after a refused order and at an interval, and only what
// differs is ordered. Services of others are never touched.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { ServiceKey } from "@keepalived-ts/shared-config/schema/config";
import { drainIntervalUs, endDrains, isDraining } from "./drain.js";
import { diffService } from "./ipvs-diff.js";
import {
  applyOrder,
  type IpvsOrder,
  type ServiceReading,
  serviceText,
  tableOf,
} from "./ipvs-table.js";
import { orderFailureText } from "./order-failure.js";
import { serviceName, wantedService } from "./service-plan.js";
import { type IpvsService, log, type Pool, readDeadline, type Turn } from "./state.js";
import { snapshotOf, virtualServerSnapshot } from "./view.js";

/** From one regular comparison with the kernel to the next. */
export const readIntervalUs: number = 10 * usPerSecond;

/**
 * The regular comparison takes at most one part in this many of the time, however large the table.
 */
const readTimeShare = 20;

/** Gives an order to the kernel and books it in the model. */
export function giveOrder(turn: Turn, order: IpvsOrder): void {
  const { pool, actions } = turn;
  actions.push({ type: "ipvs", order });
  applyOrder(pool.kernel, order);
  if (pool.reading.isOutstanding) pool.reading.ordersSince.push(order);
}

/** Orders what the service lacks, if what the kernel has of it is known. Returns the number. */
export function reconcileService(turn: Turn, service: IpvsService): number {
  if (!service.isKernelKnown) return 0;
  const orders = diffService(turn.pool.kernel.get(service.text), wantedService(service));
  for (const order of orders) giveOrder(turn, order);
  return orders.length;
}

/** A service that was ours must go, and stays on the list until it has gone. */
export function withdrawService(turn: Turn, key: ServiceKey): void {
  turn.pool.orphans.set(serviceText(key), key);
  giveOrder(turn, { type: "deleteService", service: key });
}

export function requestReading(turn: Turn): void {
  const { pool, actions, now } = turn;
  const { reading } = pool;
  if (reading.isOutstanding) {
    reading.isWantedAgain = true;
    return;
  }
  reading.isOutstanding = true;
  reading.isWantedAgain = false;
  reading.requestedAt = now;
  reading.ordersSince = [];
  pool.deadlines.clear(readDeadline);
  actions.push({ type: "readIpvsTable", services: [...pool.services.keys()] });
}

export function handleReading(turn: Turn, readings: readonly ServiceReading[]): void {
  const { pool } = turn;
  const { reading } = pool;
  if (!reading.isOutstanding) return;
  reading.isOutstanding = false;
  reading.isFailureTold = false;
  adoptReading(pool, readings);
  endDrains(turn, readings);
  let orderCount = withdrawOrphans(turn, readings);
  for (const service of pool.services.values()) {
    const count = reconcileService(turn, service);
    if (count === 0) service.isRefused = false;
    else if (pool.pendingGeneration === null && !service.isRefused) logDrift(turn, service, count);
    orderCount += count;
  }
  if (orderCount === 0) {
    reading.hasRetriedFailure = false;
    pool.toldFailures.clear();
  }
  confirmGeneration(turn);
  scheduleReading(turn);
}

/** Another try comes with the regular interval; a table that cannot be read is left as it is. */
export function handleReadingFailure(turn: Turn, error: string): void {
  const { reading } = turn.pool;
  if (!reading.isOutstanding) return;
  reading.isOutstanding = false;
  if (!reading.isFailureTold) {
    log(turn, "error", `Cannot read the IPVS table: ${error}, trying again`, { error });
  }
  reading.isFailureTold = true;
  scheduleReading(turn);
}

export function handleOrderFailure(turn: Turn, order: IpvsOrder, error: string): void {
  const { pool } = turn;
  const { reading } = pool;
  if (isAlreadyGone(order, error)) return;
  if (!isStaleModel(order, error)) {
    tellFailure(turn, order, error);
    const service = pool.services.get(serviceText(order.service));
    if (service !== undefined) service.isRefused = true;
  }
  if (pool.isStopping || reading.hasRetriedFailure) return;
  reading.hasRetriedFailure = true;
  requestReading(turn);
}

/** ip_vs_ctl.c: ESRCH for a missing service, ENOENT for a missing destination. */
function isAlreadyGone({ type }: IpvsOrder, error: string): boolean {
  if (type === "deleteService") return error === "ESRCH";
  return type === "deleteDestination" && error === "ENOENT";
}

/**
 * Somebody else changed the table since it was read: the next reading sets that right and tells
 * it.
 */
function isStaleModel({ type }: IpvsOrder, error: string): boolean {
  if (error === "EEXIST" || error === "ESRCH") return true;
  return type === "editDestination" && error === "ENOENT";
}

/** What the kernel had when the reading was asked for, with the orders given since on top. */
function adoptReading(pool: Pool, readings: readonly ServiceReading[]): void {
  const unread = new Set<string>();
  for (const { key, destinations } of readings) {
    if (destinations === null) unread.add(serviceText(key));
  }
  pool.kernel = tableOf(readings);
  for (const order of pool.reading.ordersSince) applyOrder(pool.kernel, order);
  pool.reading.ordersSince = [];
  for (const service of pool.services.values()) {
    service.isKernelKnown = !unread.has(service.text);
    // Configured after the reading was asked for, and the kernel has it: ask again.
    if (!service.isKernelKnown) pool.reading.isWantedAgain = true;
  }
}

function withdrawOrphans(turn: Turn, readings: readonly ServiceReading[]): number {
  const { pool } = turn;
  const present = new Set(readings.map(({ key }) => serviceText(key)));
  const left = [...pool.orphans].filter(([text]) => present.has(text));
  pool.orphans.clear();
  for (const [, key] of left) withdrawService(turn, key);
  return left.length;
}

function confirmGeneration(turn: Turn): void {
  const { pool, actions } = turn;
  if (pool.pendingGeneration === null || pool.reading.isWantedAgain) return;
  tellHeldNotices(turn);
  actions.push({ type: "reportReady", generation: pool.pendingGeneration });
  pool.pendingGeneration = null;
}

/** What has happened since the configuration changed, in order, when the table is as wanted. */
export function tellHeldNotices({ pool, actions }: Turn): void {
  for (const held of pool.heldNotices) {
    const { notice } = held;
    if ("server" in held) {
      actions.push({ type: "reportRealServer", snapshot: snapshotOf(held.server), notice });
    } else {
      const snapshot = virtualServerSnapshot(held.virtualServer);
      actions.push({ type: "reportVirtualServer", snapshot, notice });
    }
  }
  pool.heldNotices = [];
}

function scheduleReading(turn: Turn): void {
  const { pool, now } = turn;
  if (pool.reading.isWantedAgain) {
    requestReading(turn);
    return;
  }
  const tookUs = now - pool.reading.requestedAt;
  const intervalUs = isDraining(turn) ? drainIntervalUs : readIntervalUs;
  pool.deadlines.set(readDeadline, now + Math.max(intervalUs, readTimeShare * tookUs));
}

function logDrift(turn: Turn, service: IpvsService, orders: number): void {
  const text = `VS ${serviceName(service.key)} in IPVS was changed by somebody else: repairing`;
  log(turn, "warn", text, { orders });
}

function tellFailure(turn: Turn, order: IpvsOrder, error: string): void {
  const text = orderFailureText(order, error);
  if (turn.pool.toldFailures.has(text)) return;
  turn.pool.toldFailures.add(text);
  log(turn, "error", text, { error });
}
