// What of a configuration this release acts on, in one place: the core gets nothing else. The
// loader says at the start what is left out and what that comes to.

import type {
  CheckerConfig,
  RealServerConfig,
  ServiceKey,
  TcpCheckConfig,
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

/** Other checks are not run yet: a server counts as up without them. */
export function tcpChecks({ checks }: RealServerConfig): TcpCheckConfig[] {
  return checks.filter((check) => check.kind === "TCP_CHECK");
}
