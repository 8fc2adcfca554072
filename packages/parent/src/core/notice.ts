// What the outside world is told: one change of something, as a line, as mail, and with what is to
// be run for it. Words are keepalived's (vrrp/vrrp_notify.c, check/ipwrapper.c). Decides nothing.

import type { ScriptConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Mail } from "./mail-queue.js";

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

/** The change itself, for those who tell it in words of their own. */
export type NoticeChange =
  | { readonly kind: "INSTANCE" | "GROUP"; readonly name: string; readonly state: NoticeState }
  | {
      readonly kind: "REAL_SERVER";
      readonly virtualServer: string;
      readonly realServer: string;
      readonly isUp: boolean;
    }
  | {
      readonly kind: "VIRTUAL_SERVER";
      readonly virtualServer: string;
      /** Of a mark or a group; the name does not say it. */
      readonly family: 4 | 6 | undefined;
      readonly isUp: boolean;
      readonly isStopping: boolean;
    };

export interface Notice {
  readonly change: NoticeChange;
  /** Whose FIFO gets the line. */
  readonly part: "vrrp" | "lvs";
  /** What it concerns: scripts of one subject run in order. */
  readonly subject: string;
  /** As people call it. */
  readonly title: string;
  /** For FIFOs, with its end. */
  readonly line: string;
  /** With all their words, in keepalived's order. */
  readonly scripts: readonly ScriptConfig[];
  /** Absent when nobody is to get one. */
  readonly mail: Mail | undefined;
}
