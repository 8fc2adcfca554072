// Real servers by DNS name: which names are to be looked up, and what an answer makes of the
// virtual servers that have the name. Looks nothing up itself; an answer is never empty, so that a
// name that cannot be resolved any more keeps the servers that it had.

import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import type { NameAnswer } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  RealServerConfig,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { reconcileService, tellHeldNotices } from "./kernel-table.js";
import { dropServer, nothingResumed, updateServers } from "./reload-server.js";
import { log, type Pool, type Turn, type VirtualServer } from "./state.js";
import { judgeQuorum, reportVirtualServer } from "./virtual-server.js";

/** A name is looked up for one family at a time. */
export type WatchedName = Pick<NameAnswer, "name" | "family">;

export function nameText({ name, family }: WatchedName): string {
  return `${name} ${family}`;
}

/** To be called with each configuration: whose answers count from now on. */
export function watchNames({ pool, actions }: Turn, servers: readonly VirtualServerConfig[]): void {
  const wanted = new Map<string, WatchedName>();
  for (const { realServers } of servers) {
    for (const { dnsName: name, address } of realServers) {
      if (name === undefined) continue;
      const watched = { name, family: ipFamily(address) };
      wanted.set(nameText(watched), watched);
    }
  }
  for (const text of pool.answers.keys()) if (!wanted.has(text)) pool.answers.delete(text);
  if (wanted.size === 0 && !pool.hasNames) return;
  pool.hasNames = wanted.size > 0;
  actions.push({ type: "watchNames", names: [...wanted.values()] });
}

/** The real servers of a virtual server as far as they are known, each with an address. */
export function knownServers(pool: Pool, { realServers }: VirtualServerConfig): RealServerConfig[] {
  const known: RealServerConfig[] = [];
  for (const server of realServers) {
    if (server.dnsName === undefined) known.push(server);
    else for (const address of addressesOf(pool, server)) known.push(withAddress(server, address));
  }
  return known;
}

function addressesOf({ answers }: Pool, { dnsName, address }: RealServerConfig): readonly string[] {
  if (dnsName === undefined) return [];
  return answers.get(nameText({ name: dnsName, family: ipFamily(address) })) ?? [];
}

function withAddress(server: RealServerConfig, address: string): RealServerConfig {
  const checks = server.checks.map((check) =>
    "connectAddress" in check && check.connectAddress === server.address
      ? { ...check, connectAddress: address }
      : check,
  );
  return { ...server, address, checks };
}

/** DNS has another answer for a name. */
export function handleNameResolved(turn: Turn, answer: NameAnswer): void {
  const { pool, actions } = turn;
  const { name, family, addresses } = answer;
  const servers = [...pool.virtualServers.values()].filter((one) => hasName(one, answer));
  // A reload has taken the name away meanwhile.
  if (servers.length === 0) return;
  // A successor hears again what its predecessor has told it.
  if (pool.answers.get(nameText(answer))?.join(" ") === addresses.join(" ")) return;
  pool.answers.set(nameText(answer), addresses);
  const what = family === 4 ? "IPv4" : "IPv6";
  log(turn, "info", `DNS has for ${name} (${what}) now ${addresses.join(", ")}`);
  actions.push({ type: "reportName", answer: { name, family, addresses } });
  for (const server of servers) followAnswer(turn, server);
  if (pool.pendingGeneration === null) tellHeldNotices(turn);
}

function hasName({ config }: VirtualServer, { name, family }: WatchedName): boolean {
  return config.realServers.some(
    ({ dnsName, address }) => dnsName === name && ipFamily(address) === family,
  );
}

/** As a reload that changes this virtual server alone. */
function followAnswer(turn: Turn, server: VirtualServer): void {
  const dropped = updateServers(turn, server, nothingResumed);
  const { notice } = judgeQuorum(turn, server, false);
  for (const service of server.services) reconcileService(turn, service);
  // What is reported as gone has left the table.
  for (const one of dropped) dropServer(turn, one);
  reportVirtualServer(turn, server, notice);
}
