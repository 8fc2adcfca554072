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
  IpvsService,
} from "@keepalived-ts/netops/ipvs-netlink/ipvs-client";
import type { IpvsControl } from "../core/ipvs-control.js";
import {
  type Destination,
  type IpvsOrder,
  plainTunnel,
  type ServiceParameters,
  type ServiceReading,
  serviceText,
} from "../core/ipvs-table.js";
import { serviceFamily } from "../core/service-plan.js";
import type { IpvsPort, IpvsReadResult } from "./ports.js";

export function createIpvsPort(client: IpvsClient): IpvsPort {
  return {
    read: (services) => readTable(client, services),
    execute: (orders) => client.apply(orders.map(changeOf)),
    control: (control) => carryOut(client, control),
  };
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

function destinationOf(read: Destination): Destination {
  const { address, port, weight, forwarding, upperThreshold, lowerThreshold } = read;
  // Whoever made it may have left options of a tunnel in what is none.
  const tunnel = forwarding === "TUN" ? read.tunnel : plainTunnel;
  return { address, port, weight, forwarding, tunnel, upperThreshold, lowerThreshold };
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
