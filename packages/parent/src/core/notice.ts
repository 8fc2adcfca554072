// What the outside world is told: one change of something, with what is to be run for it. The one
// source of script arguments, FIFO lines and mail, so that they cannot disagree. Words are
// keepalived's (vrrp/vrrp_notify.c). Decides nothing.

import type { ScriptConfig } from "@keepalived-ts/shared-config/schema/config";

export type NoticeState =
  | "MASTER"
  | "BACKUP"
  | "FAULT"
  | "STOP"
  | "DELETED"
  /** A MASTER has heard an advert of lower priority. */
  | "MASTER_RX_LOWER_PRI"
  /** Another priority in the same state. */
  | "MASTER_PRIORITY"
  | "BACKUP_PRIORITY";

export interface Notice {
  readonly kind: "INSTANCE" | "GROUP";
  readonly name: string;
  readonly state: NoticeState;
  /** 0 for groups. */
  readonly priority: number;
  /** With all their words, in keepalived's order. */
  readonly scripts: readonly ScriptConfig[];
}

/** For a FIFO. */
export function noticeLine({ kind, name, state, priority }: Notice): string {
  return `${kind} "${name}" ${state} ${priority}\n`;
}

/** As people call it. */
export function noticeTitle({ kind, name, state }: Notice): string {
  return `${kind} ${name} ${state}`;
}
