// The table of failures of a cluster, as text for people and as plain values for JSON.

import type { Cluster, Failure, FailureRow } from "./cluster-failures.js";
import type { Match } from "./cluster-match.js";
import type { TrackKind } from "./draft.js";
import { shorten } from "./keyword.js";

/** One virtual router in JSON; the fields are promised. */
export interface JsonVirtualRouter {
  readonly virtualRouterId: number;
  readonly family: 4 | 6;
  readonly instances: readonly { readonly node: string; readonly name: string }[];
  readonly rows: readonly JsonRow[];
}

export interface JsonRow {
  /** "none": all is well; "router": the node is gone; "tracked": something fails on it. */
  readonly failure: "none" | "router" | "tracked";
  readonly node: string | null;
  readonly tracked: { readonly kind: string; readonly name: string } | null;
  /** What is left to the node's instance; null where it is gone or in FAULT. */
  readonly priority: number | null;
  readonly isFault: boolean;
  /** The node that is MASTER then; null = nobody, or not decided. */
  readonly master: string | null;
  /** Equal priorities, or a sync group that does not agree. */
  readonly isUndecided: boolean;
}

const kindNames: Readonly<Record<TrackKind, string>> = {
  interfaces: "interface",
  scripts: "script",
  files: "file",
  processes: "process",
  bfdInstances: "bfd",
};

export function jsonTable(cluster: Cluster): JsonVirtualRouter[] {
  return cluster.matches.map((match) => ({
    virtualRouterId: match.virtualRouterId,
    family: match.family,
    instances: match.routers.map(({ node, instance }) => ({
      node: node.name,
      name: instance.name,
    })),
    rows: cluster.rows(match).map(jsonRow),
  }));
}

function jsonRow({ failure, priority, master, isUndecided }: FailureRow): JsonRow {
  const isTracked = failure.kind === "tracked";
  return {
    failure: failure.kind,
    node: failure.kind === "none" ? null : failure.node.name,
    tracked: isTracked
      ? { kind: kindNames[failure.tracked.kind], name: failure.tracked.name }
      : null,
    priority: typeof priority === "number" ? priority : null,
    isFault: priority === "FAULT",
    master: master?.node.name ?? null,
    isUndecided,
  };
}

/** Lines that say who is MASTER when all is well, and after each failure. */
export function textTable(cluster: Cluster): string {
  return cluster.matches.map((match) => virtualRouterText(match, cluster.rows(match))).join("");
}

function virtualRouterText(match: Match, rows: readonly FailureRow[]): string {
  const names = new Set(match.routers.map(({ instance }) => shorten(instance.name)));
  const identity = `virtual_router_id ${match.virtualRouterId}, IPv${match.family}`;
  const title = `${identity}, ${[...names].join(" / ")}`;
  const cells = rows.map((row) => [whenText(row), masterText(row)] as const);
  const width = Math.max(...cells.map(([when]) => when.length));
  return [title, ...cells.map(([when, master]) => `  ${when.padEnd(width)}  ${master}`), ""].join(
    "\n",
  );
}

function whenText({ failure, priority }: FailureRow): string {
  const left = priority === undefined ? "" : ` (${priority})`;
  return `${eventText(failure)}${left}`;
}

function eventText(failure: Failure): string {
  switch (failure.kind) {
    case "none":
      return "all is well";
    case "router":
      return `${failure.node.name} is gone`;
    case "tracked": {
      const { kind, name, reverse } = failure.tracked;
      const event = reverse ? "is well (reverse)" : "fails";
      return `${failure.node.name}: ${kindNames[kind]} ${shorten(name)} ${event}`;
    }
  }
}

function masterText({ master, isUndecided }: FailureRow): string {
  if (master !== undefined) return `MASTER ${master.node.name}`;
  return isUndecided ? "not decided by priority" : "nobody";
}
