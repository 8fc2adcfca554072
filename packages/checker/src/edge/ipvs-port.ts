// Binds the kernel's IPVS to the executor's port: the core's words to netops' and back. What has no
// meaning without persistence (time-out, mask) is levelled, so that it never counts as a
// difference.

import {
  IP_VS_SVC_F_HASHED,
  IP_VS_SVC_F_PERSISTENT,
} from "@keepalived-ts/netops/ipvs-netlink/ip-vs";
import type {
  IpvsChange,
  IpvsClient,
  IpvsDestination,
  IpvsService,
  IpvsStatistics,
} from "@keepalived-ts/netops/ipvs-netlink/ipvs-client";
import type { IpvsDestinationTraffic } from "@keepalived-ts/shared-config/ipc/messages";
import type { ServiceKey } from "@keepalived-ts/shared-config/schema/config";
import type { IpvsControl } from "../core/ipvs-control.js";
import {
  type DestinationReading,
  type IpvsOrder,
  plainTunnel,
  type ServiceParameters,
  type ServiceReading,
  serviceText,
} from "../core/ipvs-table.js";
import { serviceFamily } from "../core/service-plan.js";
import type { IpvsPort, IpvsReadResult, ServiceStatistics } from "./ports.js";

export function createIpvsPort(client: IpvsClient): IpvsPort {
  return {
    read: (services) => readTable(client, services),
    execute: (orders) => client.apply(orders.map(changeOf)),
    statistics: (services) => readStatistics(client, services),
    control: (control) => carryOut(client, control),
  };
}

async function readStatistics(
  client: IpvsClient,
  wanted: readonly ServiceKey[],
): Promise<ServiceStatistics[]> {
  const keys = new Map(wanted.map((key) => [serviceText(key), key]));
  const services = await client.services();
  if (!services.ok) return [];
  const found: ServiceStatistics[] = [];
  for (const { key: kernelKey, statistics } of services.value) {
    const key = keys.get(serviceText(kernelKey));
    if (key === undefined) continue;
    const destinations = await client.destinations(kernelKey);
    found.push({
      key,
      traffic: trafficOf(statistics),
      destinations: destinations.ok ? destinations.value.map(destinationTraffic) : [],
    });
  }
  return found;
}

function destinationTraffic(destination: IpvsDestination): IpvsDestinationTraffic {
  const { address, port, activeConnections, inactiveConnections, persistentConnections } =
    destination;
  const connections = { activeConnections, inactiveConnections, persistentConnections };
  return { address, port, ...connections, traffic: trafficOf(destination.statistics) };
}

/** Beyond 2^53 bytes the last digits are lost on the way. */
function trafficOf(statistics: IpvsStatistics): number[] {
  const { connections, inboundPackets, outboundPackets, inboundBytes, outboundBytes } = statistics;
  const { connectionRate, inboundPacketRate, outboundPacketRate } = statistics;
  return [
    ...[connections, inboundPackets, outboundPackets, inboundBytes, outboundBytes],
    ...[connectionRate, inboundPacketRate, outboundPacketRate],
    ...[statistics.inboundByteRate, statistics.outboundByteRate],
  ].map(Number);
}

async function readTable(client: IpvsClient, wanted: ReadonlySet<string>): Promise<IpvsReadResult> {
  const services = await client.services();
  if (!services.ok) return { ok: false, error: services.errno };
  const readings: ServiceReading[] = [];
  for (const service of services.value) {
    const { key } = service;
    const parameters = parametersOf(service);
    if (!wanted.has(serviceText(key))) {
      readings.push({ key, parameters, destinations: null });
      continue;
    }
    const destinations = await client.destinations(key);
    if (!destinations.ok) return { ok: false, error: destinations.errno };
    readings.push({ key, parameters, destinations: destinations.value.map(destinationOf) });
  }
  return { ok: true, services: readings };
}

function parametersOf(service: IpvsService): ServiceParameters {
  const isPersistent = (service.flags & IP_VS_SVC_F_PERSISTENT) !== 0;
  const wholeAddress = serviceFamily(service.key) === 4 ? 32 : 128;
  return {
    scheduler: service.scheduler,
    persistenceTimeoutS: isPersistent ? service.timeoutS : 0,
    persistencePrefixLength: isPersistent ? service.netmask : wholeAddress,
    persistenceEngine: isPersistent ? service.persistenceEngine : null,
    flags: service.flags & ~(IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_HASHED),
  };
}

function destinationOf(read: IpvsDestination): DestinationReading {
  const { address, port, weight, forwarding, upperThreshold, lowerThreshold } = read;
  const { activeConnections } = read;
  // Whoever made it may have left options of a tunnel in what is none.
  const tunnel = forwarding === "TUN" ? read.tunnel : plainTunnel;
  const limits = { upperThreshold, lowerThreshold };
  return { address, port, weight, forwarding, tunnel, ...limits, activeConnections };
}

function changeOf(order: IpvsOrder): IpvsChange {
  if (!("parameters" in order)) return order;
  const { type, service: key, parameters } = order;
  const { scheduler, persistenceTimeoutS: timeoutS, persistencePrefixLength } = parameters;
  const flags = parameters.flags | (timeoutS > 0 ? IP_VS_SVC_F_PERSISTENT : 0);
  const persistenceEngine = parameters.persistenceEngine ?? undefined;
  const netmask = persistencePrefixLength;
  return { type, service: { key, scheduler, flags, timeoutS, netmask, persistenceEngine } };
}

function carryOut(client: IpvsClient, control: IpvsControl): Promise<string | null> {
  switch (control.type) {
    case "flush":
      return client.flush();
    case "setTimeouts":
      return client.setTimeouts(control);
    case "startDaemon": {
      const { packetLengthMax, port, timeToLive, multicastGroup, ...daemon } = control.daemon;
      return client.startDaemon({
        ...daemon,
        maxPayloadLength: packetLengthMax,
        multicastPort: port,
        multicastTtl: timeToLive,
        multicastAddress: multicastGroup,
      });
    }
    case "stopDaemon":
      return client.stopDaemon(control.state);
  }
}
