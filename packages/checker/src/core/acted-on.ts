// What of a configuration this release acts on, in one place. The loader says at the start what is
// left out and what that comes to.

import type { CheckConfig, RealServerConfig } from "@keepalived-ts/shared-config/schema/config";

const probedKinds = [
  "TCP_CHECK",
  "HTTP_GET",
  "SSL_GET",
  "SMTP_CHECK",
  "DNS_CHECK",
  "UDP_CHECK",
  "PING_CHECK",
  "GRPC_CHECK",
  "MISC_CHECK",
] as const;

/** The kinds of check that probes exist for. */
export type ProbedCheckConfig = Extract<CheckConfig, { kind: (typeof probedKinds)[number] }>;

/** A FILE_CHECK needs no probe (file-check.ts); BFD_CHECK is not built yet. */
export function probedChecks({ checks }: RealServerConfig): ProbedCheckConfig[] {
  return checks.filter(isProbed);
}

function isProbed(check: CheckConfig): check is ProbedCheckConfig {
  return (probedKinds as readonly string[]).includes(check.kind);
}
