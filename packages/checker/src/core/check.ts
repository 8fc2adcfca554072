// One check of one real server: when it probes, what a probe's end means, when a failure counts.
// keepalived's rules: the first probe comes at random within the warm-up, a failure counts after
// `retry` further ones at delay_before_retry, and before the first result one is enough. Several
// urls are asked in turn, one a probe (check-urls.ts).

import { newHistogram, observe } from "@keepalived-ts/shared-config/base/histogram";
import { nextRandom } from "@keepalived-ts/shared-config/base/random";
import { usPerMs } from "@keepalived-ts/shared-config/base/units";
import type { ProbedCheckConfig } from "./acted-on.js";
import { logFailedProbe, logFailure, logSuccess } from "./check-log.js";
import { hasPassedAll, isSuccessDueAtOnce, stayAtUrl } from "./check-urls.js";
import type { ProbeResult } from "./event.js";
import { type Check, logServer, type RealServer, type Turn } from "./state.js";

/** Between two probes of one check, whatever the configuration says: a delay of 0 must not spin. */
const minimumDelayUs = 10 * usPerMs;

/**
 * A check that has not probed yet, or goes on from the `result` of a dead predecessor; `presumed`
 * stands for a result that is not there.
 */
export function createCheck(
  turn: Turn,
  server: RealServer,
  config: ProbedCheckConfig,
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
    startedAt: turn.now,
    blockedProbes: 0,
    urlIndex: 0,
    isUrlFailed: false,
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
export function isSameCheck(a: ProbedCheckConfig, b: ProbedCheckConfig): boolean {
  return a.kind === b.kind && askedText(a) === askedText(b);
}

const noTiming = {
  delayLoopUs: 0,
  retry: 0,
  delayBeforeRetryUs: 0,
  warmupUs: 0,
  alpha: false,
  logAllFailures: false,
  connectTimeoutUs: 0,
  timeoutUs: 0,
} as const;

/** Both have their fields in the order of the schema that let them in. */
function askedText(config: ProbedCheckConfig): string {
  return JSON.stringify({ ...config, ...noTiming });
}

/** Takes over new timing; a probe already due sooner stays due. */
export function updateCheck(turn: Turn, check: Check, config: ProbedCheckConfig): void {
  check.config = config;
  const dueAt = turn.pool.deadlines.at(check);
  if (dueAt === undefined) return;
  turn.pool.deadlines.set(check, Math.min(dueAt, turn.now + config.delayLoopUs));
}

export function startProbe(turn: Turn, check: Check): void {
  const { pool, actions } = turn;
  const probe = pool.nextProbe++;
  check.probe = probe;
  check.startedAt = turn.now;
  pool.probes.set(probe, check);
  const request = { check: check.config, urlIndex: check.urlIndex };
  actions.push({ type: "startProbe", probe, request });
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

function noteDuration({ pool, now }: Turn, { config, startedAt }: Check): void {
  let histogram = pool.probeDurations.get(config.kind);
  if (histogram === undefined) {
    histogram = newHistogram();
    pool.probeDurations.set(config.kind, histogram);
  }
  observe(histogram, now - startedAt);
}

/** Books the end of the probe under way. The check's result and weight may be others afterwards. */
export function finishProbe(turn: Turn, check: Check, result: ProbeResult): void {
  check.probe = null;
  noteDuration(turn, check);
  if (result.outcome === "notRun") bookBlocked(turn, check, result.reason);
  else if (result.outcome === "passed") bookSuccess(turn, check, result.weight);
  else bookFailure(turn, check, result.reason);
}

function bookBlocked(turn: Turn, check: Check, reason: string): void {
  if (check.blockedProbes === 0) {
    const text = `Cannot probe ${check.server.name}: ${reason}, its state stays, trying again`;
    logServer(turn, check.server, "warn", text, { reason });
  }
  check.blockedProbes++;
  schedule(turn, check, check.config.delayLoopUs);
}

function endBlock(turn: Turn, check: Check): void {
  const { server, blockedProbes } = check;
  if (blockedProbes === 0) return;
  check.blockedProbes = 0;
  const text = `Probing ${server.name} again, after ${blockedProbes} probes that were not made`;
  logServer(turn, server, "info", text);
}

function bookSuccess(turn: Turn, check: Check, weight: number | undefined): void {
  endBlock(turn, check);
  check.retriesUsed = 0;
  check.weightChange = weight === undefined ? 0 : weight - check.server.config.weight;
  const isComplete = hasPassedAll(check);
  schedule(turn, check, isSuccessDueAtOnce(check, isComplete) ? 0 : check.config.delayLoopUs);
  if (check.result === true || !isComplete) return;
  check.result = true;
  logSuccess(turn, check);
}

function bookFailure(turn: Turn, check: Check, reason: string): void {
  endBlock(turn, check);
  if (check.result !== false) logFailedProbe(turn, check, reason);
  if (check.result === true && check.retriesUsed < check.config.retry) {
    check.retriesUsed++;
    schedule(turn, check, check.config.delayBeforeRetryUs);
    return;
  }
  schedule(turn, check, stayAtUrl(check));
  if (check.result !== false) logFailure(turn, check, reason);
  check.result = false;
  check.retriesUsed = 0;
}

/** A script's pace counts from its start, as in keepalived; anything else's from its end. */
function schedule(turn: Turn, check: Check, delayUs: number): void {
  if (check.server.virtualServer.isSuspended) return;
  const from = check.config.kind === "MISC_CHECK" ? check.startedAt : turn.now;
  turn.pool.deadlines.set(check, Math.max(from + delayUs, turn.now + minimumDelayUs));
}
