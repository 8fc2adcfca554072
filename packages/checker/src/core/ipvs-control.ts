// What is asked of IPVS beside services and destinations. Decides nothing; the vocabulary is that
// of ipvsadm(8).

import type { LvsSyncDaemonConfig } from "@keepalived-ts/shared-config/schema/config";

/** A daemon that tells other directors of connections (MASTER), or hears of theirs (BACKUP). */
export interface SyncDaemon extends Omit<LvsSyncDaemonConfig, "instance"> {
  readonly state: "MASTER" | "BACKUP";
}

export type IpvsControl =
  /** Takes away every service, whoever has made it. */
  | { readonly type: "flush" }
  /** 0 leaves one as it is. */
  | {
      readonly type: "setTimeouts";
      readonly tcpS: number;
      readonly tcpFinS: number;
      readonly udpS: number;
    }
  | { readonly type: "startDaemon"; readonly daemon: SyncDaemon }
  | { readonly type: "stopDaemon"; readonly state: SyncDaemon["state"] };
