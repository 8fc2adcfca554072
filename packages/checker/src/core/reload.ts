// Takes over a configuration, first or later, as a difference: what is unchanged keeps its state,
// its timers and its probe under way. Virtual servers match by their key, and the services that
// they are in the kernel by theirs. What becomes of real servers stands in reload-server.ts.

import type { VirtualServerSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import type { GroupEntry, VirtualServerConfig } from "@keepalived-ts/shared-config/schema/config";
import { forgetDrain, reportDrain, resumeDrains } from "./drain.js";
import type { CheckerEvent } from "./event.js";
import { assignMarks, orderMarks } from "./group-marks.js";
import { destinationText, serviceText } from "./ipvs-table.js";
import { reconcileService, requestReading, withdrawService } from "./kernel-table.js";
import { nameText, watchNames } from "./named-servers.js";
import { quorumNotice } from "./notice.js";
import { reportServer } from "./real-server.js";
import { dropServer, type Resumed, resumedStates, updateServers } from "./reload-server.js";
import { serviceKeys, virtualServerText } from "./service-keys.js";
import { takeUpSettings } from "./settings.js";
import { type IpvsService, log, type RealServer, type Turn, type VirtualServer } from "./state.js";
import { updateSuspension } from "./suspension.js";
import { virtualServerSnapshot } from "./view.js";
import { judgeQuorum, reportVirtualServer } from "./virtual-server.js";

type Configured = Extract<CheckerEvent, { type: "configured" }>;

export function handleConfigured(turn: Turn, event: Configured): void {
  const { pool } = turn;
  const before = pool.virtualServers;
  // What becomes of those that are removed now is told at once.
  pool.pendingGeneration = null;
  pool.fileValues = new Map(event.trackers.map(({ name, value }) => [name, value]));
  pool.isSyncMaster = event.isSyncMaster;
  for (const answer of event.answers ?? []) pool.answers.set(nameText(answer), answer.addresses);
  watchNames(turn, event.config.virtualServers);
  if (pool.settings === null) pool.groupMarks = event.config.ipvs.groupMarks ?? null;
  takeUpSettings(turn, event.config.ipvs, event.resumeVirtualServers.length > 0);
  pool.virtualServers = new Map();
  const { dropped, renamed } = takeUpVirtualServers(turn, before, event);
  forgetNoticesOfOthers(turn);
  replaceServices(turn);
  watchAddresses(turn);
  // What is reported as gone has left the table.
  for (const server of dropped) dropServer(turn, server);
  for (const [text, server] of before) {
    if (!pool.virtualServers.has(text)) removeVirtualServer(turn, server);
  }
  for (const server of renamed) reportWhole(turn, server);
  withdrawLostServices(turn, event.resumeVirtualServers);
  pool.toldFailures.clear();
  pool.reading.hasRetriedFailure = false;
  pool.pendingGeneration = event.generation;
  requestReading(turn);
}

/** A group's goes by its place among those of the group, which changes when another one goes. */
function forgetName({ actions }: Turn, { config, servers, draining }: VirtualServer): void {
  const { name: virtualServer, key } = config;
  for (const { name: realServer } of [...servers.values(), ...draining.values()]) {
    actions.push({ type: "reportRealServerRemoved", virtualServer, realServer });
  }
  actions.push({ type: "reportVirtualServerRemoved", virtualServer, key });
}

/** Under its new name, which another one has left. */
function reportWhole(turn: Turn, server: VirtualServer): void {
  for (const one of server.servers.values()) reportServer(turn, one);
  for (const drain of server.draining.values()) reportDrain(turn, drain);
  reportVirtualServer(turn, server, null);
}

interface TakenUp {
  /** Real servers that are in no virtual server any more. */
  readonly dropped: RealServer[];
  readonly renamed: VirtualServer[];
}

function takeUpVirtualServers(
  turn: Turn,
  before: ReadonlyMap<string, VirtualServer>,
  { config, resume, resumeVirtualServers }: Configured,
): TakenUp {
  const { virtualServers } = turn.pool;
  const groups = new Map(config.groups.map(({ name, entries }) => [name, entries]));
  const resumed = resumedStates(resume, resumeVirtualServers);
  const dropped: RealServer[] = [];
  const renamed: VirtualServer[] = [];
  const reportedTexts = new Map<VirtualServer, string | undefined>();
  for (const one of config.virtualServers) {
    const text = virtualServerText(one);
    if (virtualServers.has(text)) {
      log(turn, "warn", `Cannot use VS ${one.name} twice: the second one is left out`);
      continue;
    }
    const entries = one.key.kind === "group" ? (groups.get(one.key.group) ?? []) : [];
    const known = before.get(text);
    const reported = known && JSON.stringify(virtualServerSnapshot(known));
    const server = known ?? createVirtualServer(one, text, resumed);
    virtualServers.set(text, server);
    if (known !== undefined) logEntries(turn, known, entries);
    if (known !== undefined && known.config.name !== one.name) {
      forgetName(turn, known);
      renamed.push(known);
    }
    server.config = one;
    server.entries = entries;
    server.sorryText = one.sorryServer === undefined ? null : destinationText(one.sorryServer);
    dropped.push(...updateServers(turn, server, resumed));
    if (known === undefined) resumeDrains(turn, server, resumed.servers.values());
    const { notice } = judgeQuorum(turn, server, true);
    if (notice !== null) turn.pool.heldNotices.push({ virtualServer: server, notice });
    reportedTexts.set(server, reported);
  }
  // A mark is part of what is reported.
  assignMarks(turn);
  for (const [server, reported] of reportedTexts) {
    if (JSON.stringify(virtualServerSnapshot(server)) !== reported) {
      reportVirtualServer(turn, server, null);
    }
  }
  return { dropped, renamed };
}

/** Of those that are removed the world hears that they are, and no more. */
function forgetNoticesOfOthers({ pool }: Turn): void {
  const all = [...pool.virtualServers.values()];
  const there = new Set([...all, ...all.flatMap(({ servers }) => [...servers.values()])]);
  pool.heldNotices = pool.heldNotices.filter((held) =>
    there.has("server" in held ? held.server : held.virtualServer),
  );
}

function createVirtualServer(
  config: VirtualServerConfig,
  text: string,
  resumed: Resumed,
): VirtualServer {
  const hasQuorum = resumed.quorums.get(text) ?? false;
  return {
    config,
    text,
    entries: [],
    mark: resumed.marks.get(text) ?? null,
    services: [],
    servers: new Map(),
    draining: new Map(),
    sorryText: null,
    hasQuorum,
    // A dead predecessor has told of it.
    isSorryIn: resumed.quorums.has(text) && config.sorryServer !== undefined && !hasQuorum,
    isSuspended: false,
  };
}

/** Only ha_suspend asks for them. */
function watchAddresses(turn: Turn): void {
  const { pool, actions } = turn;
  const virtualServers = [...pool.virtualServers.values()];
  if (!pool.isWatchingAddresses && virtualServers.some(({ config }) => config.haSuspend)) {
    pool.isWatchingAddresses = true;
    actions.push({ type: "watchAddresses" });
  }
  for (const server of virtualServers) updateSuspension(turn, server);
}

/** Says which lines of its group a virtual server has gained and lost. */
function logEntries(turn: Turn, server: VirtualServer, next: readonly GroupEntry[]): void {
  if (server.entries === next || server.config.key.kind !== "group") return;
  const { group } = server.config.key;
  const texts = (entries: readonly GroupEntry[]): Set<string> => new Set(entries.map(entryText));
  const [old, now] = [texts(server.entries), texts(next)];
  for (const text of old) {
    if (!now.has(text)) log(turn, "info", `VS [${text}] in group ${group} no longer exists`);
  }
  for (const text of now) {
    if (!old.has(text)) log(turn, "info", `VS [${text}] added into group ${group}`);
  }
}

function entryText(entry: GroupEntry): string {
  if (entry.kind === "fwmark") return `FWM ${entry.mark}`;
  const { first, last, port } = entry;
  return first === last ? `${first}:${port}` : `${first}-${last}:${port}`;
}

/** Which services there are now and whose they are; orders what that changes in the kernel. */
function replaceServices(turn: Turn): void {
  const { pool } = turn;
  const before = pool.services;
  pool.services = new Map();
  for (const server of pool.virtualServers.values()) {
    const keys = serviceKeys(server.config.key, server.entries, server.mark);
    server.services = keys.map((key) => {
      const service = takeUpService(turn, before, serviceText(key), key);
      if (!service.owners.includes(server)) service.owners.push(server);
      return service;
    });
  }
  for (const service of pool.services.values()) reconcileService(turn, service);
  // New services are there before packets lead to them, old ones still.
  orderMarks(turn);
  for (const [text, { key }] of before) {
    if (!pool.services.has(text)) withdrawService(turn, key);
  }
}

function takeUpService(
  { pool }: Turn,
  before: ReadonlyMap<string, IpvsService>,
  text: string,
  key: IpvsService["key"],
): IpvsService {
  const present = pool.services.get(text);
  if (present !== undefined) return present;
  const service = before.get(text) ?? {
    key,
    text,
    owners: [],
    isKernelKnown: false,
    isRefused: false,
  };
  service.owners = [];
  pool.services.set(text, service);
  pool.orphans.delete(text);
  return service;
}

function removeVirtualServer(turn: Turn, server: VirtualServer): void {
  const { name, key } = server.config;
  const isGroup = key.kind === "group";
  log(turn, "info", `Removing Virtual Server ${isGroup ? `Group [${key.group}]` : name}`);
  const hadQuorum = server.hasQuorum;
  for (const one of server.servers.values()) dropServer(turn, one);
  for (const [text, { name: realServer }] of server.draining) {
    forgetDrain(turn, server, text);
    turn.actions.push({ type: "reportRealServerRemoved", virtualServer: name, realServer });
  }
  if (hadQuorum) {
    server.hasQuorum = false;
    reportVirtualServer(turn, server, quorumNotice(server, false));
  }
  turn.actions.push({ type: "reportVirtualServerRemoved", virtualServer: name, key });
}

/**
 * A reload while no child was there can have removed services: a predecessor's are ours to delete.
 */
function withdrawLostServices(turn: Turn, resumed: readonly VirtualServerSnapshot[]): void {
  const { services, virtualServers } = turn.pool;
  for (const { virtualServer, key, entries, mark = null } of resumed) {
    for (const one of serviceKeys(key, entries, mark)) {
      if (!services.has(serviceText(one))) withdrawService(turn, one);
    }
    if (virtualServers.has(virtualServerText({ name: virtualServer, key }))) continue;
    turn.actions.push({ type: "reportVirtualServerRemoved", virtualServer, key });
  }
}
