// The weight of a server that comes back climbs from 1 to the full one over `slow_start`, so that
// cold caches are not met by all clients at once. Decides when that begins, how far it is, and when
// it ends; the quorum counts the full weight all the while.

import { usPerMs, usPerSecond } from "@keepalived-ts/shared-config/base/units";
import { slowStartSteps } from "./service-plan.js";
import { logServer, type RealServer, type SlowStart, type Turn } from "./state.js";

const stepMinUs = 100 * usPerMs;

/** The server serves from now on, and may have been told to begin slowly. */
export function beginSlowStart(turn: Turn, server: RealServer, startedAt: number = turn.now): void {
  const { config, name, virtualServer } = server;
  if (config.slowStartUs === undefined) return;
  server.slowStart = { server, startedAt, step: 0 };
  climb(turn, server.slowStart, config.slowStartUs);
  if (server.slowStart === null || startedAt !== turn.now || server.weight <= 1) return;
  const seconds = config.slowStartUs / usPerSecond;
  const where = `service ${name} of VS ${virtualServer.config.name}`;
  logServer(
    turn,
    server,
    "info",
    `Slow start of ${where}: weight ${server.weight} in ${seconds} s`,
  );
}

export function endSlowStart({ pool }: Turn, server: RealServer): void {
  if (server.slowStart !== null) pool.deadlines.clear(server.slowStart);
  server.slowStart = null;
}

/** To be called when a step is due, or the configuration may be another one; orders nothing. */
export function continueSlowStart(turn: Turn, server: RealServer): void {
  const { slowStart, config } = server;
  if (slowStart === null) return;
  if (config.slowStartUs === undefined) endSlowStart(turn, server);
  else climb(turn, slowStart, config.slowStartUs);
}

function climb(turn: Turn, slowStart: SlowStart, durationUs: number): void {
  const { startedAt, server } = slowStart;
  const elapsedUs = Math.max(turn.now - startedAt, 0);
  slowStart.step = Math.floor((slowStartSteps * elapsedUs) / durationUs);
  if (slowStart.step >= slowStartSteps) {
    endSlowStart(turn, server);
    return;
  }
  const dueAt = startedAt + Math.ceil(((slowStart.step + 1) * durationUs) / slowStartSteps);
  turn.pool.deadlines.set(slowStart, Math.max(dueAt, turn.now + stepMinUs));
}
