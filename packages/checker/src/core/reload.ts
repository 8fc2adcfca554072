// Takes over a configuration, first or later, as a difference: what is unchanged keeps its state,
// its timers and its probe under way. Virtual servers match by their key, real servers by address
// and port, checks by what they ask.

import type { RealServerSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import type { CheckerConfig, RealServerConfig } from "@keepalived-ts/shared-config/schema/config";
import {
  type ProbedCheckConfig,
  probedChecks,
  type SingleServer,
  singleServers,
} from "./acted-on.js";
import { createCheck, dropCheck, isSameCheck, updateCheck } from "./check.js";
import { destinationText, serviceText } from "./ipvs-table.js";
import { reconcileService, requestReading, withdrawService } from "./kernel-table.js";
import { isServerUp, reportServer, updateQuorum } from "./real-server.js";
import { effectiveWeight, realServerName, servicesNamed } from "./service-plan.js";
import { type Check, log, type RealServer, type Service, type Turn } from "./state.js";

/** What a dead predecessor knew of a real server, by virtual server and real server name. */
type Resumed = ReadonlyMap<string, RealServerSnapshot>;

export function handleConfigured(
  turn: Turn,
  generation: number,
  config: CheckerConfig,
  resume: readonly RealServerSnapshot[],
): void {
  const { pool } = turn;
  const resumed: Resumed = new Map(
    resume.map((one) => [resumeKey(one.virtualServer, one.realServer), one]),
  );
  const before = pool.services;
  pool.services = new Map();
  for (const virtualServer of singleServers(config)) {
    const text = serviceText(virtualServer.key);
    if (pool.services.has(text)) {
      log(turn, "warn", `Cannot use VS ${virtualServer.name} twice: the second one is left out`);
      continue;
    }
    const service = before.get(text) ?? createService(virtualServer, text);
    pool.services.set(text, service);
    pool.orphans.delete(text);
    updateService(turn, service, virtualServer, resumed);
  }
  for (const [text, service] of before) {
    if (!pool.services.has(text)) removeService(turn, service);
  }
  withdrawLostServices(turn, resume);
  pool.toldFailures.clear();
  pool.reading.hasRetriedFailure = false;
  pool.pendingGeneration = generation;
  requestReading(turn);
}

function resumeKey(virtualServer: string, realServer: string): string {
  return `${virtualServer}\n${realServer}`;
}

/**
 * A reload while no child was there can have removed services: a predecessor's are ours to delete.
 */
function withdrawLostServices(turn: Turn, resume: readonly RealServerSnapshot[]): void {
  const { services } = turn.pool;
  const names = new Set([...services.values()].map((service) => service.config.name));
  for (const name of new Set(resume.map((one) => one.virtualServer))) {
    if (names.has(name)) continue;
    for (const key of servicesNamed(name)) withdrawService(turn, key);
  }
}

function createService(config: SingleServer, text: string): Service {
  return {
    config,
    text,
    servers: new Map(),
    isKernelKnown: false,
    isRefused: false,
    hasQuorum: false,
  };
}

function updateService(turn: Turn, service: Service, config: SingleServer, resumed: Resumed): void {
  const before = service.servers;
  service.config = config;
  service.servers = new Map();
  for (const realServer of config.realServers) {
    const text = destinationText(realServer);
    const known = before.get(text);
    if (service.servers.has(text)) {
      const name = realServerName(config.key, realServer);
      log(turn, "warn", `Cannot use service ${name} twice in VS ${config.name}: left out`);
    } else if (known === undefined) {
      service.servers.set(text, createServer(turn, service, realServer, resumed));
    } else {
      service.servers.set(text, known);
      updateServer(turn, known, realServer);
    }
  }
  for (const [text, server] of before) {
    if (service.servers.has(text)) continue;
    log(turn, "info", `service ${server.name} no longer exist`);
    dropServer(turn, server);
  }
  updateQuorum(turn, service);
  reconcileService(turn, service);
}

function removeService(turn: Turn, service: Service): void {
  log(turn, "info", `Removing Virtual Server ${service.config.name}`);
  for (const server of service.servers.values()) {
    if (server.isUp) {
      log(turn, "info", `Removing service ${server.name} from VS ${service.config.name}`);
    }
  }
  withdrawService(turn, service.config.key);
  for (const server of service.servers.values()) dropServer(turn, server);
}

function createServer(
  turn: Turn,
  service: Service,
  config: RealServerConfig,
  resumed: Resumed,
): RealServer {
  const name = realServerName(service.config.key, config);
  const { weight } = config;
  const server: RealServer = { service, config, name, checks: [], isUp: true, weight };
  const past = resumed.get(resumeKey(service.config.name, name));
  // Results go by position: with another number of checks nobody can tell which is which.
  const checks = probedChecks(config);
  const results = past?.checks.length === checks.length ? past.checks : [];
  server.checks = checks.map((one, i) => createCheck(turn, server, one, results[i] ?? null));
  server.isUp = isServerUp(server);
  for (const _ of checks) {
    const text = `Activating healthchecker for service ${name} for VS ${service.config.name}`;
    log(turn, "detail", text);
  }
  reportServer(turn, server);
  return server;
}

function updateServer(turn: Turn, server: RealServer, config: RealServerConfig): void {
  const { service, name } = server;
  server.config = config;
  const unmatched = [...server.checks];
  server.checks = probedChecks(config).map((one) =>
    keepOrCreateCheck(turn, server, one, unmatched),
  );
  for (const check of unmatched) dropCheck(turn, check);
  const weight = effectiveWeight(server);
  if (server.isUp && server.weight !== weight) {
    const where = `for active service ${name} of VS ${service.config.name}`;
    log(turn, "info", `Changing weight from ${server.weight} to ${weight} ${where}`);
  }
  server.weight = weight;
  const isUp = isServerUp(server);
  if (isUp !== server.isUp) {
    server.isUp = isUp;
    const move = isUp ? "Adding" : "Removing";
    const where = isUp ? "to" : "from";
    log(turn, "info", `${move} service ${name} ${where} VS ${service.config.name}`);
  }
  reportServer(turn, server);
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
  if (known === undefined) return createCheck(turn, server, config, null);
  updateCheck(turn, known, config);
  return known;
}

function dropServer(turn: Turn, server: RealServer): void {
  for (const check of server.checks) dropCheck(turn, check);
  turn.actions.push({
    type: "reportRealServerRemoved",
    virtualServer: server.service.config.name,
    realServer: server.name,
  });
}
