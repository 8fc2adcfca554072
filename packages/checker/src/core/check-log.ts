// What the log says of a check: keepalived's own lines, kind by kind, so that whoever looks for
// them finds them. Decides no state.

import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import { type Check, logServer, type Turn } from "./state.js";

type Kind = Check["config"]["kind"];

/** The check passes now and did not before. */
export function logSuccess(turn: Turn, check: Check): void {
  logServer(turn, check.server, "info", successText(check));
}

/** One probe failed; whether it counts is not said. */
export function logFailedProbe(turn: Turn, check: Check, reason: string): void {
  const { config } = check;
  const level = config.logAllFailures ? "info" : "detail";
  logServer(turn, check.server, level, failedProbeText(check, reason), { reason });
}

/** The check is failed now and was not before. */
export function logFailure(turn: Turn, check: Check, reason: string): void {
  const after = check.retriesUsed > 0 ? ` after ${check.retriesUsed} retries` : "";
  const title = failureTitles[check.config.kind];
  logServer(
    turn,
    check.server,
    "info",
    `${title} on service ${check.server.name} failed${after}.`,
    { reason },
  );
}

const failureTitles: Readonly<Record<Kind, string>> = {
  TCP_CHECK: "TCP_CHECK",
  HTTP_GET: "HTTP_CHECK",
  SSL_GET: "HTTP_CHECK",
  SMTP_CHECK: "SMTP_CHECK",
  DNS_CHECK: "DNS_CHECK",
  UDP_CHECK: "UDP_CHECK",
  PING_CHECK: "ICMP CHECK",
  GRPC_CHECK: "GRPC_CHECK",
  MISC_CHECK: "MISC_CHECK",
};

function successText(check: Check): string {
  const { name } = check.server;
  const { kind } = check.config;
  switch (kind) {
    case "TCP_CHECK":
      return `TCP connection to ${name} success.`;
    case "HTTP_GET":
    case "SSL_GET":
      return `Remote Web server ${name} succeed on service.`;
    case "SMTP_CHECK":
      return `Remote SMTP server ${name} succeed on service.`;
    case "DNS_CHECK":
      return `DNS_CHECK (${name}) success.`;
    case "UDP_CHECK":
      return `UDP connection to ${name} success.`;
    case "PING_CHECK":
      return `ICMP connection to ${name} success.`;
    case "GRPC_CHECK":
      return `GRPC_CHECK of ${name} success.`;
    case "MISC_CHECK":
      return `${miscTitle(check)} succeeded.`;
    default:
      return unreachable(kind);
  }
}

function failedProbeText(check: Check, reason: string): string {
  const { config, urlIndex } = check;
  const { name } = check.server;
  const how = reason === "connect_timeout" ? "timeout" : "failed";
  switch (config.kind) {
    case "TCP_CHECK":
      return `TCP connection to ${name} ${how}.`;
    case "HTTP_GET":
    case "SSL_GET":
      return `${config.kind} of ${name} url(${config.urls[urlIndex]?.path}) ${how}: ${reason}`;
    case "SMTP_CHECK":
      return `SMTP_CHECK of ${name} ${how}: ${reason}`;
    case "DNS_CHECK":
      return `DNS_CHECK (${name}) ${how}: ${reason}`;
    case "UDP_CHECK":
      return `UDP connection to ${name} failed.`;
    case "PING_CHECK":
      return `ICMP connection to ${name} failed.`;
    case "GRPC_CHECK":
      return `GRPC_CHECK of ${name} ${how}: ${reason}`;
    case "MISC_CHECK":
      return `${miscTitle(check)} ${reason === "misc_timeout" ? "timed out" : "failed"}.`;
    default:
      return unreachable(config);
  }
}

/** With the command alone: arguments may be secret. */
function miscTitle({ config, server }: Check): string {
  const script = config.kind === "MISC_CHECK" ? config.script.argv[0] : "";
  return `Misc check for [${server.name} VS ${server.virtualServer.config.name}] by [${script}]`;
}
