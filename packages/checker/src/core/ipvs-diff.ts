// What has to be ordered so that a service in the kernel becomes the wanted one: only what differs,
// and additions before deletions, so that no step leaves a service without a live destination which
// has one before and after. Pure.

import type { ServiceKey } from "@keepalived-ts/shared-config/schema/config";
import {
  type Destination,
  destinationText,
  type IpvsOrder,
  type ServiceModel,
  type ServiceParameters,
} from "./ipvs-table.js";

/** A service as it should be; destinations by destinationText(). */
export interface WantedService {
  readonly key: ServiceKey;
  readonly parameters: ServiceParameters;
  readonly destinations: ReadonlyMap<string, Destination>;
}

/** The orders that turn `present` (undefined = absent) into `wanted`. */
export function diffService(present: ServiceModel | undefined, wanted: WantedService): IpvsOrder[] {
  const { key: service, parameters } = wanted;
  const orders: IpvsOrder[] = [];
  if (present === undefined) orders.push({ type: "addService", service, parameters });
  else if (!isSameParameters(present.parameters, parameters)) {
    orders.push({ type: "editService", service, parameters });
  }
  const kept: ReadonlyMap<string, Destination> = present?.destinations ?? new Map();
  const additions: IpvsOrder[] = [];
  const raises: IpvsOrder[] = [];
  const drains: IpvsOrder[] = [];
  for (const [text, destination] of wanted.destinations) {
    const order = diffDestination(service, kept.get(text), destination);
    if (order === undefined) continue;
    if (order.type === "addDestination") additions.push(order);
    else (destination.weight > 0 ? raises : drains).push(order);
  }
  const deletions: IpvsOrder[] = [];
  for (const [text, destination] of kept) {
    if (!wanted.destinations.has(text)) deletions.push(deleteOrder(service, destination));
  }
  return [...orders, ...additions, ...raises, ...drains, ...deletions];
}

/** The order that turns one destination into the wanted one; undefined on either side = absent. */
export function diffDestination(
  service: ServiceKey,
  present: Destination | undefined,
  wanted: Destination | undefined,
): IpvsOrder | undefined {
  if (wanted === undefined) return present && deleteOrder(service, present);
  if (present === undefined) return { type: "addDestination", service, destination: wanted };
  if (isSameDestination(present, wanted)) return undefined;
  return { type: "editDestination", service, destination: wanted };
}

function deleteOrder(service: ServiceKey, { address, port }: Destination): IpvsOrder {
  return { type: "deleteDestination", service, destination: { address, port } };
}

function isSameParameters(a: ServiceParameters, b: ServiceParameters): boolean {
  return (
    a.scheduler === b.scheduler &&
    a.persistenceTimeoutS === b.persistenceTimeoutS &&
    a.persistencePrefixLength === b.persistencePrefixLength &&
    a.persistenceEngine === b.persistenceEngine &&
    a.flags === b.flags
  );
}

function isSameDestination(a: Destination, b: Destination): boolean {
  return (
    destinationText(a) === destinationText(b) &&
    a.weight === b.weight &&
    a.forwarding === b.forwarding &&
    a.tunnel.type === b.tunnel.type &&
    a.tunnel.port === b.tunnel.port &&
    a.tunnel.flags === b.tunnel.flags &&
    a.upperThreshold === b.upperThreshold &&
    a.lowerThreshold === b.lowerThreshold
  );
}
