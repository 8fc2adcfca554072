// What of a configuration this release acts on, in one place: the core gets nothing else. The
// loader says at the start what is left out and what that comes to.

import type {
  CheckConfig,
  CheckerConfig,
  RealServerConfig,
  ServiceKey,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";

/** A virtual server that is one IPVS service. */
export interface SingleServer extends VirtualServerConfig {
  readonly key: ServiceKey;
}

/** Groups are not built yet: the daemon does not start with one that is used. */
export function singleServers(config: CheckerConfig): SingleServer[] {
  return config.virtualServers.filter(isSingle);
}

function isSingle(server: VirtualServerConfig): server is SingleServer {
  return server.key.kind !== "group";
}

const probedKinds = [
  "TCP_CHECK",
  "HTTP_GET",
  "SSL_GET",
  "SMTP_CHECK",
  "DNS_CHECK",
  "UDP_CHECK",
  "PING_CHECK",
  "MISC_CHECK",
] as const;

/** The kinds of check that probes exist for. */
export type ProbedCheckConfig = Extract<CheckConfig, { kind: (typeof probedKinds)[number] }>;

/** Other checks are not run yet: a server counts as up without them. */
export function probedChecks({ checks }: RealServerConfig): ProbedCheckConfig[] {
  return checks.filter(isProbed);
}

function isProbed(check: CheckConfig): check is ProbedCheckConfig {
  return (probedKinds as readonly string[]).includes(check.kind);
}
