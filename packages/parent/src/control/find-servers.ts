// Which real servers an operator means by address and port. Goes by what the checker has reported,
// so that servers are found which the configuration names otherwise. Changes nothing.

import type { Mirror } from "../core/mirror.js";

export interface ServerPlace {
  /** Canonical. */
  readonly address: string;
  readonly port: string;
  /** A name as the log has it; undefined = every virtual server. */
  readonly virtualServer: string | undefined;
}

export interface FoundServer {
  readonly virtualServer: string;
  readonly realServer: string;
}

const shownMax = 20;

/** Those that are on their way out need no order. */
export function findServers(
  { realServers }: Pick<Mirror, "realServers">,
  { address, port, virtualServer }: ServerPlace,
): FoundServer[] {
  const found: FoundServer[] = [];
  for (const [owner, servers] of realServers) {
    if (virtualServer !== undefined && virtualServer !== owner) continue;
    for (const { realServer, draining } of servers.values()) {
      const isMeant = realServer.startsWith(`[${address}]:`) && realServer.endsWith(`:${port}`);
      if (isMeant && draining === undefined) found.push({ virtualServer: owner, realServer });
    }
  }
  return found;
}

/** Some of those that there are, for who asked for another. */
export function someServers({ realServers }: Pick<Mirror, "realServers">): string[] {
  const names: string[] = [];
  for (const [owner, servers] of realServers) {
    for (const realServer of servers.keys()) {
      if (names.length === shownMax) return names;
      names.push(`${realServer} of ${owner}`);
    }
  }
  return names;
}
