// What a configuration makes of the real servers of one virtual server and of their checks. Real
// servers match by address and port, checks by what they ask; what matches keeps its state.

import { realServerName } from "@keepalived-ts/shared-config/base/service-name";
import type {
  RealServerSnapshot,
  VirtualServerSnapshot,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { RealServerConfig } from "@keepalived-ts/shared-config/schema/config";
import { type ProbedCheckConfig, probedChecks } from "./acted-on.js";
import { createCheck, dropCheck, isSameCheck, updateCheck } from "./check.js";
import { beginDrain, forgetDrain } from "./drain.js";
import { judgeFiles } from "./file-check.js";
import { destinationText } from "./ipvs-table.js";
import { knownServers } from "./named-servers.js";
import { serverNotice } from "./notice.js";
import {
  hasFailed,
  isServerUp,
  reportServer,
  takeUpState,
  takeUpWeight,
  warmUp,
} from "./real-server.js";
import { virtualServerText } from "./service-keys.js";
import { effectiveWeight } from "./service-plan.js";
import { beginSlowStart, continueSlowStart, endSlowStart } from "./slow-start.js";
import {
  type Check,
  log,
  logServer,
  type RealServer,
  type Turn,
  type VirtualServer,
} from "./state.js";
import { snapshotOf } from "./view.js";

/** What a dead predecessor knew. */
export interface Resumed {
  /** By virtual server and real server name. */
  readonly servers: ReadonlyMap<string, RealServerSnapshot>;
  /** By virtualServerText(). */
  readonly quorums: ReadonlyMap<string, boolean>;
  /** Of groups that have one (nftables_ipvs). */
  readonly marks: ReadonlyMap<string, number>;
}

export const nothingResumed: Resumed = { servers: new Map(), quorums: new Map(), marks: new Map() };

export function resumedStates(
  servers: readonly RealServerSnapshot[],
  virtualServers: readonly VirtualServerSnapshot[],
): Resumed {
  return {
    servers: new Map(servers.map((one) => [resumeKey(one.virtualServer, one.realServer), one])),
    quorums: new Map(
      virtualServers.map(({ virtualServer: name, key, hasQuorum }) => [
        virtualServerText({ name, key }),
        hasQuorum,
      ]),
    ),
    marks: new Map(
      virtualServers.flatMap(({ virtualServer: name, key, mark }) =>
        mark === undefined ? [] : [[virtualServerText({ name, key }), mark] as const],
      ),
    ),
  };
}

function resumeKey(virtualServer: string, realServer: string): string {
  return `${virtualServer}\n${realServer}`;
}

/** Takes up the servers of `virtualServer.config`; returns those that are in it no more. */
export function updateServers(
  turn: Turn,
  virtualServer: VirtualServer,
  resumed: Resumed,
): RealServer[] {
  const { config, servers: before } = virtualServer;
  virtualServer.servers = new Map();
  // Those of a virtual server that is new are all as cold.
  const isAdded = before.size > 0;
  for (const realServer of knownServers(turn.pool, config)) {
    const text = destinationText(realServer);
    const known = before.get(text);
    forgetDrain(turn, virtualServer, text);
    if (realServer.dnsName !== undefined && isTwin(virtualServer, text)) continue;
    if (virtualServer.servers.has(text)) {
      const name = realServerName(config.key, realServer);
      log(turn, "warn", `Cannot use service ${name} twice in VS ${config.name}: left out`);
    } else if (known === undefined) {
      virtualServer.servers.set(
        text,
        createServer(turn, virtualServer, realServer, resumed, isAdded),
      );
    } else {
      virtualServer.servers.set(text, known);
      updateServer(turn, known, realServer);
    }
  }
  const dropped: RealServer[] = [];
  for (const [text, server] of before) {
    if (virtualServer.servers.has(text)) continue;
    logServer(turn, server, "info", `service ${server.name} no longer exist`);
    if (!beginDrain(turn, server)) dropped.push(server);
    else endChecks(turn, server);
  }
  return dropped;
}

function endChecks(turn: Turn, server: RealServer): void {
  for (const check of server.checks) dropCheck(turn, check);
  endSlowStart(turn, server);
}

/** What DNS says of a name may stand here by its address, which counts, or be another name's. */
function isTwin({ config, servers }: VirtualServer, text: string): boolean {
  return (
    servers.has(text) ||
    config.realServers.some((one) => one.dnsName === undefined && destinationText(one) === text)
  );
}

/** Ends the checks of a server that has left the table, and tells of it. */
export function dropServer(turn: Turn, server: RealServer): void {
  const { name, config, virtualServer } = server;
  endChecks(turn, server);
  const where = virtualServer.config.name;
  if (server.isUp) {
    logServer(turn, server, "info", `Removing service ${name} from VS ${where}`);
    server.isUp = false;
    reportServer(turn, server, serverNotice(server, "Removing"));
  } else if (config.inhibitOnFailure) {
    logServer(turn, server, "info", `Removing (inhibited) service ${name} from VS ${where}`);
  }
  turn.actions.push({ type: "reportRealServerRemoved", virtualServer: where, realServer: name });
}

function createServer(
  turn: Turn,
  virtualServer: VirtualServer,
  config: RealServerConfig,
  resumed: Resumed,
  isAdded: boolean,
): RealServer {
  const where = virtualServer.config.name;
  const name = realServerName(virtualServer.config.key, config);
  const { weight } = config;
  const files = judgeFiles(config, turn.pool.fileValues);
  const past = resumed.servers.get(resumeKey(where, name));
  const isDrained = past?.isDrained === true;
  const server: RealServer = {
    virtualServer,
    config,
    name,
    checks: [],
    files,
    isUp: true,
    weight,
    isDrained,
    isCold: isAdded && past === undefined,
    slowStart: null,
  };
  // Results go by position: with another number of checks nobody can tell which is which.
  const checks = probedChecks(config);
  const results = past?.checks.length === checks.length ? past.checks : [];
  server.checks = checks.map((one, i) => {
    const presumed = !one.alpha || past?.isUp === true;
    return createCheck(turn, server, one, { result: results[i] ?? null, presumed });
  });
  if (past !== undefined) resumeWeight(server, past.weight);
  server.weight = effectiveWeight(server);
  server.isUp = isServerUp(server);
  if (hasFailed(server)) server.isCold = true;
  if (server.isUp && past?.slowStartedAt === undefined) warmUp(turn, server);
  else if (server.isUp) beginSlowStart(turn, server, past?.slowStartedAt);
  for (const _ of checks) {
    log(turn, "detail", `Activating healthchecker for service ${name} for VS ${where}`);
  }
  reportServer(turn, server);
  if (turn.pool.settings?.rsInitNotifies && server.isUp && past === undefined) {
    turn.pool.heldNotices.push({ server, notice: serverNotice(server, null) });
  }
  return server;
}

/** What the weight was beyond the configuration and the files, a script had set. */
function resumeWeight(server: RealServer, weight: number): void {
  const { checks, config, files } = server;
  const dynamic = checks.find(({ config: one }) => one.kind === "MISC_CHECK" && one.isDynamic);
  if (dynamic !== undefined) dynamic.weightChange = weight - config.weight - files.weightChange;
}

function updateServer(turn: Turn, server: RealServer, config: RealServerConfig): void {
  const before = JSON.stringify(snapshotOf(server));
  server.config = config;
  server.files = judgeFiles(config, turn.pool.fileValues);
  const unmatched = [...server.checks];
  server.checks = probedChecks(config).map((one) =>
    keepOrCreateCheck(turn, server, one, unmatched),
  );
  for (const check of unmatched) dropCheck(turn, check);
  takeUpWeight(turn, server);
  continueSlowStart(turn, server);
  if (takeUpState(turn, server)) {
    turn.pool.heldNotices.push({ server, notice: serverNotice(server, null) });
  }
  // The parent knows it already; of thousands of servers a reload changes few.
  if (JSON.stringify(snapshotOf(server)) !== before) reportServer(turn, server);
}

/** The check that already asks what `config` asks (taken out of `unmatched`), or a new one. */
function keepOrCreateCheck(
  turn: Turn,
  server: RealServer,
  config: ProbedCheckConfig,
  unmatched: Check[],
): Check {
  const index = unmatched.findIndex((check) => isSameCheck(check.config, config));
  const [known] = index < 0 ? [] : unmatched.splice(index, 1);
  if (known === undefined) {
    // One that is new must not take a server down that is up.
    return createCheck(turn, server, config, {
      result: null,
      presumed: !config.alpha || server.isUp,
    });
  }
  updateCheck(turn, known, config);
  return known;
}
