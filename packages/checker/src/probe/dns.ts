// DNS_CHECK: the server is well if it answers one question over UDP without an error. What the
// answer holds does not matter, and an answer to another question is none.

import { randomInt } from "node:crypto";
import { IPPROTO_UDP, SOCK_DGRAM } from "@keepalived-ts/netops/constants/socket";
import type { DnsCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import { connectTimeout } from "./attempt.js";
import { startDatagramProbe } from "./datagram.js";
import { answerCode, encodeQuestion } from "./dns-codec.js";
import type { Finished, RunningProbe } from "./probe.js";

export function startDnsProbe(check: DnsCheckConfig, finished: Finished): RunningProbe {
  const id = randomInt(65536);
  const dialogue = {
    type: SOCK_DGRAM,
    protocol: IPPROTO_UDP,
    request: encodeQuestion(id, check.name, check.type),
    late: connectTimeout,
    judge: (datagram: Uint8Array) => {
      const code = answerCode(id, datagram);
      if (code === undefined) return undefined;
      if (code === 0) return { outcome: "passed" } as const;
      return { outcome: "failed", reason: `rcode ${code}` } as const;
    },
  };
  return startDatagramProbe(check, dialogue, finished);
}
