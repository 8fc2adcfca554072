// ha_suspend: the checks of a virtual server run only while this host has its address, of a group
// one of its addresses (keepalived never starts those). Servers keep their state meanwhile. Follows
// update_checker_activity of keepalived's check/check_api.c.

import { restartCheck, suspendCheck } from "./check.js";
import { log, type Turn, type VirtualServer } from "./state.js";

/** `addresses`: all that this host has now. */
export function handleAddresses(turn: Turn, addresses: readonly string[]): void {
  turn.pool.addresses = new Set(addresses);
  for (const server of turn.pool.virtualServers.values()) updateSuspension(turn, server);
}

/** To be called when the addresses, or the services of `server`, may be others. */
export function updateSuspension(turn: Turn, server: VirtualServer): void {
  const isSuspended = server.config.haSuspend && !hasOwnAddress(turn, server);
  if (isSuspended === server.isSuspended) return;
  server.isSuspended = isSuspended;
  const deed = isSuspended ? "Suspending" : "Activating";
  for (const { name, checks } of server.servers.values()) {
    for (const check of checks) {
      const text = `${deed} healthchecker for service ${name} for VS ${server.config.name}`;
      log(turn, "info", text);
      if (isSuspended) suspendCheck(turn, check);
      else restartCheck(turn, check);
    }
  }
}

function hasOwnAddress({ pool }: Turn, { services }: VirtualServer): boolean {
  return services.some(({ key }) => key.kind === "address" && pool.addresses.has(key.address));
}
