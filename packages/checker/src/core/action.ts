// Everything that the checker core can order: plain JSON values, carried out by edge/executor.
// Probes and log records go at once. What concerns the kernel and every report to the parent is
// carried out one after another in the order given: what is reported has happened in the kernel,
// and a successor hears of a removed service until it is deleted.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type {
  CheckerNotice,
  NameAnswer,
  RealServerSnapshot,
  VirtualServerSnapshot,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { VirtualServerConfig } from "@keepalived-ts/shared-config/schema/config";
import type { ProbedCheckConfig } from "./acted-on.js";
import type { MarksOrder } from "./group-marks.js";
import type { IpvsControl } from "./ipvs-control.js";
import type { IpvsOrder } from "./ipvs-table.js";
import type { WatchedName } from "./named-servers.js";

/** What one probe asks. */
export interface ProbeRequest {
  readonly check: ProbedCheckConfig;
  /** Which of several urls; 0 for a check that has none. */
  readonly urlIndex: number;
}

export type CheckerAction =
  /** `probe` is a number of its own for every probe; the answer is `probeFinished`. */
  | { readonly type: "startProbe"; readonly probe: number; readonly request: ProbeRequest }
  /** Nobody waits for the result of this probe any more. */
  | { readonly type: "cancelProbe"; readonly probe: number }
  | { readonly type: "ipvs"; readonly order: IpvsOrder }
  | { readonly type: "controlIpvs"; readonly control: IpvsControl }
  /** nftables_ipvs: from now on this is marked, and nothing else. */
  | { readonly type: "markGroups"; readonly order: MarksOrder }
  /**
   * Read all services, and the destinations of those named (serviceText); at most one at a time.
   */
  | { readonly type: "readIpvsTable"; readonly services: readonly string[] }
  | {
      readonly type: "reportRealServer";
      readonly snapshot: RealServerSnapshot;
      readonly notice: CheckerNotice | null;
    }
  | {
      readonly type: "reportRealServerRemoved";
      readonly virtualServer: string;
      readonly realServer: string;
    }
  | {
      readonly type: "reportVirtualServer";
      readonly snapshot: VirtualServerSnapshot;
      readonly notice: CheckerNotice | null;
    }
  | {
      readonly type: "reportVirtualServerRemoved";
      readonly virtualServer: string;
      readonly key: VirtualServerConfig["key"];
    }
  /** From now on these names are looked up, and no others; what is new of them is wanted. */
  | { readonly type: "watchNames"; readonly names: readonly WatchedName[] }
  | { readonly type: "reportName"; readonly answer: NameAnswer }
  /** From now on all addresses of this host are wanted, and again after each change. */
  | { readonly type: "watchAddresses" }
  | { readonly type: "reportReady"; readonly generation: number }
  | { readonly type: "reportStopped" }
  | { readonly type: "log"; readonly record: LogRecord };
