// KEEPALIVED-MIB, checker part: groups, virtual and real servers with the kernel's statistics, the
// synchronisation daemon and the time-outs of IPVS. 1.3.6.1.4.1.9586.100.5.3

import { realServerName } from "@keepalived-ts/shared-config/base/service-name";
import type { IpvsTraffic } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  CheckConfig,
  ForwardingMethod,
  GroupEntry,
  RealServerConfig,
  SorryServerConfig,
  TunnelConfig,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { agentxError, type SnmpValue } from "./agentx-types.js";
import { keepalivedOid } from "./keepalived-global.js";
import type { Column, IndexedRow, Read, Refusal } from "./object-tree.js";
import { trafficColumns } from "./traffic-columns.js";
import {
  address,
  addressType,
  command,
  enumerated,
  familyType,
  gauge,
  ifThere,
  integer,
  oneOrTwo,
  text,
  truth,
} from "./values.js";
import {
  numbered,
  type SnmpChange,
  type SnmpColumn,
  type SnmpView,
  serverKey,
  table,
} from "./view.js";

export const checkOid: readonly number[] = [...keepalivedOid, 3];
export const virtualServerEntry: readonly number[] = [...checkOid, 3, 1];
export const realServerEntry: readonly number[] = [...checkOid, 4, 1];

const usPerS = 1e6;
/** Weights that IPVS takes. */
const weightMax = 65_535;

export interface VirtualRow {
  readonly view: SnmpView;
  readonly server: VirtualServerConfig;
}

export function checkerTables(view: SnmpView): SnmpColumn[] {
  const { checker } = view.config;
  const groups = checker?.groups ?? [];
  const members = (): IndexedRow<GroupEntry>[] =>
    groups.flatMap(({ entries }, i) => numbered(marksFirst(entries), [i + 1]));
  return [
    ...table({
      entry: [...checkOid, 1, 1],
      columns: { 2: ({ name }: { name: string }) => text(name) },
      rows: () => numbered(groups),
    }),
    ...table({ entry: [...checkOid, 2, 1], columns: memberColumns, rows: members }),
    ...table({
      entry: virtualServerEntry,
      columns: virtualColumns,
      rows: () => numbered(virtualRows(view)),
    }),
    ...table({ entry: realServerEntry, columns: realColumns, rows: () => realRows(view) }),
    ...settingTables(view),
  ];
}

export function virtualRows(view: SnmpView): VirtualRow[] {
  return (view.config.checker?.virtualServers ?? []).map((server) => ({ view, server }));
}

/** keepalived's order. */
function marksFirst(entries: readonly GroupEntry[]): GroupEntry[] {
  const isMark = ({ kind }: GroupEntry): boolean => kind === "fwmark";
  return [...entries.filter(isMark), ...entries.filter((entry) => !isMark(entry))];
}

function single(entry: GroupEntry): string | undefined {
  return entry.kind === "addresses" && entry.first === entry.last ? entry.first : undefined;
}

function range(entry: GroupEntry): Extract<GroupEntry, { kind: "addresses" }> | undefined {
  return entry.kind === "addresses" && entry.first !== entry.last ? entry : undefined;
}

/** fwmark(1), ip(2), iprange(3) */
function memberType(entry: GroupEntry): SnmpValue {
  if (entry.kind === "fwmark") return integer(1);
  return integer(entry.first === entry.last ? 2 : 3);
}

const memberColumns: Record<number, Read<GroupEntry>> = {
  2: memberType,
  3: (entry) => (entry.kind === "fwmark" ? gauge(entry.mark) : undefined),
  4: (entry) => (entry.kind === "addresses" ? addressType(entry.first) : undefined),
  5: (entry) => ifThere(single(entry), address),
  6: (entry) => ifThere(range(entry)?.first, address),
  7: (entry) => ifThere(range(entry)?.last, address),
  8: (entry) => (entry.kind === "addresses" ? gauge(entry.port) : undefined),
};

const kinds = ["fwmark", "address", "group"] as const;
const protocols = ["TCP", "UDP", "SCTP", undefined] as const;
const schedulers = [
  ...[
    "rr",
    "wrr",
    "lc",
    "wlc",
    "lblc",
    "lblcr",
    "dh",
    "sh",
    "sed",
    "nq",
    "fo",
    "ovf",
    "mh",
    "twos",
  ],
];
const unknownScheduler = 99;
const forwardings: readonly ForwardingMethod[] = ["NAT", "DR", "TUN"];

export function typeOf({ server: { key } }: VirtualRow): SnmpValue {
  return enumerated(kinds, key.kind);
}

export function protocolOf({ server: { key } }: VirtualRow): SnmpValue {
  return enumerated(protocols, key.kind === "fwmark" ? undefined : key.protocol);
}

