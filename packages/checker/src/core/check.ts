// One check of one real server: when it probes, what a probe's end means, when a failure counts.
// keepalived's rules: the first probe comes at random within the warm-up, a failure counts after
// `retry` further ones at delay_before_retry, and before the first result one is enough.

import { nextRandom } from "@keepalived-ts/shared-config/base/random";
import { usPerMs } from "@keepalived-ts/shared-config/base/units";
import type { TcpCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import type { ProbeResult } from "./event.js";
import { type Check, log, type RealServer, type Turn } from "./state.js";

/** Between two probes of one check, whatever the configuration says: a delay of 0 must not spin. */
const minimumDelayUs = 10 * usPerMs;

/**
 * A check that has not probed yet, or goes on from the `result` of a dead predecessor; `presumed`
 * stands for a result that is not there.
 */
export function createCheck(
  turn: Turn,
  server: RealServer,
  config: TcpCheckConfig,
  { result, presumed }: Pick<Check, "result" | "presumed">,
): Check {
  const check: Check = {
    config,
    server,
    result,
    presumed,
    weightChange: 0,
    retriesUsed: 0,
    probe: null,
    isBlocked: false,
  };
  restartCheck(turn, check);
  return check;
}

/** The next probe comes at random within the warm-up, or within delay_loop when that is over. */
export function restartCheck(turn: Turn, check: Check): void {
  const { config, result, server } = check;
  if (server.virtualServer.isSuspended || check.probe !== null) return;
  const spreadUs =
    result === null ? config.warmupUs : Math.min(config.warmupUs, config.delayLoopUs);
  turn.pool.deadlines.set(check, turn.now + nextRandom(turn.pool.random) * spreadUs);
}

/** A probe under way still counts; there is no next one until the check is restarted. */
export function suspendCheck({ pool }: Turn, check: Check): void {
  pool.deadlines.clear(check);
}

/** Whether the check keeps its server out. With `alpha` it does so until its first success. */
export function isCheckFailed({ result, presumed }: Check): boolean {
  return !(result ?? presumed);
}

/** Whether two configurations ask the same thing of the same place; timing apart. */
export function isSameCheck(a: TcpCheckConfig, b: TcpCheckConfig): boolean {
  return (
    a.kind === b.kind &&
    a.connectAddress === b.connectAddress &&
    a.connectPort === b.connectPort &&
    a.bindAddress === b.bindAddress &&
    a.bindPort === b.bindPort
  );
}

/** Takes over new timing; a probe already due sooner stays due. */
export function updateCheck(turn: Turn, check: Check, config: TcpCheckConfig): void {
  check.config = config;
  const dueAt = turn.pool.deadlines.at(check);
  if (dueAt === undefined) return;
  turn.pool.deadlines.set(check, Math.min(dueAt, turn.now + config.delayLoopUs));
}

export function startProbe(turn: Turn, check: Check): void {
  const { pool, actions } = turn;
  const probe = pool.nextProbe++;
  check.probe = probe;
  pool.probes.set(probe, check);
  actions.push({ type: "startProbe", probe, check: check.config });
}

/** Forgets the check's deadline and its probe under way. */
export function dropCheck(turn: Turn, check: Check): void {
  const { pool, actions } = turn;
  pool.deadlines.clear(check);
  if (check.probe === null) return;
  pool.probes.delete(check.probe);
  actions.push({ type: "cancelProbe", probe: check.probe });
  check.probe = null;
}

/** Books the end of the probe under way. The check's result and weight may be others afterwards. */
export function finishProbe(turn: Turn, check: Check, result: ProbeResult): void {
  check.probe = null;
  if (result.outcome === "notRun") bookBlocked(turn, check, result.reason);
  else if (result.outcome === "passed") bookSuccess(turn, check, result.weight);
  else bookFailure(turn, check, result.reason);
}

function bookBlocked(turn: Turn, check: Check, reason: string): void {
  if (!check.isBlocked) {
    const text = `Cannot probe ${check.server.name}: ${reason}, its state stays, trying again`;
    log(turn, "warn", text, { reason });
  }
  check.isBlocked = true;
  schedule(turn, check, check.config.delayLoopUs);
}

function bookSuccess(turn: Turn, check: Check, weight: number | undefined): void {
  check.isBlocked = false;
  check.retriesUsed = 0;
  check.weightChange = weight === undefined ? 0 : weight - check.server.config.weight;
  schedule(turn, check, check.config.delayLoopUs);
  if (check.result === true) return;
  check.result = true;
  log(turn, "info", `TCP connection to ${check.server.name} success.`);
}

function bookFailure(turn: Turn, check: Check, reason: string): void {
  check.isBlocked = false;
  if (check.result !== false) {
    log(turn, "detail", `TCP connection to ${check.server.name} failed.`, { reason });
  }
  if (check.result === true && check.retriesUsed < check.config.retry) {
    check.retriesUsed++;
    schedule(turn, check, check.config.delayBeforeRetryUs);
    return;
  }
  schedule(turn, check, check.config.delayLoopUs);
  if (check.result !== false) {
    const after = check.retriesUsed > 0 ? ` after ${check.retriesUsed} retries` : "";
    log(turn, "info", `TCP_CHECK on service ${check.server.name} failed${after}.`, { reason });
  }
  check.result = false;
  check.retriesUsed = 0;
}

function schedule(turn: Turn, check: Check, delayUs: number): void {
  if (check.server.virtualServer.isSuspended) return;
  turn.pool.deadlines.set(check, turn.now + Math.max(delayUs, minimumDelayUs));
}
