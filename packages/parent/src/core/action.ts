// What the parent's core orders the edge to do. Plain values; the edge decides nothing about them.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { ToChecker, ToVrrp } from "@keepalived-ts/shared-config/ipc/messages";
import type { ChildKind } from "./event.js";

export type ParentAction =
  | { readonly type: "startChild"; readonly kind: ChildKind }
  | { readonly type: "sendToVrrp"; readonly message: ToVrrp }
  | { readonly type: "sendToChecker"; readonly message: ToChecker }
  /** Answered by `childObserved`. */
  | { readonly type: "observeChild"; readonly kind: ChildKind }
  /** SIGKILL. */
  | { readonly type: "killChild"; readonly kind: ChildKind }
  /** Every child that the configuration wants is at work (or its restart is under way). */
  | { readonly type: "reportReady"; readonly generation: number }
  | { readonly type: "reportStopping" }
  | { readonly type: "log"; readonly record: LogRecord }
  /** No child is left: become the other release, or say `successionFailed`. */
  | { readonly type: "succeed" }
  /** No child is left; the process ends with this status. */
  | { readonly type: "exit"; readonly exitCode: number };
