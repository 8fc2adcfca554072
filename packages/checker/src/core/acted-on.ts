// What of a configuration this release acts on, in one place. The loader says at the start what is
// left out and what that comes to.

import type { RealServerConfig, TcpCheckConfig } from "@keepalived-ts/shared-config/schema/config";

/** Other checks are not run yet: a server counts as up without them. */
export function tcpChecks({ checks }: RealServerConfig): TcpCheckConfig[] {
  return checks.filter((check) => check.kind === "TCP_CHECK");
}
