// The checks of a real server: what each takes over from the server, the virtual server and what is
// built in. Follows validate_check_config of keepalived's check/check_data.c. A check without what
// it cannot do without is dropped; one that has nowhere to go keeps its server out.

import { ipFamily, parseIp } from "../base/ip.js";
import { usPerSecond } from "../base/units.js";
import type { Span } from "../text/source.js";
import { isLinkLocal6 } from "./address-arithmetic.js";
import type {
  CheckConfig,
  CheckConnection,
  CheckTiming,
  MiscCheckConfig,
  PingCheckConfig,
  SmtpCheckConfig,
} from "./config-checks.js";
import type {
  BfdCheckDraft,
  CheckDraft,
  ConnectionDraft,
  DnsCheckDraft,
  FileCheckDraft,
  GrpcCheckDraft,
  HttpCheckDraft,
  MiscCheckDraft,
  PingCheckDraft,
  SmtpCheckDraft,
  TimedDraft,
  UdpCheckDraft,
} from "./draft-checker.js";
import { givenOr, type Mutable } from "./drafted.js";
import type { ServerContext } from "./link-checker-context.js";
import { linkUrls } from "./link-http.js";
import { linkScript } from "./link-script.js";

const defaultConnectTimeoutUs = 5 * usPerSecond;
const defaultHeloName = "smtpchecker.keepalived.org";
const defaultReplyLengthMax = 255;

/** What a kind of check does where nobody says; a delay that is absent is delay_loop. */
interface BuiltIn {
  readonly retry: number;
  readonly delayBeforeRetryUs: number | undefined;
}

const commonDefaults: BuiltIn = { retry: 1, delayBeforeRetryUs: usPerSecond };
const httpDefaults: BuiltIn = { retry: 1, delayBeforeRetryUs: 3 * usPerSecond };
const miscDefaults: BuiltIn = { retry: 0, delayBeforeRetryUs: usPerSecond };
const dnsDefaults: BuiltIn = { retry: 3, delayBeforeRetryUs: undefined };

/** The checks of the server, or undefined when one has nowhere to go and the server stays out. */
export function linkChecks(server: ServerContext): CheckConfig[] | undefined {
  const checks: CheckConfig[] = [];
  const { drafts } = server.service.context;
  for (const draft of server.draft.checks) {
    const next = checks.length;
    if (!linkCheck(server, draft, checks)) return undefined;
    const check = checks[next];
    if (check !== undefined) drafts.checks.set(check, draft);
  }
  // An array that grew has room for 17; this one is kept, and there is one for each server.
  return checks.slice();
}

/** Adds what the draft describes; false keeps the server out. */
function linkCheck(server: ServerContext, draft: CheckDraft, checks: CheckConfig[]): boolean {
  switch (draft.kind) {
    case "TCP_CHECK":
      return add(checks, connected(server, draft, draft.kind, commonDefaults));
    case "HTTP_GET":
    case "SSL_GET":
      return linkHttp(server, draft, checks);
    case "SMTP_CHECK":
      return linkSmtp(server, draft, checks);
    case "DNS_CHECK":
      return linkDns(server, draft, checks);
    case "UDP_CHECK":
      return linkUdp(server, draft, checks);
    case "GRPC_CHECK":
      return linkGrpc(server, draft, checks);
    case "PING_CHECK":
      return add(checks, linkPing(server, draft));
    case "MISC_CHECK":
      linkMisc(server, draft, checks);
      return true;
    case "FILE_CHECK":
      linkFile(server, draft, checks);
      return true;
    case "BFD_CHECK":
      linkBfd(server, draft, checks);
      return true;
  }
}

function add(checks: CheckConfig[], check: CheckConfig | undefined): boolean {
  if (check === undefined) return false;
  checks.push(check);
  return true;
}

