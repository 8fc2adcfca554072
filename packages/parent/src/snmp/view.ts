// Everything that SNMP shows, as it stands at one moment. No behaviour beyond looking it up.

import type {
  InstanceSnapshot,
  IpvsTraffic,
  RealServerSnapshot,
  RefusalCause,
  VirtualServerSnapshot,
  VrrpStateName,
} from "@keepalived-ts/shared-config/ipc/messages";
import type {
  Config,
  SyncGroupConfig,
  VirtualServerConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import {
  type IndexedRow,
  type ObjectTable,
  type ObjectTree,
  type PlacedColumn,
  placed,
} from "./object-tree.js";
import type { Oid } from "./oid.js";

export interface LinkNumbers {
  readonly index: number;
  /** "aa:bb:cc:dd:ee:ff", or "". */
  readonly hardwareAddress: string;
}

/** How one instance stands. */
export interface ShownStatus
  extends Pick<
    InstanceSnapshot,
    "state" | "effectivePriority" | "masterAddress" | "masterPriority" | "masterReason"
  > {
  readonly wantedState: VrrpStateName;
  readonly sourceAddress: string | null;
  readonly holdsAddresses: boolean;
  readonly counters: Readonly<Record<string, number>>;
}

export interface SnmpView {
  readonly config: Config;
  readonly version: string;
  /** By name; of an instance that nothing is known of there is none. */
  readonly instances: ReadonlyMap<string, ShownStatus>;
  /** When instances left INIT, in hundredths of a second since the master agent started. */
  readonly upSinceCs: ReadonlyMap<string, number>;
  /** How long the master agent has run. */
  readonly sysUpTimeCs: number;
  readonly trackers: ReadonlyMap<string, { readonly value: number }>;
  readonly links: ReadonlyMap<string, LinkNumbers>;
  /** Why an advert was not obeyed last, by instance. */
  readonly refusals: ReadonlyMap<string, RefusalCause>;
  /** Packets for virtual routers that are not configured here. */
  readonly unknownVirtualRouter: number;
  /** By virtual server, then by real server. */
  readonly realServers: ReadonlyMap<string, ReadonlyMap<string, RealServerSnapshot>>;
  readonly virtualServers: ReadonlyMap<string, VirtualServerSnapshot>;
  readonly traffic: Traffic;
}

/** What the kernel's IPVS has counted, of virtual servers by serverKey(). */
export interface Traffic {
  ofVirtualServer(key: string): IpvsTraffic | undefined;
  ofRealServer(
    key: string,
    place: { readonly address: string; readonly port: number },
  ): ServerTraffic | undefined;
}

export interface ServerTraffic {
  readonly active: number;
  readonly inactive: number;
  readonly persistent: number;
  readonly traffic: IpvsTraffic;
}

/** As the mirror and the checker call it: a name does not say of which family a mark is. */
export function serverKey({ name, key }: Pick<VirtualServerConfig, "name" | "key">): string {
  return key.kind === "address" ? name : `${name} ${key.family}`;
}

/** What a manager may set: a change of the configuration in force, until the next reload. */
export type SnmpChange =
  | { readonly type: "basePriority"; readonly instance: string; readonly value: number }
  | { readonly type: "preempt"; readonly instance: string; readonly value: boolean }
  | {
      readonly type: "weight";
      readonly virtualServer: string;
      readonly realServer: string;
      readonly value: number;
    };

export type SnmpColumn = PlacedColumn<SnmpChange>;
export type SnmpTree = ObjectTree<SnmpChange>;

export function table<Row>(described: ObjectTable<Row, SnmpChange>): SnmpColumn[] {
  return placed(described);
}

export interface InstanceRow {
  readonly view: SnmpView;
  readonly instance: VrrpInstanceConfig;
  readonly status: ShownStatus | undefined;
}

export interface GroupRow {
  readonly view: SnmpView;
  readonly group: SyncGroupConfig;
}

/** Rows that are numbered from 1 in their order. */
export function numbered<Row>(rows: readonly Row[], before: Oid = []): IndexedRow<Row>[] {
  return rows.map((row, i) => ({ index: [...before, i + 1], row }));
}

export function instanceRows(view: SnmpView): InstanceRow[] {
  return (view.config.vrrp?.instances ?? []).map((instance) => ({
    view,
    instance,
    status: view.instances.get(instance.name),
  }));
}

export function groupRows(view: SnmpView): GroupRow[] {
  return (view.config.vrrp?.syncGroups ?? []).map((group) => ({ view, group }));
}

/** VrrpState of KEEPALIVED-MIB. */
export const stateNumbers: Readonly<
  Record<VrrpStateName | "UNKNOWN" | "STOP" | "DELETED", number>
> = { INIT: 0, BACKUP: 1, MASTER: 2, FAULT: 3, UNKNOWN: 4, STOP: 5, DELETED: 6 };
