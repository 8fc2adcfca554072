// The checks that Debian's checker process runs, beside ours: when, from where to where, what is
// asked and what must come back.

import { commandText, scriptIds, yesNo } from "@keepalived-ts/parent/data/kernel-text";
import { flag } from "@keepalived-ts/parent/data/table";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type {
  BfdCheckConfig,
  CheckConfig,
  FileCheckConfig,
  HttpCheckConfig,
  UdpCheckConfig,
  UrlConfig,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { anyOf } from "./dump-compare.js";
import { type DumpLine, linesOf, listOf } from "./dump-parse.js";
import { compareTable, type Table } from "./dump-table.js";

/** Those that have a time of their own. */
type TimedCheck = Exclude<CheckConfig, FileCheckConfig | BfdCheckConfig>;

interface TimedCheckOf {
  readonly check: TimedCheck;
}

/**
 * How things stand, and what is compared apart; the build has a fault in its list of options of
 * regular expressions.
 */
const runtime: RegExp = anyOf(
  "Enabled",
  "Up",
  "Has run",
  "Current weight",
  "Retries iterations",
  "Default delay before retry",
  "Connection",
  "Failed URL",
  "Last (ran|status)",
  "Checked url",
  "Regex options",
  "Reply data len",
  "Reply data mask",
);

function us(value: number): string {
  return `${value} us`;
}

function address(host: string, port: number | undefined): string {
  return `[${host}]:${port ?? 0}`;
}

/** What has a connection says `field` of it. */
function connection(
  { check }: TimedCheckOf,
  pick: (of: Exclude<TimedCheck, { kind: "MISC_CHECK" }>) => string | undefined,
): string | undefined {
  return check.kind === "MISC_CHECK" ? undefined : pick(check);
}

const connectionTable: Table<TimedCheckOf> = {
  Dest: (of) => connection(of, (each) => address(each.connectAddress, each.connectPort)),
  Timeout: (of) =>
    connection(of, ({ connectTimeoutUs }) => (connectTimeoutUs / usPerSecond).toFixed(6)),
  "Bind to": (of) =>
    connection(of, (each) => each.bindAddress && address(each.bindAddress, each.bindPort)),
  "Bind i/f": (of) => connection(of, ({ bindInterface }) => bindInterface),
  Mark: (of) => connection(of, ({ fwmark }) => fwmark?.toString()),
};

function http({ check }: TimedCheckOf, pick: (of: HttpCheckConfig) => boolean): string | undefined {
  return check.kind === "HTTP_GET" || check.kind === "SSL_GET" ? flag(pick(check)) : undefined;
}

function udp(
  { check }: TimedCheckOf,
  pick: (of: UdpCheckConfig) => string | undefined,
): string | undefined {
  return check.kind === "UDP_CHECK" ? pick(check) : undefined;
}

function method(check: TimedCheck): string {
  const isHttp = check.kind === "HTTP_GET" || check.kind === "SSL_GET";
  return isHttp ? `${check.kind}, http protocol ${check.protocol}` : check.kind;
}

/** keepalived says 0 where the delay_loop of the virtual server is taken. */
function miscTimeout({ check }: TimedCheckOf): string | undefined {
  return check.kind === "MISC_CHECK" ? String(check.timeoutUs / usPerSecond) : undefined;
}

const checkTable: Table<TimedCheckOf> = {
  Alpha: ({ check }) => yesNo(check.alpha),
  "Delay loop": ({ check }) => us(check.delayLoopUs),
  Warmup: ({ check }) => us(check.warmupUs),
  Retries: ({ check }) => String(check.retry),
  "Delay before retry": ({ check }) =>
    check.retry === 0 ? undefined : us(check.delayBeforeRetryUs),
  "Log all failures": ({ check }) => yesNo(check.logAllFailures),
  ...connectionTable,
  "Keepalive method": ({ check }) => method(check),
  "Enable SNI set": (of) => http(of, ({ enableSni }) => enableSni),
  "Enable SNI unset": (of) => http(of, ({ enableSni }) => !enableSni),
  "Fast recovery set": (of) => http(of, ({ fastRecovery }) => fastRecovery),
  "Fast recovery unset": (of) => http(of, ({ fastRecovery }) => !fastRecovery),
  helo: ({ check }) => (check.kind === "SMTP_CHECK" ? check.heloName : undefined),
  Type: ({ check }) => (check.kind === "DNS_CHECK" ? check.type : undefined),
  Name: ({ check }) => (check.kind === "DNS_CHECK" ? check.name.replace(/^\.$/, "") : undefined),
  script: ({ check }) => (check.kind === "MISC_CHECK" ? commandText(check.script) : undefined),
  timeout: miscTimeout,
  dynamic: ({ check }) =>
    check.kind === "MISC_CHECK" ? yesNo(check.isDynamic).toUpperCase() : undefined,
  "uid:gid": ({ check }) => (check.kind === "MISC_CHECK" ? scriptIds(check.script) : undefined),
  "Payload len": (of) => udp(of, ({ payload }) => payload && String(payload.length / 2)),
  "Require reply": (of) => udp(of, ({ requireReply }) => yesNo(requireReply)),
  "Min reply length": (of) =>
    udp(of, (each) => (each.requireReply ? String(each.replyLengthMin) : undefined)),
  "Max reply length": (of) =>
    udp(of, (each) => (each.requireReply ? String(each.replyLengthMax) : undefined)),
};

/** The codes one by one: which of them stand together is of no meaning. */
function codes(ranges: readonly { readonly from: number; readonly to: number }[]): string {
  const all = ranges.flatMap(({ from, to }) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index),
  );
  return [...new Set(all)].toSorted((one, other) => one - other).join(" ");
}

