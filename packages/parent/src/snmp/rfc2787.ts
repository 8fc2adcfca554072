// VRRP-MIB, RFC 2787: the instances of version 2, which is IPv4. 1.3.6.1.2.1.68
// Nothing can be set, as in keepalived: what a router does, its configuration says.

import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import type { SnmpValue } from "./agentx-types.js";
import type { IndexedRow, Read } from "./object-tree.js";
import { type Oid, oidOf } from "./oid.js";
import { counter32, ifThere, integer, ipAddress, macAddress, ticks, truth } from "./values.js";
import { type InstanceRow, instanceRows, type SnmpColumn, type SnmpView, table } from "./view.js";

export const rfc2787Oid: Oid = oidOf("1.3.6.1.2.1.68");
const operations: Oid = [...rfc2787Oid, 1];
const statistics: Oid = [...rfc2787Oid, 2];

export const operMasterIpAddress: Oid = [...operations, 3, 1, 7];
/** Only for notifications: scalars by the RFC; keepalived puts the index of the instance behind. */
export const trapPacketSource: Oid = [...operations, 5];
export const trapAuthenticationErrorType: Oid = [...operations, 6];

export function rfc2787Tables(view: SnmpView): SnmpColumn[] {
  const rows = (): IndexedRow<InstanceRow>[] => rowsOf(view);
  return [
    ...table({
      entry: operations,
      columns: {
        1: () => integer(2),
        2: () => truth(view.config.global.enableTraps),
      },
      rows: () => [{ index: [0], row: view }],
    }),
    ...table({ entry: [...operations, 3, 1], columns: operationColumns, rows }),
    ...table({
      entry: [...operations, 4, 1],
      columns: { 2: () => active },
      rows: () => addressRows(view),
    }),
    ...table({
      entry: statistics,
      columns: {
        1: () => counter32(total(view, "checksumErrors")),
        2: () => counter32(total(view, "versionErrors")),
        3: () => counter32(view.unknownVirtualRouter),
      },
      rows: () => [{ index: [0], row: view }],
    }),
    ...table({ entry: [...statistics, 4, 1], columns: statisticColumns, rows }),
  ];
}

/** RowStatus active(1): what is configured is in force. */
const active: SnmpValue = integer(1);

/** ifIndex and VRID. An instance without an interface, or whose interface is missing, has none. */
export function indexOf({ view, instance }: InstanceRow): Oid | undefined {
  const link = view.links.get(instance.interface);
  return link && [link.index, instance.virtualRouterId];
}

function rowsOf(view: SnmpView): IndexedRow<InstanceRow>[] {
  return instanceRows(view).flatMap((row) => {
    const index = row.instance.version === 2 ? indexOf(row) : undefined;
    return index === undefined ? [] : [{ index, row }];
  });
}

function addressRows(view: SnmpView): IndexedRow<InstanceRow>[] {
  return rowsOf(view).flatMap(({ index, row }) =>
    row.instance.virtualAddresses
      .filter(({ address }) => !address.includes(":"))
      .map(({ address }) => ({ index: [...index, ...address.split(".").map(Number)], row })),
  );
}

/** The hardware address that its adverts and addresses have. */
export function virtualMac({ view, instance }: InstanceRow): SnmpValue | undefined {
  const name = instance.vmac?.name ?? instance.interface;
  const link = view.links.get(name) ?? view.links.get(instance.interface);
  return ifThere(link, ({ hardwareAddress }) => macAddress(hardwareAddress));
}

/** initialize(1), backup(2), master(3): FAULT and a process that is away take no part either. */
export function rfcState({ status }: InstanceRow): SnmpValue {
  const numbers: Readonly<Record<string, number>> = { BACKUP: 2, MASTER: 3 };
  return integer(numbers[status?.state ?? ""] ?? 1);
}

/** noAuthentication(1), simpleTextPassword(2), ipAuthenticationHeader(3) */
function authenticationType({ authentication, headerAuthentication }: VrrpInstanceConfig): number {
  if (headerAuthentication !== undefined) return 3;
  return authentication === undefined ? 1 : 2;
}

/** A MASTER is its own master. */
export function masterAddress({ status }: InstanceRow): string | null {
  if (status === undefined) return null;
  return status.state === "MASTER" ? status.sourceAddress : status.masterAddress;
}

function total(view: SnmpView, counter: string): number {
  let sum = 0;
  for (const { counters } of view.instances.values()) sum += counters[counter] ?? 0;
  return sum;
}

const operationColumns: Record<number, Read<InstanceRow>> = {
  2: virtualMac,
  3: rfcState,
  4: ({ status }) => truth(status !== undefined && status.state !== "INIT"),
  5: ({ status, instance }) => integer(status?.effectivePriority ?? instance.basePriority),
  6: ({ instance }) => integer(instance.virtualAddresses.length),
  7: (row) => ipAddress(masterAddress(row)),
  8: ({ status }) => ipAddress(status?.sourceAddress ?? null),
  9: ({ instance }) => integer(authenticationType(instance)),
  11: ({ instance }) => integer(Math.round(instance.advertIntervalUs / 1e6)),
  12: ({ instance }) => truth(instance.preempt),
  13: ({ view, instance }) => ifThere(view.upSinceCs.get(instance.name), ticks),
  14: () => integer(1),
  15: () => active,
};

function counted(name: string): Read<InstanceRow> {
  return ({ status }) => counter32(status?.counters[name] ?? 0);
}

const statisticColumns: Record<number, Read<InstanceRow>> = {
  1: counted("becomeMaster"),
  2: counted("advertisementsReceived"),
  3: counted("advertIntervalErrors"),
  4: counted("authenticationFailures"),
  5: counted("ttlErrors"),
  6: counted("priorityZeroReceived"),
  7: counted("priorityZeroSent"),
  8: counted("typeErrors"),
  9: counted("addressListErrors"),
  10: counted("authenticationTypeInvalid"),
  11: counted("authenticationTypeMismatch"),
  12: counted("packetLengthErrors"),
};
