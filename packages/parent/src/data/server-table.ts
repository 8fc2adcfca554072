// Virtual servers, real servers and groups in the data file of the checker process, in keepalived's
// order. What checks inherit from them stands with the checks only.

import { realServerName } from "@keepalived-ts/shared-config/base/service-name";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { RealServerSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  GroupEntry,
  RealServerConfig,
  SorryServerConfig,
  VirtualServerConfig,
  VirtualServerGroupConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { enabled, scriptText, yesNo } from "./kernel-text.js";
import { flag, type Shown, type Table } from "./table.js";

export interface ShownServer {
  readonly server: VirtualServerConfig;
  readonly hasQuorum: boolean;
}

export interface ShownRealServer {
  readonly server: RealServerConfig;
  /** Absent before the checker has told of it. */
  readonly snapshot: RealServerSnapshot | undefined;
}

function zeroOrOne(value: boolean): string {
  return value ? "1" : "0";
}

function onOff(name: string, value: boolean): Shown {
  return { line: `${name} is ${value ? "ON" : "OFF"}` };
}

/** The family of its addresses. */
function isIPv6({ key, realServers }: VirtualServerConfig): boolean {
  if (key.kind !== "address") return key.family === 6;
  return (key.address || realServers[0]?.address)?.includes(":") ?? false;
}

/** Of sh and mh the first two flags have names, and are shown in this order. */
function namedFlag(
  server: VirtualServerConfig,
  scheduler: string,
  value: boolean,
): string | undefined {
  return server.scheduler === scheduler ? enabled(value) : undefined;
}

function plainFlag(server: VirtualServerConfig, value: boolean): string | undefined {
  return ["sh", "mh"].includes(server.scheduler) ? undefined : enabled(value);
}

/** As ipvsadm has it: a mask for IPv4, a length for IPv6. */
function granularity(server: VirtualServerConfig): string | undefined {
  const { persistenceGranularity: length } = server;
  if (length === undefined || isIPv6(server)) return length?.toString();
  const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join(".");
}

const checksumTexts = {
  nocsum: "no checksum",
  csum: "checksum",
  remcsum: "remote checksum",
} as const;

function forwardingText({
  forwarding,
  tunnel,
}: Pick<SorryServerConfig, "forwarding" | "tunnel">): string {
  if (forwarding !== "TUN") return forwarding;
  if (tunnel === undefined) return "TUN, type = IPIP";
  const port = tunnel.port === undefined ? "" : `, port = ${tunnel.port}`;
  return `TUN, type = ${tunnel.type.toUpperCase()}${port}, ${checksumTexts[tunnel.checksum]}`;
}

function sorryText({ key, sorryServer }: VirtualServerConfig): Shown {
  if (sorryServer === undefined) return undefined;
  return {
    line: `sorry server = ${realServerName(key, sorryServer)}`,
    items: [
      `forwarding method = ${forwardingText(sorryServer)}`,
      `Inhibit on failure is ${sorryServer.inhibit ? "ON" : "OFF"}`,
    ],
  };
}

export function serverTitle({ key, name }: VirtualServerConfig): string {
  if (key.kind === "fwmark") return `VS FWMARK = ${key.mark}`;
  if (key.kind === "group") return `VS GROUP = ${name}`;
  return `VS VIP = ${key.address}, VPORT = ${key.port}`;
}

export const serverTable: Table<ShownServer> = {
  VirtualHost: ({ server }) => server.virtualHost,
  "Address family": ({ server }) => (isIPv6(server) ? "inet6" : "inet"),
  delay_loop: ({ server }) => (server.delayLoopUs / usPerSecond).toFixed(6),
  lvs_sched: ({ server }) => server.scheduler,
  "flag-1": ({ server }) => plainFlag(server, server.schedulerFlag1),
  "flag-2": ({ server }) => plainFlag(server, server.schedulerFlag2),
  "flag-3": ({ server }) => plainFlag(server, server.schedulerFlag3),
  "sh-port": ({ server }) => namedFlag(server, "sh", server.schedulerFlag2),
  "sh-fallback": ({ server }) => namedFlag(server, "sh", server.schedulerFlag1),
  "mh-port": ({ server }) => namedFlag(server, "mh", server.schedulerFlag2),
  "mh-fallback": ({ server }) => namedFlag(server, "mh", server.schedulerFlag1),
  "One packet scheduling": ({ server }) => enabled(server.onePacket),
  "persistence timeout": ({ server }) => server.persistenceTimeoutS?.toString(),
  "persistence granularity": ({ server }) => granularity(server),
  protocol: ({ server: { key } }) => (key.kind === "fwmark" ? "none" : (key.protocol ?? "none")),
  omega: ({ server }) => onOff("omega", server.omega),
  quorum: ({ server }) => `${server.quorum}, hysteresis = ${server.hysteresis}`,
  "Quorum up notify script": ({ server }) => scriptText(server.quorumUp),
  "Quorum down notify script": ({ server }) => scriptText(server.quorumDown),
  "Using HA suspend": ({ server }) => flag(server.haSuspend),
  "Using smtp notification": ({ server }) => yesNo(server.smtpAlert),
  "default forwarding method": ({ server }) => forwardingText(server),
  "sorry server": ({ server }) => sorryText(server),
  quorum_state_up: ({ hasQuorum }) => zeroOrOne(hasQuorum),
};

/** keepalived indents some of them by itself. */
export const realServerTable: Table<ShownRealServer> = {
  RIP: ({ server, snapshot }) =>
    `${server.address}, RPORT = ${server.port}, WEIGHT = ${server.weight} ` +
    `EFF WEIGHT = ${snapshot?.weight ?? server.weight}`,
  "forwarding method": ({ server }) => forwardingText(server),
  "connection limit range": ({ server }) => `${server.lowerThreshold} -> ${server.upperThreshold}`,
  "Inhibit on failure": ({ server }) => onOff("Inhibit on failure", server.inhibitOnFailure),
  "  RS up notify script": ({ server }) => scriptText(server.notifyUp),
  "  RS down notify script": ({ server }) => scriptText(server.notifyDown),
  " VirtualHost": ({ server }) => server.virtualHost && `'${server.virtualHost}'`,
  "Using smtp notification": ({ server }) => yesNo(server.smtpAlert),
  "initial weight": ({ server }) => String(server.weight),
  "effective weight": ({ server, snapshot }) => String(snapshot?.weight ?? server.weight),
  alive: ({ snapshot }) => zeroOrOne(snapshot?.isUp ?? false),
  "num failed checkers": (shown) => String(failedChecks(shown)),
  "Tracked Files": ({ server }) => trackedFiles(server),
};

/** One that waits for its first success has failed so far. */
function failedChecks({ server, snapshot }: ShownRealServer): number {
  return server.checks.filter((check, i) => {
    const result = snapshot?.checks[i] ?? null;
    return result === false || (result === null && "alpha" in check && check.alpha);
  }).length;
}

function trackedFiles({ checks }: RealServerConfig): Shown {
  const items = checks.flatMap((check) =>
    check.kind === "FILE_CHECK"
      ? [`${check.file}, weight ${check.weight}${check.isReversed ? " reverse" : ""}`]
      : [],
  );
  return items.length === 0 ? undefined : { line: "Tracked Files", items };
}

export function groupLines({ name, entries }: VirtualServerGroupConfig): string[] {
  const isMark = ({ kind }: GroupEntry): boolean => kind === "fwmark";
  const marksLast = [...entries.filter((one) => !isMark(one)), ...entries.filter(isMark)];
  const has = (family: 4 | 6): string => yesNo(entries.some((entry) => familyOf(entry) === family));
  return [
    `Virtual Server Group = ${name}, IPv4 = ${has(4)}, IPv6 = ${has(6)}`,
    ...marksLast.map((entry) => `  ${entryText(entry)}`),
  ];
}

function familyOf(entry: GroupEntry): 4 | 6 | undefined {
  if (entry.kind === "fwmark") return entry.family;
  return entry.first.includes(":") ? 6 : 4;
}

function entryText(entry: GroupEntry): string {
  if (entry.kind === "fwmark") return `FWMARK = ${entry.mark}`;
  const { first, last, port } = entry;
  const range = first === last ? `VIP = ${first}` : `VIP Range = ${first}-${last}`;
  return `${range}, VPORT = ${port}`;
}
