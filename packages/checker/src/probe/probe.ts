// What all kinds of probe have in common: one function a kind starts one probe, tells its result
// once, and can be cancelled. A probe knows nothing of retries or states; those are the core's.

import type { TcpCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import type { ProbeResult } from "../core/event.js";
import { startTcpProbe } from "./tcp.js";

export interface RunningProbe {
  /** Frees everything; `finished` is not called any more. */
  cancel(): void;
}

/** Starts a probe. `finished` is called once, never before this function has returned. */
export type StartProbe = (
  check: TcpCheckConfig,
  finished: (result: ProbeResult) => void,
) => RunningProbe;

export const startProbe: StartProbe = (check, finished) => {
  switch (check.kind) {
    case "TCP_CHECK":
      return startTcpProbe(check, finished);
  }
};
