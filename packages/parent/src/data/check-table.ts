// Checks in the data file of the checker process, in keepalived's order: when, from where to where,
// what is asked and what must come back.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type {
  BfdCheckConfig,
  CheckConfig,
  FileCheckConfig,
  UrlConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { commandText, scriptIds, yesNo } from "./kernel-text.js";
import { type OwnLine, type Shown, type Table, tableLines } from "./table.js";

/** Those that have a time of their own. */
type TimedCheck = Exclude<CheckConfig, FileCheckConfig | BfdCheckConfig>;

interface ShownCheck<T> {
  readonly check: T;
  /** null = none yet. */
  readonly result: boolean | null;
}

/** The lines below the head that says of which server it is. */
export function checkLines(check: CheckConfig, result: boolean | null): string[] {
  if (check.kind === "FILE_CHECK") return tableLines(fileTable, { check, result }, "   ");
  if (check.kind === "BFD_CHECK") return tableLines(bfdTable, { check, result }, "   ");
  return [
    ...tableLines(timedTable, { check, result }, "   "),
    ...(check.kind === "HTTP_GET" || check.kind === "SSL_GET" ? check.urls.flatMap(urlLines) : []),
  ];
}

const fileTable: Table<ShownCheck<FileCheckConfig>> = {
  Up: ({ result }) => yesNo(result ?? true),
  "Has run": ({ result }) => yesNo(result !== null),
  "Log all failures": () => "no",
  "Keepalive method": () => "FILE_CHECK",
  "  Tracked file": ({ check }) => check.file,
};

const bfdTable: Table<ShownCheck<BfdCheckConfig>> = {
  Alpha: ({ check }) => yesNo(check.alpha),
  "Keepalive method": () => "BFD_CHECK",
  Name: ({ check }) => check.session,
};

function us(value: number): string {
  return `${value} us`;
}

function address(host: string, port: number | undefined): string {
  return `[${host}]:${port ?? 0}`;
}

function connection(check: TimedCheck): OwnLine | undefined {
  if (check.kind === "MISC_CHECK") return undefined;
  const { bindAddress, bindInterface, fwmark } = check;
  const items = [
    `Dest = ${address(check.connectAddress, check.connectPort)}`,
    bindInterface && `Bind i/f = ${bindInterface}`,
    bindAddress && `Bind to = ${address(bindAddress, check.bindPort)}`,
    fwmark !== undefined && `Mark = ${fwmark}`,
    `Timeout = ${(check.connectTimeoutUs / usPerSecond).toFixed(6)}`,
  ];
  return { line: "Connection", items: items.filter((item) => typeof item === "string") };
}

/** A row that is about one kind of check. */
function only<K extends TimedCheck["kind"]>(
  kinds: readonly K[],
  show: (check: Extract<TimedCheck, { kind: K }>) => Shown,
): (shown: ShownCheck<TimedCheck>) => Shown {
  const isOne = (check: TimedCheck): check is Extract<TimedCheck, { kind: K }> =>
    kinds.some((kind) => kind === check.kind);
  return ({ check }) => (isOne(check) ? show(check) : undefined);
}

function setText(name: string, value: boolean): OwnLine {
  return { line: `${name} ${value ? "set" : "unset"}` };
}

const http = ["HTTP_GET", "SSL_GET"] as const;

const timedTable: Table<ShownCheck<TimedCheck>> = {
  Up: ({ check, result }) => yesNo(result ?? !check.alpha),
  "Has run": ({ result }) => yesNo(result !== null),
  Alpha: ({ check }) => yesNo(check.alpha),
  "Delay loop": ({ check }) => us(check.delayLoopUs),
  Warmup: ({ check }) => us(check.warmupUs),
  Retries: ({ check }) => String(check.retry),
  "Delay before retry": ({ check }) =>
    check.retry === 0 ? undefined : us(check.delayBeforeRetryUs),
  "Log all failures": ({ check }) => yesNo(check.logAllFailures),
  Connection: ({ check }) => connection(check),
  "Keepalive method": ({ check }) =>
    "urls" in check ? `${check.kind}, http protocol ${check.protocol}` : check.kind,
  "Enable SNI": only(http, ({ enableSni }) => setText("Enable SNI", enableSni)),
  "Fast recovery": only(http, ({ fastRecovery }) => setText("Fast recovery", fastRecovery)),
  helo: only(["SMTP_CHECK"], ({ heloName }) => heloName),
  Type: only(["DNS_CHECK"], ({ type }) => type),
  Name: only(["DNS_CHECK"], ({ name }) => ({ line: `Name = ${name.replace(/^\.$/, "")}` })),
  script: only(["MISC_CHECK"], ({ script }) => commandText(script)),
  timeout: only(["MISC_CHECK"], ({ timeoutUs }) => String(timeoutUs / usPerSecond)),
  dynamic: only(["MISC_CHECK"], ({ isDynamic }) => yesNo(isDynamic).toUpperCase()),
  "uid:gid": only(["MISC_CHECK"], ({ script }) => scriptIds(script)),
  Payload: only(["UDP_CHECK"], ({ payload }) => ({
    line: payload ? `Payload len = ${payload.length / 2}` : "Payload specified = no",
  })),
  "Require reply": only(["UDP_CHECK"], (check) => ({
    line: `Require reply = ${yesNo(check.requireReply)}`,
    items: check.requireReply
      ? [`Min reply length = ${check.replyLengthMin}`, `Max reply length = ${check.replyLengthMax}`]
      : [],
  })),
};

function urlLines({ path, digest, virtualHost, statusCodes, regex }: UrlConfig): string[] {
  const codes = statusCodes.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
  const { offsetMin = 0, offsetMax } = regex ?? {};
  return [
    `   Checked url = ${path}`,
    ...(digest === undefined ? [] : [`     digest = ${digest}`]),
    ...(codes.length === 0 ? [] : ["     HTTP Status Code(s)"]),
    ...codes.map((code) => `       ${code}`),
    ...(virtualHost === undefined ? [] : [`     Virtual host = ${virtualHost}`]),
    ...(regex === undefined ? [] : [`     Regex = "${regex.pattern}"`]),
    ...(offsetMin === 0 && offsetMax === undefined
      ? []
      : [`     Regex min offset = ${offsetMin}, max_offset = ${offsetMax ?? 0}`]),
  ];
}
