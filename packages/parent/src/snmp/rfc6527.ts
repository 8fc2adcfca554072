// VRRPv3-MIB, RFC 6527: all instances, of both versions and families. 1.3.6.1.2.1.207
// Nothing can be set, as in keepalived.

import { parseIp } from "@keepalived-ts/shared-config/base/ip";
import type { RefusalCause } from "@keepalived-ts/shared-config/ipc/messages";
import type { IndexedRow, Read } from "./object-tree.js";
import { type Oid, oidOf } from "./oid.js";
import { indexOf, masterAddress, rfcState, virtualMac } from "./rfc2787.js";
import { address, counter32, counter64, gauge, ifThere, integer, ticks, truth } from "./values.js";
import { type InstanceRow, instanceRows, type SnmpColumn, type SnmpView, table } from "./view.js";

export const rfc6527Oid: Oid = oidOf("1.3.6.1.2.1.207");
const operations: Oid = [...rfc6527Oid, 1, 1];
const statistics: Oid = [...rfc6527Oid, 1, 2];

export const operationsMasterIpAddress: Oid = [...operations, 1, 1, 3];
export const statisticsNewMasterReason: Oid = [...statistics, 5, 1, 2];
export const statisticsProtocolErrorReason: Oid = [...statistics, 5, 1, 6];

export function rfc6527Tables(view: SnmpView): SnmpColumn[] {
  const rows = (): IndexedRow<InstanceRow>[] => rowsOf(view);
  return [
    ...table({ entry: [...operations, 1, 1], columns: operationColumns, rows }),
    ...table({
      entry: [...operations, 2, 1],
      columns: { 2: () => integer(1) },
      rows: () => addressRows(view),
    }),
    ...table({
      entry: statistics,
      columns: {
        1: () => counter64(total(view, "checksumErrors")),
        2: () => counter64(total(view, "versionErrors")),
        3: () => counter64(view.unknownVirtualRouter),
        4: () => ticks(0),
      },
      rows: () => [{ index: [0], row: view }],
    }),
    ...table({ entry: [...statistics, 5, 1], columns: statisticColumns, rows }),
  ];
}

/** ifIndex, VRID and InetAddressType. */
export function index6527(row: InstanceRow): Oid | undefined {
  const index = indexOf(row);
  return index && [...index, row.instance.family === 4 ? 1 : 2];
}

function rowsOf(view: SnmpView): IndexedRow<InstanceRow>[] {
  return instanceRows(view).flatMap((row) => {
    const index = index6527(row);
    return index === undefined ? [] : [{ index, row }];
  });
}

/** The length of the address does not stand before it: IMPLIED by its type in keepalived. */
function addressRows(view: SnmpView): IndexedRow<InstanceRow>[] {
  return rowsOf(view).flatMap(({ index, row }) =>
    row.instance.virtualAddresses.map((each) => ({
      index: [...index, ...(parseIp(each.address) ?? [])],
      row,
    })),
  );
}

function total(view: SnmpView, counter: string): number {
  let sum = 0;
  for (const { counters } of view.instances.values()) sum += counters[counter] ?? 0;
  return sum;
}

function anyAddress({ instance }: InstanceRow): string {
  return instance.family === 4 ? "0.0.0.0" : "::";
}

const operationColumns: Record<number, Read<InstanceRow>> = {
  3: (row) => address(masterAddress(row) ?? anyAddress(row)),
  4: (row) => address(row.status?.sourceAddress ?? anyAddress(row)),
  5: virtualMac,
  6: rfcState,
  7: ({ status, instance }) => gauge(status?.effectivePriority ?? instance.basePriority),
  8: ({ instance }) => integer(instance.virtualAddresses.length),
  9: ({ instance }) => integer(Math.round(instance.advertIntervalUs / 1e4)),
  10: ({ instance }) => truth(instance.preempt),
  11: ({ instance }) => truth(instance.acceptMode),
  12: ({ view, instance }) =>
    ifThere(view.upSinceCs.get(instance.name), (since) => ticks(view.sysUpTimeCs - since)),
  13: () => integer(1),
};

/** notMaster(0), priority(1), preempted(2), masterNoResponse(3) */
const masterReasons = { owner: 1, preemption: 2, timeout: 3 } as const;

export function masterReason({ status }: InstanceRow): number {
  if (status?.state !== "MASTER") return 0;
  return masterReasons[status.masterReason ?? "timeout"];
}

/** ipTtlError(1), versionError(2), checksumError(3); vrIdError(4) belongs to no instance. */
const protocolErrorReasons: Readonly<Partial<Record<RefusalCause, number>>> = {
  ttl: 1,
  version: 2,
  checksum: 3,
};

/** vrrpv3StatisticsProtoErrReason; undefined for what is no error of the protocol. */
export function protocolErrorReason(cause: RefusalCause | undefined): number | undefined {
  return cause && protocolErrorReasons[cause];
}

function counted(name: string): Read<InstanceRow> {
  return ({ status }) => counter64(status?.counters[name] ?? 0);
}

const statisticColumns: Record<number, Read<InstanceRow>> = {
  1: ({ status }) => counter32(status?.counters["becomeMaster"] ?? 0),
  2: (row) => integer(masterReason(row)),
  3: counted("advertisementsReceived"),
  4: counted("advertIntervalErrors"),
  5: counted("ttlErrors"),
  6: ({ view, instance }) => integer(protocolErrorReason(view.refusals.get(instance.name)) ?? 0),
  7: counted("priorityZeroReceived"),
  8: counted("priorityZeroSent"),
  9: counted("typeErrors"),
  10: counted("addressListErrors"),
  11: counted("packetLengthErrors"),
  12: () => ticks(0),
  13: ({ instance }) => gauge(instance.advertIntervalUs / 1000),
};
