// What a reload would do to IPVS and the servers here, in words. In a process of its own; opens
// nothing, changes nothing.

import { networkInterfaces } from "node:os";
import type { FromChecker, PlanCheckerMessage } from "@keepalived-ts/shared-config/ipc/messages";
import { planReload } from "../core/plan.js";
import { controlText, orderText } from "./ipvs-text.js";

export function planFor(message: PlanCheckerMessage, now: number): FromChecker {
  const { running, next, answers, trackers, isSyncMaster } = message;
  const { orders, controls, realServers, virtualServers } = planReload({
    ...{ running, next, answers, trackers, isSyncMaster, now },
    realServers: message.resume,
    virtualServers: message.resumeVirtualServers,
    hostAddresses: Object.values(networkInterfaces()).flatMap((each) =>
      (each ?? []).map(({ address }) => address),
    ),
  });
  // Without a kernel's table there is nothing to say of it. A reload does not change that.
  const { ipvs: settings } = running.virtualServers.length > 0 ? running : next;
  const hasTable = settings.lvsBackend !== "none";
  const ipvs = hasTable ? [...controls.map(controlText), ...orders.map(orderText)] : [];
  return { type: "planned", ipvs, realServers, virtualServers };
}
