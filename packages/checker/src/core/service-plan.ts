// What the kernel should hold for one IPVS service: derived from the configuration of the virtual
// servers that it belongs to and from their state. Pure derivations, no state of their own.

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import type {
  RealServerConfig,
  ServiceKey,
  SorryServerConfig,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { WantedService } from "./ipvs-diff.js";
import {
  type Destination,
  plainTunnel,
  type ServiceParameters,
  type Tunnel,
} from "./ipvs-table.js";
import type { IpvsService, RealServer, VirtualServer } from "./state.js";

/** IP_VS_SVC_F_ONEPACKET and IP_VS_SVC_F_SCHED1 to 3 of linux/ip_vs.h. */
const serviceFlags = { onePacket: 4, scheduler1: 8, scheduler2: 16, scheduler3: 32 } as const;
/** IP_VS_TUNNEL_ENCAP_FLAG_*. */
const tunnelFlags = { nocsum: 0, csum: 1, remcsum: 2 } as const;
const tunnelTypes = { gue: "GUE", gre: "GRE" } as const;

export function wantedService(service: IpvsService): WantedService {
  const destinations = new Map<string, Destination>();
  for (const owner of service.owners) {
    for (const text of owner.servers.keys()) addDestination(service, text, destinations);
    if (owner.sorryText !== null) addDestination(service, owner.sorryText, destinations);
    for (const text of owner.draining.keys()) addDestination(service, text, destinations);
  }
  const [first] = service.owners;
  assert(first !== undefined, "a service belongs to a virtual server");
  return {
    key: service.key,
    parameters: wantedParameters(first.config, service.key),
    destinations,
  };
}

function addDestination(
  service: IpvsService,
  text: string,
  destinations: Map<string, Destination>,
): void {
  if (destinations.has(text)) return;
  const wanted = wantedDestination(service, text);
  if (wanted !== undefined) destinations.set(text, wanted);
}

/**
 * Undefined = not in the table. Virtual servers that share a service (the mark of a group for TCP
 * and UDP) must agree: a server that one of them has found dead gets no packet of the other.
 */
export function wantedDestination(
  { owners }: IpvsService,
  destination: string,
): Destination | undefined {
  let wanted: Destination | undefined;
  for (const owner of owners) {
    const claim = claimOf(owner, destination);
    if (claim === "absent") return undefined;
    if (claim !== undefined && claim.weight < (wanted?.weight ?? Infinity)) wanted = claim;
  }
  return wanted ?? drainingDestination(owners, destination);
}

/** One that a reload has taken away, and that nobody else wants. */
function drainingDestination(
  owners: readonly VirtualServer[],
  text: string,
): Destination | undefined {
  for (const { draining } of owners) {
    const drain = draining.get(text);
    if (drain !== undefined) return drain.destination;
  }
  return undefined;
}

/** What one virtual server wants; undefined = it says nothing of this destination. */
function claimOf(owner: VirtualServer, destination: string): Destination | "absent" | undefined {
  const { sorryServer } = owner.config;
  const server = owner.servers.get(destination);
  if (sorryServer !== undefined && destination === owner.sorryText) {
    if (owner.isSorryIn) return sorryDestination(sorryServer, sorryWeight);
    if (server === undefined)
      return sorryServer.inhibit ? sorryDestination(sorryServer, 0) : undefined;
  }
  return server && serverClaim(owner, server);
}

/** keepalived's; nobody can configure another. */
const sorryWeight = 1;

function sorryDestination(config: SorryServerConfig, weight: number): Destination {
  const { address, port } = config;
  const limits = { upperThreshold: 0, lowerThreshold: 0 };
  return { address, port, weight, ...forwardingOf(config), ...limits };
}

function serverClaim(owner: VirtualServer, server: RealServer): Destination | "absent" {
  // The connections of one that is drained live on beside the sorry server.
  if (server.isUp && server.isDrained) return destinationOf(server, 0);
  const isServing = server.isUp && !owner.isSorryIn;
  if (!isServing && !server.config.inhibitOnFailure) return "absent";
  return destinationOf(server, isServing ? servedWeight(server) : 0);
}

export function destinationOf({ config }: RealServer, weight: number): Destination {
  const { address, port, upperThreshold, lowerThreshold } = config;
  const { forwarding, tunnel } = forwardingOf(config);
  return { address, port, weight, forwarding, tunnel, upperThreshold, lowerThreshold };
}

function forwardingOf({
  forwarding,
  tunnel,
}: Pick<RealServerConfig, "forwarding" | "tunnel">): Pick<Destination, "forwarding" | "tunnel"> {
  const isWrapped = forwarding === "TUN" && tunnel !== undefined;
  return { forwarding, tunnel: isWrapped ? tunnelOf(tunnel) : plainTunnel };
}

function tunnelOf({ type, port, checksum }: NonNullable<RealServerConfig["tunnel"]>): Tunnel {
  return { type: tunnelTypes[type], port: port ?? 0, flags: tunnelFlags[checksum] };
}

function wantedParameters(config: VirtualServerConfig, key: ServiceKey): ServiceParameters {
  const isPersistent = config.persistenceTimeoutS !== undefined;
  const wholeAddress = serviceFamily(key) === 4 ? 32 : 128;
  const { onePacket, scheduler1, scheduler2, scheduler3 } = serviceFlags;
  return {
    scheduler: config.scheduler,
    persistenceTimeoutS: config.persistenceTimeoutS ?? 0,
    persistencePrefixLength:
      (isPersistent ? config.persistenceGranularity : undefined) ?? wholeAddress,
    persistenceEngine: (isPersistent ? config.persistenceEngine : undefined) ?? null,
    flags:
      (config.onePacket ? onePacket : 0) |
      (config.schedulerFlag1 ? scheduler1 : 0) |
      (config.schedulerFlag2 ? scheduler2 : 0) |
      (config.schedulerFlag3 ? scheduler3 : 0),
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

/** Of a slow_start; each is one change of the table, where the weight has that many. */
export const slowStartSteps = 20;

/** What the kernel gets while the server serves. */
function servedWeight({ weight, slowStart }: RealServer): number {
  if (slowStart === null || weight <= 1) return weight;
  return 1 + Math.floor(((weight - 1) * slowStart.step) / slowStartSteps);
}

/** linux/ip_vs.h takes more; keepalived and ours stop at 16 bits. */
const weightMax = 65535;

/** The configured weight and what the server's checks make of it. */
export function effectiveWeight({ config, checks, files }: RealServer): number {
  const start = config.weight + files.weightChange;
  const sum = checks.reduce((total, check) => total + check.weightChange, start);
  return Math.min(Math.max(sum, 0), weightMax);
}

/** The weights of the real servers that are up; one that is drained counts for nothing. */
export function aliveWeight({ servers }: VirtualServer): number {
  let sum = 0;
  for (const server of servers.values()) {
    if (server.isUp && !server.isDrained) sum += server.weight;
  }
  return sum;
}
