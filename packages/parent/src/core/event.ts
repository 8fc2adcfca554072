// Everything that can happen to the parent: facts in the past, plain values. Decides nothing.

import type { FromChecker, FromVrrp, WatchReport } from "@keepalived-ts/shared-config/ipc/messages";
import type { Config } from "@keepalived-ts/shared-config/schema/config";

export type ChildKind = "vrrp" | "checker";

/** In the order in which children are started and stopped. */
export const childKinds: readonly ChildKind[] = ["vrrp", "checker"];

/** A look at a process from outside. */
export interface ChildSight {
  /** proc(5): R; S; T; and all that is neither a child's fault nor its doing. */
  readonly state: "running" | "sleeping" | "stopped" | "held";
  /** Processor time that it has used. */
  readonly cpuUs: number;
}

/** Which real server of which virtual server, by the names that they have in the log. */
export interface DrainOrder {
  readonly virtualServer: string;
  readonly realServer: string;
  readonly isOn: boolean;
}

export type ParentEvent =
  /** A whole, valid configuration was read: the first one, or a reload. */
  | { readonly type: "configured"; readonly config: Config }
  | { readonly type: "vrrpSaid"; readonly message: FromVrrp }
  | { readonly type: "checkerSaid"; readonly message: FromChecker }
  /** A watcher of a script, file or process has found something new. */
  | { readonly type: "trackerReported"; readonly report: WatchReport }
  /** The pipe to a child was closed, but the child was not seen to end. */
  | { readonly type: "childDisconnected"; readonly kind: ChildKind }
  /** A child ended, or could not be started (then pid, exitCode and signal are null). */
  | {
      readonly type: "childExited";
      readonly kind: ChildKind;
      readonly pid: number | null;
      readonly exitCode: number | null;
      readonly signal: string | null;
    }
  /** What a child does that says nothing: the answer to `observeChild`. */
  | { readonly type: "childObserved"; readonly kind: ChildKind; readonly sight: ChildSight }
  /** An operator, or what an earlier daemon left behind, says so. */
  | { readonly type: "maintenanceOrdered"; readonly isOn: boolean }
  /** An operator wants a real server without new connections, or with them again. */
  | ({ readonly type: "drainOrdered" } & DrainOrder)
  | { readonly type: "stopRequested" }
  /** Another release is known to be able to go on from here. */
  | { readonly type: "successionOrdered" }
  /** It could not be started all the same. */
  | { readonly type: "successionFailed" }
  /** The clock has reached `nextDeadline`; nothing else is implied. */
  | { readonly type: "deadlineReached" };
