// nftables_ipvs: a group of addresses is one service by firewall mark, and nftables sets the mark.
// Decides which mark a virtual server has and what is to be marked with it; sets nothing.
// Follows keepalived 2.2.7: groups with a mark of their own are left as they are, one mark a
// virtual server, from the first on.

import type { GroupEntry, GroupKey, ServiceKey } from "@keepalived-ts/shared-config/schema/config";
import type { Pool, Turn, VirtualServer } from "./state.js";

/** Every address from the first to the last. */
export interface MarkedAddresses {
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly first: string;
  readonly last: string;
  /** 0 = every port. */
  readonly port: number;
  readonly mark: number;
}

/** All that is to be marked; nothing = there is to be no table. */
export interface MarksOrder {
  readonly table: string;
  readonly priority: number;
  readonly marked: readonly MarkedAddresses[];
}

const markMax = 0xffff_ffff;

/** A mark stays with its virtual server; a new one gets the first that nobody has. */
export function assignMarks(turn: Turn): void {
  const { virtualServers, groupMarks } = turn.pool;
  const all = [...virtualServers.values()];
  for (const server of all) if (!isMarked(turn.pool, server)) server.mark = null;
  if (groupMarks === null) return;
  const taken = new Set(all.flatMap(marksOf));
  let next = groupMarks.firstMark;
  for (const server of all) {
    if (server.mark !== null || !isMarked(turn.pool, server)) continue;
    while (taken.has(next) && next < markMax) next += 1;
    server.mark = next;
    taken.add(next);
  }
}

/** Orders what nftables is to have, if that is new. */
export function orderMarks(turn: Turn): void {
  const { pool, actions } = turn;
  const { groupMarks, virtualServers, isStopping } = pool;
  if (groupMarks === null) return;
  const { table, priority } = groupMarks;
  const marked = isStopping ? [] : [...virtualServers.values()].flatMap(markedBy);
  const text = JSON.stringify(marked);
  // At the start too: an earlier daemon may have left a table.
  if (text === pool.markedText) return;
  pool.markedText = text;
  actions.push({ type: "markGroups", order: { table, priority, marked } });
}

/** A service for each family that the group has addresses of. */
export function markKeys(mark: number, entries: readonly GroupEntry[]): ServiceKey[] {
  const families = ([4, 6] as const).filter((family) =>
    entries.some((entry) => entry.kind === "addresses" && familyOf(entry.first) === family),
  );
  return families.map((family) => ({ kind: "fwmark", mark, family }));
}

function isMarked({ groupMarks }: Pool, { config: { key }, entries }: VirtualServer): boolean {
  if (groupMarks === null || key.kind !== "group" || key.protocol === undefined) return false;
  return entries.length > 0 && entries.every(({ kind }) => kind === "addresses");
}

/** Also those that the configuration names. */
function marksOf({ mark, config: { key }, entries }: VirtualServer): number[] {
  const own = mark === null ? [] : [mark];
  const named = entries.flatMap((entry) => (entry.kind === "fwmark" ? [entry.mark] : []));
  return key.kind === "fwmark" ? [...own, key.mark] : [...own, ...named];
}

function markedBy({ mark, config: { key }, entries }: VirtualServer): MarkedAddresses[] {
  const { protocol } = key as GroupKey;
  if (mark === null || protocol === undefined) return [];
  return entries.flatMap((entry) => {
    if (entry.kind !== "addresses") return [];
    const { first, last, port } = entry;
    return [{ protocol, first, last, port, mark }];
  });
}

function familyOf(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}
