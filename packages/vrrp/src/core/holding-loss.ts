// Somebody has taken away an address, a route or a rule that a MASTER holds. keepalived then has it
// resign and wait its skew time, so that a better router takes over, or else it comes back with all
// that it needs (keepalived/core/keepalived_netlink.c). Whether it is put back instead the edge
// knows.

import type { VrrpEvent } from "./event.js";
import type { Turn } from "./instance.js";
import { followToBackup } from "./sync-group.js";
import { instanceSkewUs } from "./timers.js";
import { stepDown } from "./transition.js";
import { logInstance } from "./view.js";

export type HoldingLost = Extract<VrrpEvent, { readonly type: "holdingLost" }>;

export function handleHoldingLost(turn: Turn, { instance: name, what }: HoldingLost): void {
  const instance = turn.router.instances.get(name);
  if (instance?.state !== "MASTER" || instance.ending !== null) return;
  logInstance(turn, instance, "warn", `${what}, giving up MASTER`);
  stepDown(turn, instance, instanceSkewUs(instance));
  followToBackup(turn, instance);
}
