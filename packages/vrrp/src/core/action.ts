// Everything that the VRRP core can order: plain JSON values, carried out in order by
// edge/executor. Every order is complete in itself, because a reload may have replaced or removed
// the instance by the time it is carried out. Decides nothing.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type {
  InstanceSnapshot,
  RefusalCause,
  VrrpStateName,
} from "@keepalived-ts/shared-config/ipc/messages";
import type {
  RouteConfig,
  RuleConfig,
  VirtualAddress,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { ChecksumForm } from "../packet/advert.js";

/** Send one advert now. */
export interface SendAdvertAction {
  readonly type: "sendAdvert";
  readonly instance: string;
  /** 0 = leaving. */
  readonly priority: number;
  /** Where it leaves; 0 = routing chooses. */
  readonly interfaceIndex: number;
  /** The IP source: also what ties are broken by. */
  readonly source: string;
  /** What the rest of the packet is made of: the configuration in force when this was ordered. */
  readonly config: VrrpInstanceConfig;
  /** Absent = standard. */
  readonly checksumForm?: ChecksumForm;
  /** Of the authentication header. An order with one is never handed out twice. */
  readonly sequence?: number;
}

/**
 * While nothing changes, the core hands out the very same {@link SendAdvertAction} object again and
 * again, so an encoded packet may be kept for as long as the object is the same, unless it is to be
 * signed with the time.
 */
export type VrrpAction =
  | SendAdvertAction
  /** Put these addresses in place; those already there stay. */
  | {
      readonly type: "addAddresses";
      readonly instance: string;
      readonly addresses: readonly VirtualAddress[];
    }
  /** Take these addresses away; those already gone are no error. */
  | {
      readonly type: "removeAddresses";
      readonly instance: string;
      readonly addresses: readonly VirtualAddress[];
    }
  /** Keep packets from these addresses (the RFC's Accept_Mode is off), before they are there. */
  | {
      readonly type: "blockAddresses";
      readonly instance: string;
      readonly addresses: readonly VirtualAddress[];
    }
  /** No longer keep packets from them. */
  | {
      readonly type: "freeAddresses";
      readonly instance: string;
      readonly addresses: readonly VirtualAddress[];
    }
  /** Put these routes and rules in place, behind the addresses ordered so far. */
  | {
      readonly type: "addRouting";
      readonly instance: string;
      readonly routes: readonly RouteConfig[];
      readonly rules: readonly RuleConfig[];
    }
  /** Take these routes and rules away, before the addresses ordered away. */
  | {
      readonly type: "removeRouting";
      readonly instance: string;
      readonly routes: readonly RouteConfig[];
      readonly rules: readonly RuleConfig[];
    }
  /** Announce each of these addresses `repeat` times: one packet per address and pass. */
  | {
      readonly type: "sendGratuitousArp";
      readonly instance: string;
      readonly addresses: readonly VirtualAddress[];
      readonly repeat: number;
    }
  /** Announce our source once, so that unicast peers find us again. */
  | {
      readonly type: "announceSource";
      readonly instance: string;
      readonly device: string;
      readonly address: string;
    }
  /** Tell the parent. */
  | {
      readonly type: "reportInstance";
      /** The state left; equal to the new one when only a detail of the snapshot changed. */
      readonly previous: VrrpStateName;
      readonly snapshot: InstanceSnapshot;
    }
  | { readonly type: "reportInstanceRemoved"; readonly instance: string }
  /** What has come of a failover: who took over, or null and the instance is MASTER as before. */
  | {
      readonly type: "reportFailover";
      readonly instance: string;
      readonly successor: string | null;
    }
  /** A MASTER stays MASTER against an advert of lower priority. */
  | { readonly type: "reportLowerPriority"; readonly instance: string }
  /** An advert for this instance was not obeyed: at most once a second for each cause. */
  | {
      readonly type: "reportRefusal";
      readonly instance: string;
      readonly cause: RefusalCause;
      readonly source: string;
    }
  /** All members of a sync group have come to the same state. */
  | {
      readonly type: "reportGroup";
      readonly group: string;
      readonly previous: VrrpStateName;
      readonly state: VrrpStateName;
    }
  | { readonly type: "reportGroupRemoved"; readonly group: string }
  | { readonly type: "log"; readonly record: LogRecord };