export function upCount(row: VirtualRow): SnmpValue {
  return gauge(row.server.realServers.filter((each) => isUpIn(row, each)).length);
}

export function isUpIn(row: VirtualRow, real: RealServerConfig): boolean {
  return stateOf(row, real)?.isUp === true;
}

export function totalCount({ server }: VirtualRow): SnmpValue {
  return gauge(server.realServers.length);
}

/** What of a key identifies it, by the number of the column. */
export const keyColumns: Record<number, Read<VirtualRow>> = {
  3: ({ server: { key } }) => (key.kind === "group" ? text(key.group) : undefined),
  4: ({ server: { key } }) => (key.kind === "fwmark" ? gauge(key.mark) : undefined),
  5: ({ server: { key } }) =>
    key.kind === "address" ? addressType(key.address) : familyType(key.family),
  6: ({ server: { key } }) => (key.kind === "address" ? address(key.address) : undefined),
  7: ({ server: { key } }) => (key.kind === "address" ? gauge(key.port) : undefined),
};

function familyOf({ server: { key } }: VirtualRow): 4 | 6 {
  if (key.kind !== "address") return key.family;
  return key.address.includes(":") ? 6 : 4;
}

function scheduler({ server }: VirtualRow): SnmpValue {
  const place = schedulers.indexOf(server.scheduler);
  return integer(place < 0 ? unknownScheduler : place + 1);
}

function netmask(prefixLength: number): SnmpValue {
  const mask = Buffer.alloc(4);
  mask.writeUInt32BE((0xffff_ffff << (32 - prefixLength)) >>> 0);
  return { type: "octets", value: prefixLength === 0 ? Buffer.alloc(4) : mask };
}

/** met(1), notMet(2) */
function quorumStatus({ view, server }: VirtualRow): SnmpValue {
  return oneOrTwo(view.virtualServers.get(serverKey(server))?.hasQuorum === true);
}

/** What its checks and servers inherit, as the first of them has it. */
function firstServer({ server }: VirtualRow): RealServerConfig | undefined {
  return server.realServers[0];
}

type TimedCheck = Extract<CheckConfig, { delayLoopUs: number }>;

function firstCheck(server: RealServerConfig | undefined): TimedCheck | undefined {
  return server?.checks.find((check): check is TimedCheck => "delayLoopUs" in check);
}

function connectTimeoutUs(check: TimedCheck | undefined): number {
  return check !== undefined && "connectTimeoutUs" in check ? check.connectTimeoutUs : 5 * usPerS;
}

const tunnelTypes = [undefined, "gue", "gre"] as const;
const tunnelChecksums = ["nocsum", "csum", "remcsum"] as const;

/** The three objects of a tunnel, from the column `first` on. */
function tunnelColumns<Row>(
  first: number,
  of: (row: Row) => { forwarding: ForwardingMethod; tunnel?: TunnelConfig | undefined },
): Record<number, Read<Row>> {
  const shown =
    (show: (tunnel: TunnelConfig | undefined) => SnmpValue | undefined) =>
    (row: Row): SnmpValue | undefined => {
      const { forwarding, tunnel } = of(row);
      return forwarding === "TUN" ? show(tunnel) : undefined;
    };
  return {
    [first]: shown((tunnel) => enumerated<string | undefined>(tunnelTypes, tunnel?.type)),
    [first + 1]: shown((tunnel) => ifThere(tunnel?.port, gauge)),
    [first + 2]: shown((tunnel) =>
      ifThere(tunnel, (each) => enumerated(tunnelChecksums, each.checksum)),
    ),
  };
}

function isScheduler({ server }: VirtualRow, name: string, flag: boolean): SnmpValue {
  return truth(server.scheduler === name && flag);
}

function seconds(us: number): SnmpValue {
  return gauge(Math.floor(us / usPerS));
}

