// What the kernel should hold for one virtual server: derived from its configuration and from which
// of its real servers are up. Pure derivations, no state of their own.

import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import type { ServiceKey } from "@keepalived-ts/shared-config/schema/config";
import type { SingleServer } from "./acted-on.js";
import type { WantedService } from "./ipvs-diff.js";
import type { Destination, ServiceParameters } from "./ipvs-table.js";
import type { RealServer, Service } from "./state.js";

const protocols = ["TCP", "UDP", "SCTP"] as const;

export function wantedService(service: Service): WantedService {
  const destinations = new Map<string, Destination>();
  for (const [text, server] of service.servers) {
    const destination = wantedDestination(server);
    if (destination !== undefined) destinations.set(text, destination);
  }
  return { key: service.config.key, parameters: wantedParameters(service.config), destinations };
}

/** Undefined = not in the table: the server is down. */
export function wantedDestination(server: RealServer): Destination | undefined {
  if (!server.isUp) return undefined;
  const { address, port, forwarding } = server.config;
  const { weight } = server;
  return { address, port, weight, forwarding, upperThreshold: 0, lowerThreshold: 0 };
}

function wantedParameters(config: SingleServer): ServiceParameters {
  const isPersistent = config.persistenceTimeoutS !== undefined;
  const wholeAddress = serviceFamily(config.key) === 4 ? 32 : 128;
  return {
    scheduler: config.scheduler,
    persistenceTimeoutS: config.persistenceTimeoutS ?? 0,
    persistencePrefixLength:
      (isPersistent ? config.persistenceGranularity : undefined) ?? wholeAddress,
    flags: 0,
  };
}

export function serviceFamily(key: ServiceKey): 4 | 6 {
  return key.kind === "fwmark" ? key.family : ipFamily(key.address);
}

/** The name of a service as keepalived writes it: `[192.0.2.1]:tcp:80` or `FWM 7`. */
export function serviceName(key: ServiceKey): string {
  return key.kind === "fwmark"
    ? `FWM ${key.mark}`
    : `[${key.address}]:${key.protocol.toLowerCase()}:${key.port}`;
}

/**
 * The services that a name of {@link serviceName} can mean: a mark does not say of which family it
 * is. None for a name that is not one.
 */
export function servicesNamed(name: string): ServiceKey[] {
  const mark = /^FWM (\d{1,10})$/.exec(name)?.[1];
  if (mark !== undefined) {
    return ([4, 6] as const).map((family) => ({ kind: "fwmark", mark: Number(mark), family }));
  }
  const [, address, protocol, port] = /^\[(.+)\]:(tcp|udp|sctp):(\d{1,5})$/.exec(name) ?? [];
  const known = protocols.find((one) => one.toLowerCase() === protocol);
  if (address === undefined || port === undefined || known === undefined) return [];
  return [{ kind: "address", address, port: Number(port), protocol: known }];
}

/** The name of a real server as keepalived writes it; a fwmark service has no protocol. */
export function realServerName(
  service: ServiceKey,
  server: { readonly address: string; readonly port: number },
): string {
  const protocol = service.kind === "fwmark" ? "none" : service.protocol.toLowerCase();
  return `[${server.address}]:${protocol}:${server.port}`;
}

/** linux/ip_vs.h takes more; keepalived and ours stop at 16 bits. */
const weightMax = 65535;

/** The configured weight and what the server's checks make of it. */
export function effectiveWeight({ config, checks }: Pick<RealServer, "config" | "checks">): number {
  const sum = checks.reduce((total, check) => total + check.weightChange, config.weight);
  return Math.min(Math.max(sum, 0), weightMax);
}

/** The weights of the real servers that are up. */
export function aliveWeight(service: Service): number {
  let sum = 0;
  for (const server of service.servers.values()) if (server.isUp) sum += server.weight;
  return sum;
}