function timed(server: ServerContext, draft: TimedDraft, builtIn: BuiltIn): CheckTiming {
  const own = server.draft;
  const { service } = server;
  const above = service.draft;
  const delayLoopUs = draft.delayLoopUs ?? own.delayLoopUs ?? service.delayLoopUs;
  return {
    retry: draft.retry ?? own.retry ?? above.retry ?? builtIn.retry,
    delayBeforeRetryUs:
      draft.delayBeforeRetryUs ??
      own.delayBeforeRetryUs ??
      above.delayBeforeRetryUs ??
      builtIn.delayBeforeRetryUs ??
      delayLoopUs,
    delayLoopUs,
    warmupUs: draft.warmupUs ?? own.warmupUs ?? above.warmupUs ?? delayLoopUs,
    alpha: (draft.alpha ?? own.alpha ?? above.alpha)?.value ?? false,
    logAllFailures: draft.logAllFailures?.value ?? service.logAllFailures,
  };
}

interface Connected<K> extends CheckTiming, CheckConnection {
  readonly kind: K;
}

type Kind = Exclude<CheckDraft["kind"], "MISC_CHECK" | "FILE_CHECK" | "BFD_CHECK" | "PING_CHECK">;

/** A check that connects, or undefined, after a report, when it has nowhere to go. */
function connected<K extends Kind>(
  server: ServerContext,
  draft: ConnectionDraft & Pick<CheckDraft, "span">,
  kind: K,
  builtIn: BuiltIn,
): Mutable<Connected<K>> | undefined {
  const connectPort = draft.connectPort?.value ?? server.checkPort;
  const connectAddress = draft.connectAddress?.value ?? server.address;
  if (connectPort === 0) return refuse(server, draft, kind, "no port is known", "connect_port");
  if (!isReachable(server, draft, kind, connectAddress)) return undefined;
  const timing = timed(server, draft, builtIn);
  const check: Mutable<Connected<K>> = {
    kind,
    connectAddress,
    connectPort,
    connectTimeoutUs: connectTimeoutOf(server, draft),
    retry: timing.retry,
    delayBeforeRetryUs: timing.delayBeforeRetryUs,
    delayLoopUs: timing.delayLoopUs,
    warmupUs: timing.warmupUs,
    alpha: timing.alpha,
    logAllFailures: timing.logAllFailures,
  };
  addSource(server, draft, check);
  return check;
}

function connectTimeoutOf({ service, draft }: ServerContext, check: ConnectionDraft): number {
  const given = check.connectTimeoutUs ?? draft.connectTimeoutUs ?? service.draft.connectTimeoutUs;
  return given ?? defaultConnectTimeoutUs;
}

function addSource(
  server: ServerContext,
  draft: ConnectionDraft,
  check: Mutable<Omit<CheckConnection, "connectPort">>,
): void {
  const { bindAddress, bindPort, bindInterface, fwmark } = draft;
  if (bindAddress !== undefined) {
    const isSameFamily = ipFamily(bindAddress.value) === ipFamily(check.connectAddress);
    if (isSameFamily) check.bindAddress = bindAddress.value;
    else reportBindFamily(server, bindAddress, check.connectAddress);
  }
  if (bindPort !== undefined) check.bindPort = bindPort.value;
  if (bindInterface !== undefined) check.bindInterface = bindInterface.value;
  // 0 is what packets have anyway.
  if (fwmark !== undefined && fwmark.value !== 0) check.fwmark = fwmark.value;
}

function reportBindFamily(
  { service }: ServerContext,
  { value, span }: NonNullable<ConnectionDraft["bindAddress"]>,
  target: string,
): void {
  service.context.report(span, {
    severity: "error",
    code: "FAMILY_MISMATCH",
    message: `Cannot use bindto ${value} in ${service.name}; the line is ignored`,
    expected: `an IPv${ipFamily(target)} address, as ${target} is`,
  });
}

/** A link-local address says nothing without its interface (RFC 4007 section 6). */
function isReachable(
  server: ServerContext,
  draft: ConnectionDraft & Pick<CheckDraft, "span">,
  kind: string,
  address: string,
): boolean {
  if (draft.bindInterface !== undefined || !/^fe[89ab]/.test(address)) return true;
  const bytes = parseIp(address);
  if (bytes === undefined || !isLinkLocal6(bytes)) return true;
  refuse(server, draft, kind, `${address} is reached by an interface only`, "bind_if");
  return false;
}

