// What takes effect when a child starts and cannot be changed by a reload: said, for a setting that
// does nothing must not look as if it did. Pure.

import type { Config } from "@keepalived-ts/shared-config/schema/config";

/** The keywords whose change waits for a restart. */
export function waitingForRestart(running: Config, config: Config): string[] {
  const [formerBackend, backend] = [running, config].map((each) => each.checker?.ipvs.lvsBackend);
  const isMoved = formerBackend && backend && formerBackend !== backend;
  const ofIpvs = isMoved ? ["lvs_backend"] : [];
  const ofProcesses = (["vrrp", "checker"] as const).flatMap((kind) => {
    const prefix = kind === "vrrp" ? "vrrp" : "lvs";
    const former = running[kind]?.process;
    const wanted = config[kind]?.process;
    if (former === undefined || wanted === undefined) return [];
    const isOther = (name: "requestBuffer" | "monitorBuffer"): boolean =>
      former[name]?.receiveBufferBytes !== wanted[name]?.receiveBufferBytes ||
      former[name]?.isBufferForced !== wanted[name]?.isBufferForced;
    return [
      ...(isOther("requestBuffer") ? [`${prefix}_netlink_cmd_rcv_bufs`] : []),
      ...(isOther("monitorBuffer") ? [`${prefix}_netlink_monitor_rcv_bufs`] : []),
    ];
  });
  return [...ofIpvs, ...ofProcesses];
}