/** The flags of sh and mh have names of their own; 53 and 62 are one, and so are 54 and 63. */
const virtualColumns: Record<number, Read<VirtualRow>> = {
  2: typeOf,
  ...keyColumns,
  8: protocolOf,
  9: scheduler,
  10: ({ server }) => enumerated(forwardings, server.forwarding),
  11: ({ view, server }) => oneOrTwo(view.virtualServers.has(serverKey(server))),
  12: ({ server }) => ifThere(server.virtualHost, text),
  13: ({ server }) => oneOrTwo(server.persistenceTimeoutS !== undefined),
  14: ({ server }) => ifThere(server.persistenceTimeoutS, gauge),
  15: (row) => (familyOf(row) === 4 ? netmask(row.server.persistenceGranularity ?? 32) : undefined),
  16: ({ server }) => seconds(server.delayLoopUs),
  17: ({ server }) => truth(server.haSuspend),
  18: (row) => oneOrTwo(firstCheck(firstServer(row))?.alpha === true),
  19: ({ server }) => oneOrTwo(server.omega),
  20: totalCount,
  21: upCount,
  22: ({ server }) => gauge(server.quorum),
  23: quorumStatus,
  24: ({ server }) => ifThere(server.quorumUp, command),
  25: ({ server }) => ifThere(server.quorumDown, command),
  26: ({ server }) => gauge(server.hysteresis),
  ...trafficColumns<VirtualRow>({
    connections: 27,
    rates: 32,
    wide: 38,
    of: ({ view, server }) => view.traffic.ofVirtualServer(serverKey(server)),
  }),
  28: (row) => packets(row, 1),
  29: (row) => packets(row, 2),
  37: ({ server }) => truth(server.onePacket),
  51: (row) => (familyOf(row) === 6 ? gauge(row.server.persistenceGranularity ?? 128) : undefined),
  52: ({ server }) => truth(server.schedulerFlag3 && server.scheduler !== "mh"),
  53: (row) => isScheduler(row, "sh", row.server.schedulerFlag1),
  54: (row) => isScheduler(row, "sh", row.server.schedulerFlag2),
  55: ({ server }) => truth(server.schedulerFlag3),
  56: (row) => integer(firstServer(row)?.inhibitOnFailure === true ? 2 : 1),
  57: (row) => gauge(firstCheck(firstServer(row))?.retry ?? 0),
  58: (row) => seconds(firstCheck(firstServer(row))?.delayBeforeRetryUs ?? 0),
  59: (row) => seconds(firstCheck(firstServer(row))?.warmupUs ?? 0),
  60: (row) => integer(firstServer(row)?.weight ?? 1),
  61: ({ server }) => oneOrTwo(server.smtpAlert),
  62: (row) => isScheduler(row, "mh", row.server.schedulerFlag1),
  63: (row) => isScheduler(row, "mh", row.server.schedulerFlag2),
  64: ({ server }) => gauge(server.delayLoopUs),
  65: (row) => gauge(firstCheck(firstServer(row))?.delayBeforeRetryUs ?? 0),
  66: (row) => gauge(firstCheck(firstServer(row))?.warmupUs ?? 0),
  67: (row) => gauge(connectTimeoutUs(firstCheck(firstServer(row)))),
  ...tunnelColumns<VirtualRow>(68, ({ server }) => server),
  71: ({ server }) => ifThere(server.snmpName, text),
};

function packets({ view, server }: VirtualRow, at: 1 | 2): SnmpValue {
  const traffic = view.traffic.ofVirtualServer(serverKey(server));
  return { type: "counter32", value: (traffic?.[at] ?? 0) % 2 ** 32 };
}

interface RealRow extends VirtualRow {
  readonly real: RealServerConfig | undefined;
  /** Of a sorry server, which comes first. */
  readonly sorry: SorryServerConfig | undefined;
}

function realRows(view: SnmpView): IndexedRow<RealRow>[] {
  return virtualRows(view).flatMap((row, i) => {
    const { sorryServer, realServers } = row.server;
    const rows: RealRow[] = realServers.map((real) => ({ ...row, real, sorry: undefined }));
    if (sorryServer !== undefined) rows.unshift({ ...row, real: undefined, sorry: sorryServer });
    return numbered(rows, [i + 1]);
  });
}

function stateOf({ view, server }: VirtualRow, real: RealServerConfig) {
  return view.realServers.get(server.name)?.get(realServerName(server.key, real));
}

/** Alpha checks without a result yet have not passed. */
function failedChecks(row: RealRow, real: RealServerConfig): SnmpValue {
  const results = stateOf(row, real)?.checks ?? [];
  const failed = results.filter((result, i) => {
    const check = real.checks[i];
    const isAlpha = check !== undefined && "alpha" in check && check.alpha;
    return result === false || (result === null && isAlpha);
  });
  return gauge(failed.length);
}

/** Of real servers, not of sorry ones, which have neither checks nor a weight. */
function ofReal(show: (real: RealServerConfig, row: RealRow) => SnmpValue | undefined) {
  return (row: RealRow): SnmpValue | undefined =>
    row.real === undefined ? undefined : show(row.real, row);
}

function placeOf({ real, sorry }: RealRow): { address: string; port: number } {
  return real ?? sorry ?? { address: "0.0.0.0", port: 0 };
}

function trafficOf(row: RealRow): IpvsTraffic | undefined {
  return row.view.traffic.ofRealServer(serverKey(row.server), placeOf(row))?.traffic;
}

function connections(row: RealRow, kind: "active" | "inactive" | "persistent"): SnmpValue {
  const found = row.view.traffic.ofRealServer(serverKey(row.server), placeOf(row));
  return gauge(found?.[kind] ?? 0);
}