function refuse(
  { service }: ServerContext,
  { span }: Pick<CheckDraft, "span">,
  kind: string,
  why: string,
  keyword: string,
): undefined {
  service.context.report(span, {
    severity: "error",
    code: "CHECK_WITHOUT_TARGET",
    message: `Cannot run this ${kind} in ${service.name}: ${why}; its server stays out`,
    hint: `add a line "${keyword} ..." to the ${kind}`,
  });
  return undefined;
}

function reportDropped(
  { service }: ServerContext,
  { kind, span }: CheckDraft,
  why: string,
  hint: string,
): void {
  service.context.report(span, {
    severity: "error",
    code: "MISSING_KEYWORD",
    message: `Cannot run this ${kind} in ${service.name}: ${why}; its server counts as up`,
    hint,
  });
}

function linkHttp(server: ServerContext, draft: HttpCheckDraft, checks: CheckConfig[]): boolean {
  const urls = linkUrls(server, draft);
  // keepalived 2.2.7 ends with a segmentation fault.
  if (urls.length === 0) {
    reportDropped(server, draft, "it has no url with a path", 'add a block "url { path / }"');
    return true;
  }
  const base = connected(server, draft, draft.kind, httpDefaults);
  if (base === undefined) return false;
  const { sniName, verifyCertificate, certificateDaysMin } = draft;
  checks.push({
    ...base,
    protocol: draft.protocol?.value ?? "1.0",
    enableSni: givenOr(draft.enableSni, false),
    fastRecovery: givenOr(draft.fastRecovery, false),
    ...(sniName === undefined ? {} : { sniName: sniName.value }),
    ...(verifyCertificate?.value ? { verifyCertificate: true } : {}),
    ...(certificateDaysMin === undefined ? {} : { certificateDaysMin: certificateDaysMin.value }),
    urls,
  });
  return true;
}

/** With `host` blocks each of them is a check; the block around gives what they do not say. */
function linkSmtp(server: ServerContext, draft: SmtpCheckDraft, checks: CheckConfig[]): boolean {
  const { hosts, kind } = draft;
  const heloName = givenOr(draft.heloName, defaultHeloName);
  for (const target of hosts.length === 0 ? [draft] : hosts) {
    const whole = target === draft ? draft : { ...draft, ...target };
    const base = connected(server, whole, kind, commonDefaults);
    if (base === undefined) return false;
    const check: SmtpCheckConfig = { ...base, heloName };
    checks.push(check);
  }
  return true;
}

function linkDns(server: ServerContext, draft: DnsCheckDraft, checks: CheckConfig[]): boolean {
  const base = connected(server, draft, draft.kind, dnsDefaults);
  if (base === undefined) return false;
  checks.push({ ...base, type: draft.type?.value ?? "SOA", name: givenOr(draft.name, ".") });
  return true;
}

function linkGrpc(server: ServerContext, draft: GrpcCheckDraft, checks: CheckConfig[]): boolean {
  const base = connected(server, draft, draft.kind, commonDefaults);
  if (base === undefined) return false;
  const { authority, serverName, verifyCertificate, certificateDaysMin } = draft;
  const isSecure = givenOr(draft.isSecure, false);
  const stray = serverName ?? verifyCertificate ?? certificateDaysMin;
  if (!isSecure && stray !== undefined) reportPlain(server, stray.span);
  checks.push({
    ...base,
    service: givenOr(draft.service, ""),
    isSecure,
    ...(authority === undefined ? {} : { authority: authority.value }),
    ...(serverName === undefined ? {} : { serverName: serverName.value }),
    ...(verifyCertificate?.value ? { verifyCertificate: true } : {}),
    ...(certificateDaysMin === undefined ? {} : { certificateDaysMin: certificateDaysMin.value }),
  });
  return true;
}

function reportPlain({ service }: ServerContext, span: Span): void {
  service.context.report(span, {
    severity: "hint",
    code: "WITHOUT_EFFECT",
    message: `Cannot look at a certificate in ${service.name}: the GRPC_CHECK is not in TLS`,
    hint: 'add a line "tls"',
  });
}

