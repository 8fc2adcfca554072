// For tests only: an IPVS table that answers as ip_vs_ctl.c does, errno for errno, and remembers
// every order. Written apart from core/ipvs-table.ts on purpose, so that each checks the other.

import type { ServiceKey } from "@keepalived-ts/shared-config/schema/config";
import type {
  Destination,
  DestinationReading,
  IpvsOrder,
  ServiceParameters,
  ServiceReading,
} from "../core/ipvs-table.js";
import { serviceText } from "../core/ipvs-table.js";

export interface FakeService {
  readonly key: ServiceKey;
  parameters: ServiceParameters;
  destinations: Destination[];
}

export class FakeKernel {
  readonly services: Map<string, FakeService> = new Map();
  readonly orders: IpvsOrder[] = [];
  /** Schedulers that no module gives. */
  readonly missingSchedulers: Set<string> = new Set();
  /** Active connections by the address of a destination; undefined = nobody counts. */
  connections: Map<string, number> | undefined = new Map();

  /** Null = done, else the errno name. */
  execute(order: IpvsOrder): string | null {
    this.orders.push(order);
    const found = this.services.get(serviceText(order.service));
    if (order.type === "addService") return this.#addService(order, found);
    if (found === undefined) return "ESRCH";
    switch (order.type) {
      case "editService":
        if (this.missingSchedulers.has(order.parameters.scheduler)) return "ENOENT";
        found.parameters = order.parameters;
        return null;
      case "deleteService":
        this.services.delete(serviceText(order.service));
        return null;
      case "addDestination":
        if (indexOf(found, order.destination) >= 0) return "EEXIST";
        found.destinations.push(order.destination);
        return null;
      case "editDestination":
        if (indexOf(found, order.destination) < 0) return "ENOENT";
        found.destinations[indexOf(found, order.destination)] = order.destination;
        return null;
      case "deleteDestination":
        if (indexOf(found, order.destination) < 0) return "ENOENT";
        found.destinations.splice(indexOf(found, order.destination), 1);
        return null;
    }
  }

  read(wanted: ReadonlySet<string>): ServiceReading[] {
    return [...this.services].map(([text, { key, parameters, destinations }]) => ({
      key,
      parameters,
      destinations: wanted.has(text) ? destinations.map((one) => this.#counted(one)) : null,
    }));
  }

  #counted(destination: Destination): DestinationReading {
    if (this.connections === undefined) return destination;
    const activeConnections = this.connections.get(destination.address) ?? 0;
    return { ...destination, activeConnections };
  }

  #addService(
    order: Extract<IpvsOrder, { parameters: ServiceParameters }>,
    found: FakeService | undefined,
  ): string | null {
    if (found !== undefined) return "EEXIST";
    const { service: key, parameters } = order;
    if (this.missingSchedulers.has(parameters.scheduler)) return "ENOENT";
    this.services.set(serviceText(key), { key, parameters, destinations: [] });
    return null;
  }
}

function indexOf(service: FakeService, wanted: { address: string; port: number }): number {
  return service.destinations.findIndex(
    (one) => one.address === wanted.address && one.port === wanted.port,
  );
}

/** Weight above 0 somewhere: new connections find a server. */
export function isServing(service: FakeService | undefined): boolean {
  return service?.destinations.some((one) => one.weight > 0) ?? false;
}