function writeWeight({ server, real }: RealRow, value: SnmpValue): SnmpChange | Refusal {
  if (real === undefined) return { error: agentxError.notWritable };
  if (value.type !== "integer") return { error: agentxError.wrongType };
  if (value.value < 0 || value.value > weightMax) return { error: agentxError.wrongValue };
  return {
    type: "weight",
    virtualServer: serverKey(server),
    realServer: realServerName(server.key, real),
    value: value.value,
  };
}

const realColumns: Record<number, Read<RealRow> | Column<RealRow, SnmpChange>> = {
  2: ({ real }) => integer(real === undefined ? 2 : 1),
  3: (row) => addressType(placeOf(row).address),
  4: (row) => address(placeOf(row).address),
  5: (row) => gauge(placeOf(row).port),
  6: ofReal((real, row) => oneOrTwo(stateOf(row, real)?.isUp === true)),
  7: {
    read: ofReal((real, row) => integer(stateOf(row, real)?.weight ?? real.weight)),
    write: writeWeight,
  },
  8: ofReal((real) => ifThere(real.upperThreshold || undefined, gauge)),
  9: ofReal((real) => ifThere(real.lowerThreshold || undefined, gauge)),
  10: ofReal((real) => integer(real.inhibitOnFailure ? 2 : 1)),
  11: ofReal((real) => ifThere(real.notifyUp, command)),
  12: ofReal((real) => ifThere(real.notifyDown, command)),
  13: ofReal((real, row) => failedChecks(row, real)),
  ...trafficColumns<RealRow>({ connections: 14, rates: 22, wide: 27, of: trafficOf, bytes: 20 }),
  15: (row) => connections(row, "active"),
  16: (row) => connections(row, "inactive"),
  17: (row) => connections(row, "persistent"),
  18: (row) => ({ type: "counter32", value: (trafficOf(row)?.[1] ?? 0) % 2 ** 32 }),
  19: (row) => ({ type: "counter32", value: (trafficOf(row)?.[2] ?? 0) % 2 ** 32 }),
  40: ({ real, sorry }) => enumerated(forwardings, (real ?? sorry)?.forwarding ?? "NAT"),
  41: ofReal((real) => ifThere(real.virtualHost, text)),
  42: ofReal((real) => oneOrTwo(firstCheck(real)?.alpha === true)),
  43: ofReal((real) => gauge(firstCheck(real)?.retry ?? 0)),
  44: ofReal((real) => seconds(firstCheck(real)?.delayBeforeRetryUs ?? 0)),
  45: ofReal((real) => seconds(firstCheck(real)?.warmupUs ?? 0)),
  46: ofReal((real, { server }) => seconds(firstCheck(real)?.delayLoopUs ?? server.delayLoopUs)),
  47: ofReal((real) => oneOrTwo(real.smtpAlert)),
  48: ofReal((real) => gauge(firstCheck(real)?.delayBeforeRetryUs ?? 0)),
  49: ofReal((real) => gauge(firstCheck(real)?.warmupUs ?? 0)),
  50: ofReal((real, { server }) => gauge(firstCheck(real)?.delayLoopUs ?? server.delayLoopUs)),
  51: ofReal((real) => gauge(connectTimeoutUs(firstCheck(real)))),
  ...tunnelColumns<RealRow>(52, ({ real, sorry }) => real ?? sorry ?? { forwarding: "NAT" }),
  55: ofReal((real) => ifThere(real.snmpName, text)),
};

function settingTables(view: SnmpView): SnmpColumn[] {
  const { global } = view.config;
  const daemon = global.lvsSyncDaemon;
  const rows = (): IndexedRow<SnmpView>[] => [{ index: [0], row: view }];
  const multicast = daemon?.multicastGroup;
  return [
    ...table({
      entry: [...checkOid, 6],
      columns: {
        1: () => oneOrTwo(daemon !== undefined),
        2: () => ifThere(daemon?.interface, text),
        3: () => ifThere(daemon?.instance, text),
        4: () => ifThere(daemon?.syncId, integer),
        5: () => ifThere(daemon?.packetLengthMax, integer),
        6: () => ifThere(daemon?.port, integer),
        7: () => ifThere(daemon?.timeToLive, integer),
        8: () => ifThere(multicast, addressType),
        9: () => ifThere(multicast, address),
      },
      rows,
    }),
    ...table({
      entry: [...checkOid, 7],
      columns: {
        1: () => ifThere(global.lvsTcpTimeoutS, integer),
        2: () => ifThere(global.lvsTcpFinTimeoutS, integer),
        3: () => ifThere(global.lvsUdpTimeoutS, integer),
      },
      rows,
    }),
  ];
}