function ourUrl(url: UrlConfig): string {
  const { regex } = url;
  const pattern = regex && `"${regex.pattern}" ${regex.offsetMin} ${regex.offsetMax ?? 0}`;
  const words = [url.path, url.digest, url.virtualHost, pattern, codes(url.statusCodes)];
  return words.filter((word) => word !== undefined).join(" ");
}

function theirUrl({ value: path, below }: DumpLine): string {
  const one = (key: string): string | undefined => linesOf(below, key)[0]?.value;
  const ranges = listOf(below, "HTTP Status Code(s)").map((text) => {
    const [from = 0, to = from] = text.split("-").map(Number);
    return { from, to };
  });
  const offsets = one("Regex min offset")?.replace(", max_offset =", "") ?? "0 0";
  const regex = one("Regex");
  const pattern = regex && `${regex} ${offsets}`;
  const words = [path, one("digest"), one("Virtual host"), pattern, codes(ranges)];
  return words.filter((word) => word !== undefined).join(" ");
}

/** What stands in the Host header comes from the virtual server where a url does not say. */
function compareUrls(where: string, lines: readonly DumpLine[], check: TimedCheck): string[] {
  if (check.kind !== "HTTP_GET" && check.kind !== "SSL_GET") return [];
  const shown = linesOf(lines, "Checked url");
  const theirs = shown.map(theirUrl).join("; ");
  const isSaid = shown.map(({ below }) => linesOf(below, "Virtual host").length > 0);
  const ours = check.urls
    .map((url, index) => ourUrl(isSaid[index] ? url : { ...url, virtualHost: undefined }))
    .join("; ");
  return theirs === ours ? [] : [`${where} urls: theirs ${theirs}, ours ${ours}`];
}

function compareCheck(
  where: string,
  line: DumpLine,
  check: TimedCheck,
  logsAll: boolean,
): string[] {
  const inner = line.below.flatMap((each) =>
    /^(Connection|Require reply)$/.test(each.key) ? [each, ...each.below] : [each],
  );
  const delay = `${check.delayLoopUs / usPerSecond}`;
  const lines = inner.map((each) => {
    if (each.text === "timeout = 0") return { ...each, value: delay };
    // It shows what the check says itself; the global setting counts too.
    const isLogs = each.key === "Log all failures" && logsAll;
    return isLogs ? { ...each, value: "yes" } : each;
  });
  return [
    ...compareTable({ where, lines, object: { check }, table: checkTable, runtime }),
    ...compareUrls(where, lines, check),
  ];
}

/** Files and BFD sessions stand with the real server. */
function isTimed({ below }: DumpLine): boolean {
  return !/^(FILE|BFD)_CHECK$/.test(linesOf(below, "Keepalive method")[0]?.value ?? "");
}

/** The checks of each real server in their order. */
export function compareChecks(
  lines: readonly DumpLine[],
  servers: readonly VirtualServerConfig[],
  logsAll: boolean,
): string[] {
  return servers.flatMap(({ name, realServers }) =>
    realServers.flatMap((real) => {
      const where = `${name} -> [${real.address}]`;
      const theirs = lines.filter((line) => line.text.startsWith(`${where}:`) && isTimed(line));
      const ours = real.checks.filter(
        (check) => check.kind !== "FILE_CHECK" && check.kind !== "BFD_CHECK",
      );
      if (theirs.length !== ours.length) {
        return [`${where}: theirs ${theirs.length} checks, ours ${ours.length}`];
      }
      return ours.flatMap((check, index) => {
        const line = theirs[index];
        return line === undefined
          ? []
          : compareCheck(`${where} ${check.kind}`, line, check, logsAll);
      });
    }),
  );
}
