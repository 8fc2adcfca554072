// The real servers of a virtual server as whoever asks is shown them: those by DNS name are as many
// as the checker has reported. Changes nothing.

import { ipFamily, parseIp } from "@keepalived-ts/shared-config/base/ip";
import type { Config, VirtualServerConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Mirror } from "../core/mirror.js";

type RealServers = VirtualServerConfig["realServers"];

export function knownServers(
  { name, realServers }: VirtualServerConfig,
  mirror: Pick<Mirror, "realServers">,
): RealServers {
  if (realServers.every(({ dnsName }) => dnsName === undefined)) return realServers;
  const reported = [...(mirror.realServers.get(name)?.values() ?? [])];
  return realServers.flatMap((server) => {
    if (server.dnsName === undefined) return [server];
    return reported
      .filter(({ dnsName }) => dnsName === server.dnsName)
      .flatMap(({ realServer }) => {
        const [, address = "", port] = /^\[(.*)\]:\w+:(\d+)$/.exec(realServer) ?? [];
        const isOfIt = Number(port) === server.port && parseIp(address) !== undefined;
        const isSameFamily = isOfIt && ipFamily(address) === ipFamily(server.address);
        return isSameFamily ? [{ ...server, address }] : [];
      });
  });
}

/** The whole configuration with them. */
export function knownConfig(config: Config, mirror: Pick<Mirror, "realServers">): Config {
  const { checker } = config;
  if (checker === undefined) return config;
  const virtualServers = checker.virtualServers.map((server) => {
    const realServers = knownServers(server, mirror);
    return realServers === server.realServers ? server : { ...server, realServers };
  });
  return { ...config, checker: { ...checker, virtualServers } };
}
