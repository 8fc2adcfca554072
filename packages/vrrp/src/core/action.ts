// Everything that the VRRP core can order: plain JSON values, carried out in order by edge/executor.
// Decides nothing.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { InstanceSnapshot, VrrpStateName } from "@keepalived-ts/shared-config/ipc/messages";

export type VrrpAction =
  /** Send one advert now with this priority (0 = leaving). */
  | { readonly type: "sendAdvert"; readonly instance: string; readonly priority: number }
  /** Put every virtual and excluded address of the instance in place; those already there stay. */
  | { readonly type: "addAddresses"; readonly instance: string }
  /** Take every virtual and excluded address of the instance away; those already gone are no error. */
  | { readonly type: "removeAddresses"; readonly instance: string }
  /** Announce every address `repeat` times: one packet per address and pass. */
  | { readonly type: "sendGratuitousArp"; readonly instance: string; readonly repeat: number }
  /** Tell the parent. */
  | {
      readonly type: "reportInstance";
      readonly previous: VrrpStateName;
      readonly snapshot: InstanceSnapshot;
    }
  | { readonly type: "reportInstanceRemoved"; readonly instance: string }
  | { readonly type: "log"; readonly record: LogRecord };
