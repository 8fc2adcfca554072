// What the edge needs of the world, as narrow interfaces: the process binds the real ones
// (main.ts), tests bind scripted ones.

import type { FromChecker, IpvsServiceTraffic } from "@keepalived-ts/shared-config/ipc/messages";
import type { ServiceKey } from "@keepalived-ts/shared-config/schema/config";
import type { ProbeRequest } from "../core/action.js";
import type { MarksOrder } from "../core/group-marks.js";
import type { IpvsControl } from "../core/ipvs-control.js";
import type { IpvsOrder, ServiceReading } from "../core/ipvs-table.js";
import type { WatchedName } from "../core/named-servers.js";

/** nftables, for nftables_ipvs. */
export interface MarksPort {
  /** Null, or the errno name. */
  mark(order: MarksOrder): Promise<string | null>;
}

/** CLOCK_MONOTONIC and one timer on it, microseconds. */
export interface ClockPort {
  now(): number;
  armAt(atUs: number): void;
  disarm(): void;
  /** A deadline was noticed this late. */
  late(lateUs: number): void;
}

export type IpvsReadResult =
  | { readonly ok: true; readonly services: readonly ServiceReading[] }
  | { readonly ok: false; readonly error: string };

export interface ServiceStatistics extends Pick<IpvsServiceTraffic, "traffic" | "destinations"> {
  readonly key: ServiceKey;
}

/** The kernel's IPVS table. Never rejects: what the kernel refuses is a result. */
export interface IpvsPort {
  /** All services; the destinations of those whose serviceText() is in `services`. */
  read(services: ReadonlySet<string>): Promise<IpvsReadResult>;
  /** In the order given. One result an order: null = done, else the errno name. */
  execute(orders: readonly IpvsOrder[]): Promise<readonly (string | null)[]>;
  /** What the kernel has counted; of what it does not know nothing. */
  statistics(services: readonly ServiceKey[]): Promise<readonly ServiceStatistics[]>;
  /** Null = done, else the errno name. */
  control(control: IpvsControl): Promise<string | null>;
}

/** The addresses of this host. */
export interface AddressPort {
  /** To be called once. */
  watch(): void;
}

/** DNS. */
export interface NamePort {
  /** These and no others from now on. */
  watch(names: readonly WatchedName[]): void;
}

export interface ProbePort {
  start(probe: number, request: ProbeRequest): void;
  cancel(probe: number): void;
}

export interface ParentPort {
  send(message: FromChecker): void;
}

export interface CheckerPorts {
  readonly clock: ClockPort;
  readonly ipvs: IpvsPort;
  readonly marks: MarksPort;
  readonly addresses: AddressPort;
  readonly names: NamePort;
  readonly probes: ProbePort;
  readonly parent: ParentPort;
}
