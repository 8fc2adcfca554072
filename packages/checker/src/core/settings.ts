// What global_defs says of IPVS as a whole: emptying the table, time-outs of connections, the
// kernel's synchronisation daemons. Orders what a configuration or a change of VRRP makes of it;
// the order in which things happen is that of the actions.

import type { CheckerIpvsConfig } from "@keepalived-ts/shared-config/schema/config";
import type { IpvsControl, SyncDaemon } from "./ipvs-control.js";
import { log, type Turn } from "./state.js";

type DaemonState = SyncDaemon["state"];

/** `isTakeover`: the table is that of a predecessor of this very daemon. */
export function takeUpSettings(turn: Turn, next: CheckerIpvsConfig, isTakeover: boolean): void {
  const { pool } = turn;
  const before = pool.settings;
  pool.settings = next;
  if (before === null && next.lvsFlush && !isTakeover) order(turn, { type: "flush" });
  const timeouts = timeoutsOf(next);
  const isChanged =
    before === null || JSON.stringify(timeoutsOf(before)) !== JSON.stringify(timeouts);
  if (isChanged && Object.values(timeouts).some((seconds) => seconds > 0)) {
    order(turn, { type: "setTimeouts", ...timeouts });
  }
  updateSyncDaemons(turn);
}

/** 0 leaves one as it is, for the kernel too. */
function timeoutsOf(settings: CheckerIpvsConfig): {
  readonly tcpS: number;
  readonly tcpFinS: number;
  readonly udpS: number;
} {
  const { lvsTcpTimeoutS = 0, lvsTcpFinTimeoutS = 0, lvsUdpTimeoutS = 0 } = settings;
  return { tcpS: lvsTcpTimeoutS, tcpFinS: lvsTcpFinTimeoutS, udpS: lvsUdpTimeoutS };
}

export function handleSyncMaster(turn: Turn, isMaster: boolean): void {
  turn.pool.isSyncMaster = isMaster;
  updateSyncDaemons(turn);
}

/** Stops what is not wanted, or not as it is, before it starts what is. */
function updateSyncDaemons(turn: Turn): void {
  const { syncDaemons } = turn.pool;
  const wanted = wantedDaemons(turn);
  for (const [state, daemon] of syncDaemons) {
    const next = wanted.get(state);
    if (next !== undefined && JSON.stringify(next) === JSON.stringify(daemon)) continue;
    syncDaemons.delete(state);
    order(turn, { type: "stopDaemon", state });
  }
  for (const [state, daemon] of wanted) {
    if (syncDaemons.has(state)) continue;
    syncDaemons.set(state, daemon);
    // One that a predecessor left, or somebody else, would keep this one from starting.
    order(turn, { type: "stopDaemon", state });
    order(turn, { type: "startDaemon", daemon });
  }
}

/** Without an instance both run; else the one that its state asks for. */
function wantedDaemons({ pool }: Turn): Map<DaemonState, SyncDaemon> {
  const config = pool.isStopping ? undefined : pool.settings?.lvsSyncDaemon;
  if (config === undefined) return new Map();
  const { instance, ...words } = config;
  const both: readonly DaemonState[] = ["MASTER", "BACKUP"];
  const state: DaemonState = pool.isSyncMaster ? "MASTER" : "BACKUP";
  const states = instance === undefined ? both : [state];
  return new Map(states.map((one) => [one, { state: one, ...words }]));
}

/** Also ends the daemons. True: the whole table is emptied, and no service needs to be deleted. */
export function withdrawSettings(turn: Turn): boolean {
  updateSyncDaemons(turn);
  const isFlushed = turn.pool.settings?.lvsFlushOnStop === "all";
  if (isFlushed) order(turn, { type: "flush" });
  return isFlushed;
}

export function handleControlFailure(turn: Turn, control: IpvsControl, error: string): void {
  // No such daemon is running, which is what is wanted.
  if (control.type === "stopDaemon" && error === "ESRCH") return;
  log(turn, "error", `Cannot ${deed(control)}: ${error}`, { error });
}

function deed(control: IpvsControl): string {
  switch (control.type) {
    case "flush":
      return "empty the IPVS table";
    case "setTimeouts":
      return "set the time-outs of IPVS connections";
    case "startDaemon": {
      const { state, interface: device } = control.daemon;
      return `start the IPVS sync daemon ${state} on ${device}`;
    }
    case "stopDaemon":
      return `stop the IPVS sync daemon ${control.state}`;
  }
}

function order({ actions }: Turn, control: IpvsControl): void {
  actions.push({ type: "controlIpvs", control });
}
