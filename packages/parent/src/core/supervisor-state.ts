// What the supervisor remembers: its children, what is to happen when, how it will end. Decides
// nothing; supervisor.ts and child-orders.ts do.

import { Deadlines } from "@keepalived-ts/shared-config/base/deadlines";
import type { LogData, LogLevel } from "@keepalived-ts/shared-config/base/log";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import type { ParentAction } from "./action.js";
import type { ChildKind } from "./event.js";
import type { Heartbeat } from "./heartbeat.js";
import { createMirror, type Mirror } from "./mirror.js";
import { createRestartBudget, type RestartBudget } from "./restart-budget.js";

export interface SupervisorOptions {
  /** `-P`, `-C`: which children may run at all. */
  readonly kinds: ReadonlySet<ChildKind>;
  /** False for `-R`: a child's death then ends the parent. */
  readonly respawn: boolean;
  /** `-V`, `-I`: which children leave what they have in the kernel when the daemon stops. */
  readonly keeps?: ReadonlySet<ChildKind>;
}

/** absent: not wanted. waiting: died, to be started at its deadline. stopping: told to end. */
type Phase = "absent" | "running" | "waiting" | "stopping";

export interface Child {
  readonly kind: ChildKind;
  readonly budget: RestartBudget;
  phase: Phase;
  startedAt: number;
  /**
   * Since when nobody did its work; undefined while it does, or when there is nothing to go on
   * with.
   */
  diedAt: number | undefined;
  /** Undefined until its first sign of life. */
  heartbeat: Heartbeat | undefined;
  /** SIGKILL was sent. */
  isKilled: boolean;
  /** It has the present configuration, or died of it. */
  isSettled: boolean;
  /** The status that the child announced with `failed`. */
  failedWith: number | undefined;
  /**
   * What is in the kernel by this child's doing: the last configuration that it, or the one before
   * it, has put in force. Undefined while there is nothing.
   */
  inForce: ConfigInForce | undefined;
}

export interface ConfigInForce {
  readonly generation: number;
  readonly config: Config;
}

export type DeadlineName = `${"restart" | "stop" | "kill" | "beat"}:${ChildKind}` | "ready";

export interface Supervisor {
  readonly options: SupervisorOptions;
  readonly children: Readonly<Record<ChildKind, Child>>;
  readonly mirror: Mirror;
  readonly deadlines: Deadlines<DeadlineName>;
  config: Config | undefined;
  generation: number;
  /** The VRRP process takes no part. */
  isInMaintenance: boolean;
  isReadyReported: boolean;
  /** Another release takes the place of this one. */
  isLeaving: boolean;
  /** A stop came meanwhile. */
  isStopOwed: boolean;
  /** Set once a stop began: the status to end with. */
  exitCode: number | undefined;
  isExited: boolean;
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  return {
    options,
    children: { vrrp: createChild("vrrp"), checker: createChild("checker") },
    mirror: createMirror(),
    deadlines: new Deadlines(),
    config: undefined,
    generation: 0,
    isInMaintenance: false,
    isReadyReported: false,
    isLeaving: false,
    isStopOwed: false,
    exitCode: undefined,
    isExited: false,
  };
}

/** One call of the supervisor's `handle`. */
export interface Run {
  readonly supervisor: Supervisor;
  readonly now: number;
  readonly actions: ParentAction[];
}

export function isWanted(supervisor: Supervisor, kind: ChildKind): boolean {
  return supervisor.config?.[kind] !== undefined && supervisor.options.kinds.has(kind);
}

export function log(run: Run, level: LogLevel, text: string, data?: LogData): void {
  run.actions.push({ type: "log", record: { level, text, data } });
}

/** As keepalived writes them. */
export const childTitle: Readonly<Record<ChildKind, string>> = {
  vrrp: "VRRP",
  checker: "Healthcheck",
};

function createChild(kind: ChildKind): Child {
  return {
    kind,
    budget: createRestartBudget(),
    phase: "absent",
    startedAt: 0,
    diedAt: undefined,
    heartbeat: undefined,
    isKilled: false,
    isSettled: true,
    failedWith: undefined,
    inForce: undefined,
  };
}
