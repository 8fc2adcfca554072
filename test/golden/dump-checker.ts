// Every value that Debian's checker process holds, beside ours: groups, virtual servers, real
// servers. Their checks stand in dump-checks.ts.

import { enabled, scriptText, yesNo } from "@keepalived-ts/parent/data/kernel-text";
import { flag, list } from "@keepalived-ts/parent/data/table";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type {
  CheckerConfig,
  Config,
  GroupEntry,
  RealServerConfig,
  SorryServerConfig,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { compareChecks } from "./dump-checks.js";
import { anyOf } from "./dump-compare.js";
import { type DumpLine, linesOf, parseDump } from "./dump-parse.js";
import { compareTable, type Table } from "./dump-table.js";

/** How things stand, titles, and what checks inherit, which is compared there. */
const runtime: RegExp = anyOf(
  "alive",
  "quorum_state_up",
  "reloaded",
  "connection timeout",
  "Retry count",
  "Retry delay",
  "Warmup",
  "[Aa]lpha is O.*",
  "-+< .*",
  "Delay loop",
  "initial weight",
  "effective weight",
  "previous effective_weight",
  "num failed checkers",
  "RS set",
  "Hashed",
);

function onOff(value: boolean): string | undefined {
  return flag(value);
}

/** The family of its addresses. */
function familyOf({ key, realServers }: VirtualServerConfig): string {
  const address = key.kind === "address" ? key.address : realServers[0]?.address;
  return address?.includes(":") ? "inet6" : "inet";
}

function protocolOf({ key }: VirtualServerConfig): string {
  return key.kind === "fwmark" ? "none" : (key.protocol ?? "none");
}

/** Of sh and mh the first flags have names. */
function flagRows(scheduler: string): Table<VirtualServerConfig> {
  const isIt = (server: VirtualServerConfig): boolean => server.scheduler === scheduler;
  const word = (value: boolean): string => (value ? "enabled" : "disabled");
  return {
    [`${scheduler}-fallback`]: (server) => (isIt(server) ? word(server.schedulerFlag1) : undefined),
    [`${scheduler}-port`]: (server) => (isIt(server) ? word(server.schedulerFlag2) : undefined),
  };
}

function plainFlag(server: VirtualServerConfig, value: boolean): string | undefined {
  return ["sh", "mh"].includes(server.scheduler) ? undefined : enabled(value);
}

/** As ipvsadm has it: a mask for IPv4, a length for IPv6. */
function granularity(server: VirtualServerConfig): string | undefined {
  const { persistenceGranularity: length } = server;
  if (length === undefined || familyOf(server) === "inet6") return length?.toString();
  const mask = (0xffffffff << (32 - length)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join(".");
}

function forwardingText(of: Pick<SorryServerConfig, "forwarding">): string {
  return of.forwarding === "TUN" ? "TUN, type = IPIP" : of.forwarding;
}

function endpoint(address: string, port: number, server: VirtualServerConfig): string {
  return `[${address}]:${protocolOf(server).toLowerCase()}:${port}`;
}

const serverTable: Table<VirtualServerConfig> = {
  VirtualHost: ({ virtualHost }) => virtualHost,
  "Address family": familyOf,
  delay_loop: ({ delayLoopUs }) => (delayLoopUs / usPerSecond).toFixed(6),
  lvs_sched: ({ scheduler }) => scheduler,
  "flag-1": (server) => plainFlag(server, server.schedulerFlag1),
  "flag-2": (server) => plainFlag(server, server.schedulerFlag2),
  "flag-3": (server) => plainFlag(server, server.schedulerFlag3),
  ...flagRows("sh"),
  ...flagRows("mh"),
  "One packet scheduling": ({ onePacket }) => enabled(onePacket),
  "persistence timeout": ({ persistenceTimeoutS }) => persistenceTimeoutS?.toString(),
  "persistence granularity": granularity,
  protocol: protocolOf,
  "Using HA suspend": ({ haSuspend }) => flag(haSuspend),
  "omega is ON": ({ omega }) => onOff(omega),
  "omega is OFF": ({ omega }) => onOff(!omega),
  quorum: ({ quorum, hysteresis }) => `${quorum}, hysteresis = ${hysteresis}`,
  "Quorum up notify script": ({ quorumUp }) => scriptText(quorumUp),
  "Quorum down notify script": ({ quorumDown }) => scriptText(quorumDown),
  "Using smtp notification": ({ smtpAlert }) => yesNo(smtpAlert),
  "default forwarding method": forwardingText,
  "sorry server": (server) =>
    server.sorryServer && endpoint(server.sorryServer.address, server.sorryServer.port, server),
};

const sorryTable: Table<SorryServerConfig> = {
  "forwarding method": forwardingText,
  "Inhibit on failure is ON": ({ inhibit }) => onOff(inhibit),
  "Inhibit on failure is OFF": ({ inhibit }) => onOff(!inhibit),
};

function trackedFiles({ checks }: RealServerConfig): readonly string[] | undefined {
  return list(
    checks.flatMap((check) =>
      check.kind === "FILE_CHECK"
        ? [`${check.file}, weight ${check.weight}${check.isReversed ? " reverse" : ""}`]
        : [],
    ),
  );
}

const realTable: Table<RealServerConfig> = {
  RIP: ({ address, port, weight }) => `${address}, RPORT = ${port}, WEIGHT = ${weight}`,
  "forwarding method": forwardingText,
  "connection limit range": ({ lowerThreshold, upperThreshold }) =>
    `${lowerThreshold} -> ${upperThreshold}`,
  "Inhibit on failure is ON": ({ inhibitOnFailure }) => onOff(inhibitOnFailure),
  "Inhibit on failure is OFF": ({ inhibitOnFailure }) => onOff(!inhibitOnFailure),
  "RS up notify script": ({ notifyUp }) => scriptText(notifyUp),
  "RS down notify script": ({ notifyDown }) => scriptText(notifyDown),
  "Using smtp notification": ({ smtpAlert }) => yesNo(smtpAlert),
  VirtualHost: ({ virtualHost }) => virtualHost && `'${virtualHost}'`,
  "Tracked Files": trackedFiles,
};

/** As ours is called, from the head and the protocol of one of theirs. */
function nameOf({ key, value, below }: DumpLine): string {
  if (key === "VS FWMARK") return `FWM ${value}`;
  if (key === "VS GROUP") return value;
  const [address = "", port = ""] = value.split(", VPORT = ");
  const protocol = linesOf(below, "protocol")[0]?.value.toLowerCase();
  return `[${address}]:${protocol}:${port}`;
}

/** The lines of each real server, those further in beside the others. */
function realServerLines(server: DumpLine): readonly (readonly DumpLine[])[] {
  const servers: DumpLine[][] = [];
  for (const line of server.below) {
    if (line.key === "RIP") {
      servers.push([{ ...line, value: line.value.replace(/ EFF WEIGHT.*/, "") }]);
    } else servers.at(-1)?.push(line, ...(line.key === "Tracked Files" ? [] : line.below));
  }
  return servers;
}

function compareServer(line: DumpLine, server: VirtualServerConfig): string[] {
  const where = server.name;
  const end = line.below.findIndex(({ key }) => key === "RIP");
  const own = line.below.slice(0, end === -1 ? undefined : end);
  const sorry = linesOf(own, "sorry server")[0]?.below ?? [];
  const theirs = realServerLines(line);
  const { sorryServer, realServers } = server;
  // That of the virtual server; ours has it in each real server.
  const lines = own.filter(({ key }) => !key.startsWith("Inhibit on failure"));
  return [
    ...compareTable({ where, lines, object: server, table: serverTable, runtime }),
    ...(sorryServer === undefined
      ? []
      : compareTable({
          where: `${where} sorry_server`,
          lines: sorry,
          object: sorryServer,
          table: sorryTable,
          runtime,
        })),
    ...(theirs.length === realServers.length
      ? []
      : [`${where}: theirs ${theirs.length} real servers, ours ${realServers.length}`]),
    ...realServers.flatMap((object, index) =>
      compareTable({
        where: `${where} ${object.address}`,
        lines: theirs[index] ?? [],
        object,
        table: realTable,
        runtime,
      }),
    ),
  ];
}

function entryText(entry: GroupEntry): string {
  if (entry.kind === "fwmark") return `FWMARK = ${entry.mark}`;
  const { first, last, port } = entry;
  return first === last
    ? `VIP = ${first}, VPORT = ${port}`
    : `VIP Range = ${first}-${last}, VPORT = ${port}`;
}

function compareGroups(lines: readonly DumpLine[], { groups }: CheckerConfig): string[] {
  const theirs = linesOf(lines, "Virtual Server Group").map(({ value, below }) =>
    [value.replace(/,.*/, ""), ...below.map(({ text }) => text).toSorted()].join("; "),
  );
  const ours = groups.map(({ name, entries }) =>
    [name, ...entries.map(entryText).toSorted()].join("; "),
  );
  return theirs.join("\n") === ours.join("\n") ? [] : [`groups: theirs ${theirs}, ours ${ours}`];
}

/** One line for each difference. */
export function compareCheckers(text: string, { checker, global, tracking }: Config): string[] {
  const dump = parseDump(text);
  const lines = dump.get("LVS Topology") ?? [];
  const shown = lines.filter(({ key }) => /^VS (VIP|FWMARK|GROUP)$/.test(key));
  const servers = checker?.virtualServers ?? [];
  const names = [shown.map(nameOf), servers.map(({ name }) => name)].map((each) => each.join(" "));
  const [theirs = "", ours = ""] = names;
  return [
    ...(checker === undefined ? ["ours has no checker"] : compareGroups(lines, checker)),
    ...(theirs === ours ? [] : [`virtual servers: theirs ${theirs}, ours ${ours}`]),
    ...servers.flatMap((server) => {
      const line = shown.find((each) => nameOf(each) === server.name);
      return line === undefined ? [] : compareServer(line, server);
    }),
    ...compareChecks(dump.get("Health checkers") ?? [], servers, global.checkerLogAllFailures),
    ...(dump.get("Checker track files") ?? []).flatMap(({ value: name, below }) => {
      const file = tracking.files.find((each) => each.name === name);
      const path = linesOf(below, "File")[0]?.value;
      return file?.path === path ? [] : [`track_file ${name}: theirs ${path}, ours ${file?.path}`];
    }),
  ];
}
