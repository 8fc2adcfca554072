// UDP_CHECK: a datagram is sent. Without require_reply the server is well unless an ICMP error
// comes back; with it an answer must come, and fit the pattern if there is one. As in keepalived
// only as many bytes are compared as both have.

import { IPPROTO_UDP, SOCK_DGRAM } from "@keepalived-ts/netops/constants/socket";
import type { UdpCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import type { ProbeResult } from "../core/event.js";
import { connectTimeout } from "./attempt.js";
import { startDatagramProbe } from "./datagram.js";
import type { Finished, RunningProbe } from "./probe.js";

const defaultPayload = "keepalived-ts UDP_CHECK: hello?\n";
const passed: ProbeResult = { outcome: "passed" };

export function startUdpProbe(check: UdpCheckConfig, finished: Finished): RunningProbe {
  const { payload } = check;
  const dialogue = {
    type: SOCK_DGRAM,
    protocol: IPPROTO_UDP,
    request: payload === undefined ? Buffer.from(defaultPayload) : Buffer.from(payload, "hex"),
    late: check.requireReply ? connectTimeout : passed,
    judge: (datagram: Uint8Array) => judgeReply(check, datagram),
  };
  return startDatagramProbe(check, dialogue, finished);
}

type Expectation = Pick<UdpCheckConfig, "replyPattern" | "replyLengthMin" | "replyLengthMax">;

export function judgeReply(expected: Expectation, reply: Uint8Array): ProbeResult {
  const { replyPattern, replyLengthMin, replyLengthMax } = expected;
  if (replyPattern === undefined) return passed;
  if (reply.length < replyLengthMin || reply.length > replyLengthMax) {
    return { outcome: "failed", reason: `reply of ${reply.length} bytes` };
  }
  return fits(replyPattern, reply) ? passed : { outcome: "failed", reason: "reply data mismatch" };
}

/** `pattern` has two hex digits a byte, where x stands for any. */
function fits(pattern: string, reply: Uint8Array): boolean {
  const digits = Buffer.from(reply).toString("hex");
  for (let at = 0; at < digits.length && at < pattern.length; at++) {
    if (pattern[at] !== "x" && pattern[at] !== digits[at]) return false;
  }
  return true;
}
