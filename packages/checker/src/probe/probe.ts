// What all kinds of probe have in common: one function a kind starts one probe, tells its result
// once, and can be cancelled. A probe knows nothing of retries or states; those are the core's.

import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import type { ProbeRequest } from "../core/action.js";
import type { ProbeResult } from "../core/event.js";
import { startDnsProbe } from "./dns.js";
import { startGrpcProbe } from "./grpc.js";
import { startHttpProbe } from "./http.js";
import { startMiscProbe } from "./misc.js";
import { startPingProbe } from "./ping.js";
import { startSmtpProbe } from "./smtp.js";
import { startTcpProbe } from "./tcp.js";
import type { TlsContext } from "./tls.js";
import { startUdpProbe } from "./udp.js";

export interface RunningProbe {
  /** Frees everything; `finished` is not called any more. */
  cancel(): void;
}

export type Finished = (result: ProbeResult) => void;

/** Starts a probe. `finished` is called once, never before this function has returned. */
export type StartProbe = (request: ProbeRequest, finished: Finished) => RunningProbe;

/** What probes of more than one kind of check share. */
export interface ProbeContext {
  tls: TlsContext;
}

export function probeStarter(context: ProbeContext): StartProbe {
  return ({ check, urlIndex }, finished) => {
    switch (check.kind) {
      case "TCP_CHECK":
        return startTcpProbe(check, finished);
      case "HTTP_GET":
      case "SSL_GET":
        return startHttpProbe(check, urlIndex, context.tls, finished);
      case "SMTP_CHECK":
        return startSmtpProbe(check, finished);
      case "DNS_CHECK":
        return startDnsProbe(check, finished);
      case "UDP_CHECK":
        return startUdpProbe(check, finished);
      case "PING_CHECK":
        return startPingProbe(check, finished);
      case "GRPC_CHECK":
        return startGrpcProbe(check, context.tls, finished);
      case "MISC_CHECK":
        return startMiscProbe(check, finished);
      default:
        return unreachable(check);
    }
  };
}
