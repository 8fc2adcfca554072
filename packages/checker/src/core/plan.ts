// What a reload would do, found out by doing it: a pool of its own takes up the configuration in
// force with the states of the real one, then the configuration that is asked about, and what that
// orders of a model of the kernel's table is the plan. Touches nothing; decides nothing that
// pool.ts does not decide.

import type {
  NameAnswer,
  PlannedRealServer,
  PlannedServerState,
  PlannedVirtualServer,
  RealServerSnapshot,
  TrackerReport,
  VirtualServerSnapshot,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { CheckerConfig } from "@keepalived-ts/shared-config/schema/config";
import type { CheckerEvent } from "./event.js";
import type { IpvsControl } from "./ipvs-control.js";
import { applyOrder, type IpvsOrder, type IpvsTable, serviceText } from "./ipvs-table.js";
import { createPool, handle, type Pool } from "./pool.js";
import { snapshots, virtualServerSnapshots } from "./view.js";

/** What is in force and known, and what is asked about. */
export interface PlanQuestion {
  readonly running: CheckerConfig;
  readonly next: CheckerConfig;
  readonly realServers: readonly RealServerSnapshot[];
  readonly virtualServers: readonly VirtualServerSnapshot[];
  readonly answers: readonly NameAnswer[];
  readonly trackers: readonly TrackerReport[];
  readonly isSyncMaster: boolean;
  /** What ha_suspend asks for. */
  readonly hostAddresses: readonly string[];
  /** CLOCK_MONOTONIC, microseconds. */
  readonly now: number;
}

export interface CheckerPlan {
  /** In the order in which they would be given. */
  readonly orders: readonly IpvsOrder[];
  readonly controls: readonly IpvsControl[];
  readonly realServers: readonly PlannedRealServer[];
  readonly virtualServers: readonly PlannedVirtualServer[];
}

export function planReload(question: PlanQuestion): CheckerPlan {
  const pool = createPool({ seed: 1 });
  const table: IpvsTable = new Map();
  const { realServers, virtualServers, answers } = question;
  const resumed = { resume: realServers, resumeVirtualServers: virtualServers, answers };
  const { trackers, isSyncMaster } = question;
  const known = { type: "configured", trackers, isSyncMaster } as const;
  run(pool, table, question, { ...known, generation: 1, config: question.running, ...resumed });
  const before = statesOf(pool);
  const nothing = { resume: [], resumeVirtualServers: [], answers };
  const event = { ...known, generation: 2, config: question.next, ...nothing };
  const { orders, controls } = run(pool, table, question, event);
  const after = statesOf(pool);
  return {
    orders,
    controls,
    realServers: differences(before.servers, after.servers).map(([key, was, is]) => ({
      ...key,
      before: was,
      after: is,
    })),
    virtualServers: differences(before.quorums, after.quorums).map(([key, was, is]) => ({
      ...key,
      hadQuorum: was,
      hasQuorum: is,
    })),
  };
}

/** Carries out what concerns the table, and answers what is asked of it. */
function run(
  pool: Pool,
  table: IpvsTable,
  { hostAddresses, now }: PlanQuestion,
  first: CheckerEvent,
): Pick<CheckerPlan, "orders" | "controls"> {
  const orders: IpvsOrder[] = [];
  const controls: IpvsControl[] = [];
  const events: CheckerEvent[] = [first];
  for (let event = events.shift(); event !== undefined; event = events.shift()) {
    for (const action of handle(pool, event, now)) {
      if (action.type === "ipvs") {
        applyOrder(table, action.order);
        orders.push(action.order);
      } else if (action.type === "controlIpvs") {
        if (action.control.type === "flush") table.clear();
        controls.push(action.control);
      } else if (action.type === "readIpvsTable") {
        events.push(readingOf(table, new Set(action.services)));
      } else if (action.type === "watchAddresses") {
        events.push({ type: "addressesChanged", addresses: hostAddresses });
      }
    }
  }
  return { orders, controls };
}

function readingOf(table: IpvsTable, wanted: ReadonlySet<string>): CheckerEvent {
  const services = Array.from(table.values(), ({ key, parameters, destinations }) => ({
    key,
    parameters,
    destinations: wanted.has(serviceText(key)) ? [...destinations.values()] : null,
  }));
  return { type: "ipvsTableRead", services };
}

type Entry<Key, Value> = readonly [key: Key, value: Value];
type ServerKey = Pick<PlannedRealServer, "virtualServer" | "realServer">;

function statesOf(pool: Pool): {
  readonly servers: ReadonlyMap<string, Entry<ServerKey, PlannedServerState>>;
  readonly quorums: ReadonlyMap<string, Entry<{ readonly virtualServer: string }, boolean>>;
} {
  const servers = snapshots(pool).map(({ virtualServer, realServer, isUp, weight }) => {
    const key = { virtualServer, realServer };
    return [`${virtualServer} ${realServer}`, [key, { isUp, weight }]] as const;
  });
  const quorums = virtualServerSnapshots(pool).map(({ virtualServer, hasQuorum }) => {
    return [virtualServer, [{ virtualServer }, hasQuorum]] as const;
  });
  return { servers: new Map(servers), quorums: new Map(quorums) };
}

/** Null = not there. */
function differences<Key, Value>(
  before: ReadonlyMap<string, Entry<Key, Value>>,
  after: ReadonlyMap<string, Entry<Key, Value>>,
): [key: Key, was: Value | null, is: Value | null][] {
  const all = new Map([...before, ...after]);
  return Array.from(all, ([text, [key]]): [Key, Value | null, Value | null] => {
    return [key, before.get(text)?.[1] ?? null, after.get(text)?.[1] ?? null];
  }).filter(([, was, is]) => JSON.stringify(was) !== JSON.stringify(is));
}
