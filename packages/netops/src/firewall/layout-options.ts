// What is asked of the tables of keepalived-layout.ts beyond their content: another name, another
// priority, counters, and nothing in a family that has nothing to be there for. Pure; alters
// changes, makes none.

import { type LayoutOptions, layoutChanges } from "./keepalived-layout.js";
import type { Expression, FirewallChange, TableKey } from "./types.js";

export interface TableOptions {
  readonly table: string;
  /** Of the chains that have a hook. */
  readonly priority: number;
  readonly hasCounters: boolean;
}

/** What the table of one family is for. */
export interface FamilyNeeds {
  readonly hasAddresses: boolean;
  /** Of IPv6: some of the addresses are link-local. */
  readonly hasLinkLocal: boolean;
  readonly hasVirtualMacs: boolean;
}

export type TableNeeds = Readonly<Record<"ip" | "ip6", FamilyNeeds>>;

type Layout = Pick<LayoutOptions, "interfacesBy" | "reports">;

const linkLocalSet = "vips_link_local";
const linkLocalChains: readonly string[] = ["in_link_local", "out_link_local"];

/** The tables that `needs` ask for, as keepalived makes them: only what something is for. */
export function neededChanges(needs: TableNeeds, layout: Layout): readonly FirewallChange[] {
  return (["ip", "ip6"] as const).flatMap((family) => {
    const { hasLinkLocal, ...content } = needs[family];
    const changes = layoutChanges({ ...layout, ...content }).filter(
      (change) => tableOf(change).family === family,
    );
    return hasLinkLocal ? changes : changes.filter((change) => !isForLinkLocal(change));
  });
}

/** The same changes as these options want them. */
export function withTableOptions(
  changes: readonly FirewallChange[],
  options: TableOptions,
): readonly FirewallChange[] {
  return changes.map((change) => altered(change, options));
}

/** The chains are there all the same, as keepalived leaves them. */
function isForLinkLocal(change: FirewallChange): boolean {
  if (change.type === "addRule") return linkLocalChains.includes(change.rule.chain);
  return change.type === "addSet" && change.set.name === linkLocalSet;
}

function tableOf(change: FirewallChange): TableKey {
  switch (change.type) {
    case "addTable":
    case "deleteTable":
      return change.table;
    case "addChain":
      return change.chain.table;
    case "addRule":
      return change.rule.table;
    default:
      return change.set.table;
  }
}

function altered(change: FirewallChange, options: TableOptions): FirewallChange {
  const table = { ...tableOf(change), name: options.table };
  switch (change.type) {
    case "addTable":
    case "deleteTable":
      return { ...change, table };
    case "addChain": {
      const { base } = change.chain;
      const own = base && { ...base, priority: options.priority };
      return { ...change, chain: { ...change.chain, table, base: own } };
    }
    case "addRule": {
      const { expressions } = change.rule;
      const all = options.hasCounters ? counted(expressions) : expressions;
      return { ...change, rule: { ...change.rule, table, expressions: all } };
    }
    case "addSet":
      return { ...change, set: { ...change.set, table } };
    case "deleteSet":
      return { ...change, set: { ...change.set, table } };
    default:
      return { ...change, set: { ...change.set, table } };
  }
}

/** What meets a rule is counted just before its fate. */
function counted(expressions: readonly Expression[]): readonly Expression[] {
  return [...expressions.slice(0, -1), { type: "counter" }, ...expressions.slice(-1)];
}