function linkUdp(server: ServerContext, draft: UdpCheckDraft, checks: CheckConfig[]): boolean {
  const base = connected(server, draft, draft.kind, commonDefaults);
  if (base === undefined) return false;
  const { payload, replyPattern } = draft;
  const lengths = replyLengths(server, draft);
  checks.push({
    ...base,
    requireReply: givenOr(draft.requireReply, false),
    replyLengthMin: lengths.min,
    replyLengthMax: lengths.max,
    ...(payload === undefined ? {} : { payload: payload.value }),
    ...(replyPattern === undefined ? {} : { replyPattern: replyPattern.value }),
  });
  return true;
}

/** keepalived looks at lengths only where it compares a pattern. */
function replyLengths(
  { service }: ServerContext,
  draft: UdpCheckDraft,
): { readonly min: number; readonly max: number } {
  const { replyLengthMin, replyLengthMax, replyPattern } = draft;
  const given = replyLengthMin ?? replyLengthMax;
  if (given !== undefined && replyPattern === undefined) {
    service.context.report(given.span, {
      severity: "hint",
      code: "WITHOUT_EFFECT",
      message: `Cannot limit the length of a reply in ${service.name} without a pattern: ignored`,
      hint: "give require_reply a pattern",
    });
    return { min: 0, max: defaultReplyLengthMax };
  }
  const min = givenOr(replyLengthMin, 0);
  const max = givenOr(replyLengthMax, defaultReplyLengthMax);
  if (given !== undefined && min > max) {
    service.context.report(given.span, {
      severity: "warning",
      code: "CONFLICT",
      message: `Cannot ever pass this UDP_CHECK in ${service.name}: no reply has ${min} to ${max}`,
      expected: "min_reply_length up to max_reply_length",
    });
  }
  return { min, max };
}

function linkPing(server: ServerContext, draft: PingCheckDraft): PingCheckConfig | undefined {
  const { kind, connectPort } = draft;
  const connectAddress = draft.connectAddress?.value ?? server.address;
  if (!isReachable(server, draft, kind, connectAddress)) return undefined;
  const check: Mutable<PingCheckConfig> = {
    kind,
    connectAddress,
    connectTimeoutUs: connectTimeoutOf(server, draft),
    ...timed(server, draft, commonDefaults),
  };
  if (connectPort !== undefined) check.connectPort = connectPort.value;
  addSource(server, draft, check);
  return check;
}

function linkMisc(server: ServerContext, draft: MiscCheckDraft, checks: CheckConfig[]): void {
  const { kind, script, user, group } = draft;
  if (script === undefined) {
    reportDropped(server, draft, "it has no misc_path", 'add a line "misc_path ..."');
    return;
  }
  const { service } = server;
  const what = `MISC_CHECK in ${service.name}`;
  const located = { ...script, value: { ...script.value, user, group } };
  const linked = linkScript(service.context, located, what);
  if (linked === undefined) return;
  const check: MiscCheckConfig = {
    kind,
    ...timed(server, draft, miscDefaults),
    script: linked,
    // 0 is as if absent, and then it is the virtual server's delay_loop and not the check's.
    timeoutUs: draft.timeoutUs?.value || service.delayLoopUs,
    isDynamic: givenOr(draft.isDynamic, false),
  };
  checks.push(check);
}

function linkFile(server: ServerContext, draft: FileCheckDraft, checks: CheckConfig[]): void {
  const { kind, file } = draft;
  if (file === undefined) {
    reportDropped(server, draft, "it has no track_file", 'add a line "track_file <name>"');
    return;
  }
  const tracked = server.service.context.root.trackers.files.get(file.value);
  const weight = draft.weight?.value ?? tracked?.weight?.value ?? 1;
  const isReversed = draft.isReversed?.value ?? tracked?.reverse?.value ?? false;
  checks.push({ kind, file: file.value, weight, isReversed });
}

function linkBfd(server: ServerContext, draft: BfdCheckDraft, checks: CheckConfig[]): void {
  const { kind, session } = draft;
  if (session === undefined) {
    reportDropped(server, draft, "it has no name", 'add a line "name <bfd_instance>"');
    return;
  }
  const alpha = draft.alpha ?? server.draft.alpha ?? server.service.draft.alpha;
  checks.push({ kind, session: session.value, alpha: givenOr(alpha, false) });
}
