// Everything that the checker core can order: plain JSON values, carried out by edge/executor.
// Those that concern the kernel (`ipvs`, `readIpvsTable`) and the reports that wait for it
// (`reportRealServerRemoved`, `reportReady`, `reportStopped`) are carried out one after another in
// the order given.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { RealServerSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import type { TcpCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import type { IpvsOrder } from "./ipvs-table.js";

export type CheckerAction =
  /** `probe` is a number of its own for every probe; the answer is `probeFinished`. */
  | { readonly type: "startProbe"; readonly probe: number; readonly check: TcpCheckConfig }
  /** Nobody waits for the result of this probe any more. */
  | { readonly type: "cancelProbe"; readonly probe: number }
  | { readonly type: "ipvs"; readonly order: IpvsOrder }
  /** Read all services, and the destinations of those named (serviceText); at most one at a time. */
  | { readonly type: "readIpvsTable"; readonly services: readonly string[] }
  | { readonly type: "reportRealServer"; readonly snapshot: RealServerSnapshot }
  /** Waits for the kernel, so that a successor still hears of a service that is not deleted yet. */
  | {
      readonly type: "reportRealServerRemoved";
      readonly virtualServer: string;
      readonly realServer: string;
    }
  | { readonly type: "reportReady"; readonly generation: number }
  | { readonly type: "reportStopped" }
  | { readonly type: "log"; readonly record: LogRecord };
