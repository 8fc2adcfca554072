// IPVS as the core sees it: services, destinations, the orders that change them, and a model of the
// kernel's table to which an order can be applied. Pure; knows nothing of netlink.
// The vocabulary is that of linux/ip_vs.h.

import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import type { ForwardingMethod, ServiceKey } from "@keepalived-ts/shared-config/schema/config";

/** What a service does, apart from what identifies it. */
export interface ServiceParameters {
  readonly scheduler: string;
  /** 0 = not persistent (IP_VS_SVC_F_PERSISTENT clear). */
  readonly persistenceTimeoutS: number;
  /** Prefix length of the client mask; 32 or 128 unless the service is persistent. */
  readonly persistencePrefixLength: number;
  /** Null: clients are told apart by their address; always so unless the service is persistent. */
  readonly persistenceEngine: string | null;
  /** IP_VS_SVC_F_* without PERSISTENT and HASHED: one-packet scheduling, scheduler flags. */
  readonly flags: number;
}

export interface DestinationKey {
  readonly address: string;
  readonly port: number;
}

/** How packets are wrapped for TUN. */
export interface Tunnel {
  readonly type: "IPIP" | "GUE" | "GRE";
  /** UDP port of GUE, else 0. */
  readonly port: number;
  /** IP_VS_TUNNEL_ENCAP_FLAG_*. */
  readonly flags: number;
}

/** Also of destinations that are no tunnel. */
export const plainTunnel: Tunnel = { type: "IPIP", port: 0, flags: 0 };

export interface Destination extends DestinationKey {
  readonly weight: number;
  /** LOCALNODE and BYPASS are never wanted, but somebody may have set them. */
  readonly forwarding: ForwardingMethod | "LOCALNODE" | "BYPASS";
  readonly tunnel: Tunnel;
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
}

export interface DestinationReading extends Destination {
  /** Absent where nobody counts them. */
  readonly activeConnections?: number | undefined;
}

/** One service as read from the kernel. */
export interface ServiceReading {
  readonly key: ServiceKey;
  readonly parameters: ServiceParameters;
  /** Null when nobody asked for them: the service is not ours. */
  readonly destinations: readonly DestinationReading[] | null;
}

/** One change of the table; the kernel takes one at a time. */
export type IpvsOrder =
  | {
      readonly type: "addService" | "editService";
      readonly service: ServiceKey;
      readonly parameters: ServiceParameters;
    }
  | { readonly type: "deleteService"; readonly service: ServiceKey }
  | {
      readonly type: "addDestination" | "editDestination";
      readonly service: ServiceKey;
      readonly destination: Destination;
    }
  | {
      readonly type: "deleteDestination";
      readonly service: ServiceKey;
      readonly destination: DestinationKey;
    };

/** A service in a model of the table; destinations by {@link destinationText}. */
export interface ServiceModel {
  readonly key: ServiceKey;
  parameters: ServiceParameters;
  readonly destinations: Map<string, Destination>;
}

/** Services by {@link serviceText}. */
export type IpvsTable = Map<string, ServiceModel>;

/** The identity of a service as a map key. */
export function serviceText(key: ServiceKey): string {
  return key.kind === "fwmark"
    ? `fwmark ${key.mark} ${key.family}`
    : `${key.protocol} ${key.address} ${key.port}`;
}

/** The identity of a destination within its service as a map key. */
export function destinationText(key: DestinationKey): string {
  return `${key.address} ${key.port}`;
}

/** A table of the services whose destinations were read. */
export function tableOf(readings: readonly ServiceReading[]): IpvsTable {
  const table: IpvsTable = new Map();
  for (const { key, parameters, destinations } of readings) {
    if (destinations === null) continue;
    table.set(serviceText(key), {
      key,
      parameters,
      destinations: new Map(destinations.map((one) => [destinationText(one), one])),
    });
  }
  return table;
}

/** Does to the model what the kernel does when it accepts `order`, and nothing when it refuses. */
export function applyOrder(table: IpvsTable, order: IpvsOrder): void {
  const text = serviceText(order.service);
  const model = table.get(text);
  switch (order.type) {
    case "addService": {
      const { service: key, parameters } = order;
      if (model === undefined) table.set(text, { key, parameters, destinations: new Map() });
      return;
    }
    case "editService":
      if (model !== undefined) model.parameters = order.parameters;
      return;
    case "deleteService":
      table.delete(text);
      return;
    case "addDestination":
    case "editDestination": {
      const destination = destinationText(order.destination);
      const isPresent = model?.destinations.has(destination);
      if (isPresent === (order.type === "editDestination")) {
        model?.destinations.set(destination, order.destination);
      }
      return;
    }
    case "deleteDestination":
      model?.destinations.delete(destinationText(order.destination));
      return;
    default:
      unreachable(order);
  }
}
