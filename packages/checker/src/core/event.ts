// Everything that can happen to the checker core: facts in the past, plain JSON values, so that a
// recording of events is a bug report that can be replayed. Decides nothing.

import type {
  NameAnswer,
  RealServerSnapshot,
  TrackerReport,
  VirtualServerSnapshot,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { CheckerConfig } from "@keepalived-ts/shared-config/schema/config";
import type { IpvsControl } from "./ipvs-control.js";
import type { IpvsOrder, ServiceReading } from "./ipvs-table.js";

/** How one probe ended. `reason` is an errno name or a few plain words. */
export type ProbeResult =
  /** `weight`: what the server's weight is to be by this check alone (`misc_dynamic`). */
  | { readonly outcome: "passed"; readonly weight?: number | undefined }
  | { readonly outcome: "failed"; readonly reason: string }
  /** This host could not ask (no descriptor, no source address): says nothing about the server. */
  | { readonly outcome: "notRun"; readonly reason: string };

export type CheckerEvent =
  /** First configuration, or a new one (reload). `resume...` is what a dead predecessor knew. */
  | {
      readonly type: "configured";
      readonly generation: number;
      readonly config: CheckerConfig;
      readonly resume: readonly RealServerSnapshot[];
      readonly resumeVirtualServers: readonly VirtualServerSnapshot[];
      /** The files of FILE_CHECKs that have been read. */
      readonly trackers: readonly TrackerReport[];
      readonly isSyncMaster: boolean;
      readonly answers?: readonly NameAnswer[] | undefined;
    }
  | { readonly type: "trackerChanged"; readonly report: TrackerReport }
  | { readonly type: "probeFinished"; readonly probe: number; readonly result: ProbeResult }
  /** The answer to `readIpvsTable`: as the table was after every order given before that action. */
  | { readonly type: "ipvsTableRead"; readonly services: readonly ServiceReading[] }
  | { readonly type: "ipvsReadFailed"; readonly error: string }
  /** The kernel refused an order; `error` is an errno name. */
  | { readonly type: "ipvsOrderFailed"; readonly order: IpvsOrder; readonly error: string }
  | { readonly type: "ipvsControlFailed"; readonly control: IpvsControl; readonly error: string }
  /** The instance that `lvs_sync_daemon` follows has become MASTER, or is it no longer. */
  | { readonly type: "syncMasterChanged"; readonly isMaster: boolean }
  /** DNS has another answer than before, with at least one address. */
  | { readonly type: "nameResolved"; readonly answer: NameAnswer }
  /** An operator wants a real server without new connections, or with them again. */
  | {
      readonly type: "drainOrdered";
      readonly virtualServer: string;
      readonly realServer: string;
      readonly isOn: boolean;
    }
  /** All addresses of this host, as `watchAddresses` asks for them. */
  | { readonly type: "addressesChanged"; readonly addresses: readonly string[] }
  /** The clock has reached `nextDeadline`; nothing else is implied. */
  | { readonly type: "deadlineReached" }
  | { readonly type: "stopRequested" };
