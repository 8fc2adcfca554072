// TCP_CHECK: the server is well if it completes a TCP connection within connect_timeout. Nothing is
// sent or read.

import type { TcpCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import { startConnection } from "./connection.js";
import type { Finished, RunningProbe } from "./probe.js";

export function startTcpProbe(check: TcpCheckConfig, finished: Finished): RunningProbe {
  return startConnection(check, finished, (_, attempt) => attempt.pass());
}
