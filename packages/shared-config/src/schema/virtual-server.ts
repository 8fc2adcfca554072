// The keywords of virtual_server, real_server and TCP_CHECK that are acted on. Ranges and what a
// bad value becomes follow keepalived's check/check_parser.c and check/check_tcp.c. Inheritance
// and the agreement of ports and families are the linker's.

import { canonicalIp } from "../base/ip.js";
import { usPerSecond } from "../base/units.js";
import type { Statement, Word } from "../text/ast.js";
import type { Located } from "../text/source.js";
import { maskLength } from "./address-arithmetic.js";
import type { ForwardingMethod } from "./config.js";
import type {
  ConfigDraft,
  RealServerDraft,
  ServiceDraft,
  TcpCheckDraft,
  TimingDraft,
  VirtualServerDraft,
} from "./draft.js";
import { address, ignored, integer, reject, seconds, store, word } from "./forms.js";
import { unsignedMax } from "./global-defs.js";
import { firstWord, type Keywords, ownerName, type Rule, type Scope, shorten } from "./keyword.js";
import { parseInteger } from "./number.js";
import { section } from "./sections.js";

/** A year: longer than anyone waits, and safely inside every timer. */
const durationUsMax = 31_536_000 * usPerSecond;
const connectTimeout = { from: 1, to: 4294_967_295 };
/** ip_vs_ctl.c: the timeout counts in jiffies, so keepalived stops at 31 days. */
const persistenceMax = 2_678_400;
const persistenceDefault = 360;
const portLimits = { from: 1, to: 65535 };

export const schedulers: readonly string[] =
  "rr wrr lc wlc lblc sh mh dh fo ovf lblcr sed nq twos".split(" ");

/** The timing keywords; a checker may also say retry 0. */
function timing(retryMin: number): Keywords<TimingDraft> {
  return {
    delay_loop: seconds("delayLoopUs", { from: 1, to: durationUsMax }),
    retry: integer("retry", { from: retryMin, to: unsignedMax }),
    delay_before_retry: seconds("delayBeforeRetryUs", { from: 0, to: durationUsMax }),
    connect_timeout: seconds("connectTimeoutUs", connectTimeout),
    warmup: seconds("warmupUs", { from: 0, to: durationUsMax }),
  };
}

export const tcpCheckKeywords: Keywords<TcpCheckDraft> = {
  ...timing(0),
  connect_ip: address("connectAddress"),
  connect_port: integer("connectPort", portLimits),
  bindto: address("bindAddress"),
  bind_port: integer("bindPort", portLimits),
};

export const realServerKeywords: Keywords<RealServerDraft> = {
  ...timing(1),
  weight: integer("weight", { from: 0, to: 2147483647 }),
  lvs_method: forwarding(),
  lb_kind: forwarding(),
  TCP_CHECK: section({
    keywords: tcpCheckKeywords,
    open: (scope, statement): Scope<TcpCheckDraft> => ({
      ...scope,
      path: `${scope.path}/TCP_CHECK`,
      owner: `TCP_CHECK of ${scope.owner}`,
      draft: { span: statement.keyword.span },
    }),
    close: (scope, { draft }) => scope.draft.checks.push(draft),
  }),
};

export const virtualServerKeywords: Keywords<VirtualServerDraft> = {
  ...timing(1),
  ip_family: word("{inet|inet6}", bindFamily),
  lb_algo: word(`{${schedulers.join("|")}}`, bindScheduler),
  lvs_sched: word(`{${schedulers.join("|")}}`, bindScheduler),
  lb_kind: forwarding(),
  lvs_method: forwarding(),
  protocol: word("{TCP|UDP|SCTP}", bindProtocol),
  persistence_timeout: { ...word("[<1..2678400>]", bindPersistence), wordsMin: 0 },
  persistence_granularity: word("{<mask>|<1..128>}", bindGranularity),
  weight: integer("weight", { from: 1, to: 2147483647 }),
  real_server: section({
    form: "<address> [<port>]",
    words: { min: 1, max: 2 },
    keywords: realServerKeywords,
    open: openRealServer,
    close: (scope, { draft }) => scope.draft.realServers.push(draft),
  }),
};

/** The keywords of the top level that belong to the checker process. */
export const checkerTopKeywords: Keywords<ConfigDraft> = {
  virtual_server: section({
    form: "{<address> [<port>] | fwmark <mark>}",
    words: { min: 1, max: 2 },
    keywords: virtualServerKeywords,
    open: openVirtualServer,
    close: (scope, { draft }) => scope.draft.virtualServers.push(draft),
  }),
};

function openVirtualServer(
  scope: Scope<ConfigDraft>,
  statement: Statement,
): Scope<VirtualServerDraft> | undefined {
  const owner = ownerName(statement);
  const service = readService({ ...scope, owner }, statement);
  if (service === undefined) return undefined;
  const draft: VirtualServerDraft = { span: statement.keyword.span, service, realServers: [] };
  return { ...scope, path: "virtual_server", owner, draft };
}

function readService(scope: Scope<ConfigDraft>, statement: Statement): ServiceDraft | undefined {
  const [first, second] = statement.words;
  if (first?.value === "fwmark") return readFwmark(scope, statement, second ?? first);
  if (first?.value === "group") {
    scope.later.add("virtual_server group", first.span, { harm: "its services would be missing" });
    return undefined;
  }
  const endpoint = readEndpoint(scope, statement);
  if (endpoint === undefined) return undefined;
  return { kind: "address", address: endpoint.address, port: endpoint.port?.value ?? 0 };
}

function readFwmark<D>(scope: Scope<D>, statement: Statement, at: Word): ServiceDraft | undefined {
  const parsed = parseInteger(at.value);
  if (parsed?.rest === "" && parsed.value >= 1 && parsed.value <= unsignedMax) {
    return { kind: "fwmark", mark: parsed.value };
  }
  scope.diagnostics.report(at.span, {
    severity: "error",
    code: "INVALID_VALUE",
    message: `Cannot build ${ownerName(statement)} without a mark; the block is skipped`,
    expected: `fwmark <1..${unsignedMax}>`,
  });
  return undefined;
}

interface Endpoint {
  readonly address: string;
  readonly port: Located<number> | undefined;
}

/**
 * `<address> [<port>]`; a port of 0 is as if absent. Undefined, after a report, if it is neither.
 */
function readEndpoint<D>(scope: Scope<D>, statement: Statement): Endpoint | undefined {
  const [host, port] = statement.words;
  const canonical = canonicalIp(host?.value ?? "");
  const parsed = port === undefined ? undefined : parseInteger(port.value);
  const isPort = parsed?.rest === "" && parsed.value >= 0 && parsed.value <= portLimits.to;
  if (canonical !== undefined && (port === undefined || isPort)) {
    const isGiven = port !== undefined && parsed !== undefined && parsed.value > 0;
    return {
      address: canonical,
      port: isGiven ? { value: parsed.value, span: port.span } : undefined,
    };
  }
  const bad = canonical === undefined ? host : port;
  const { keyword } = statement;
  scope.diagnostics.report((bad ?? keyword).span, {
    severity: "error",
    code: "INVALID_ADDRESS",
    message: `Cannot use ${keyword.value} "${shorten(bad?.value ?? "")}"; the block is skipped`,
    expected: "<IP address> [<port 1..65535>]",
    hint: canonical === undefined ? "names are not looked up: write the address" : undefined,
  });
  return undefined;
}

function openRealServer(
  scope: Scope<VirtualServerDraft>,
  statement: Statement,
): Scope<RealServerDraft> | undefined {
  const endpoint = readEndpoint(scope, statement);
  if (endpoint === undefined) return undefined;
  const draft: RealServerDraft = { ...endpoint, span: statement.keyword.span, checks: [] };
  const path = `${scope.path}/real_server`;
  return { ...scope, path, owner: ownerName(statement), draft };
}

function bindFamily(scope: Scope<VirtualServerDraft>, statement: Statement): void {
  const first = firstWord(statement);
  if (first.value === "inet") store(scope, "family", 4, statement);
  else if (first.value === "inet6") store(scope, "family", 6, statement);
  else reject(scope, statement, first, "inet or inet6", ignored);
}

function bindScheduler(scope: Scope<VirtualServerDraft>, statement: Statement): void {
  const first = firstWord(statement);
  if (schedulers.includes(first.value)) store(scope, "scheduler", first.value, statement);
  else reject(scope, statement, first, schedulers.join(", "), ignored);
}

function bindProtocol(scope: Scope<VirtualServerDraft>, statement: Statement): void {
  const first = firstWord(statement);
  const upper = first.value.toUpperCase();
  if (upper === "TCP" || upper === "UDP" || upper === "SCTP") {
    store(scope, "protocol", upper, statement);
  } else reject(scope, statement, first, "TCP, UDP or SCTP", ignored);
}

function bindPersistence(scope: Scope<VirtualServerDraft>, statement: Statement): void {
  if (statement.words.length === 0) {
    store(scope, "persistenceTimeoutS", persistenceDefault, statement);
    return;
  }
  integer<VirtualServerDraft>("persistenceTimeoutS", { from: 1, to: persistenceMax }).bind(
    scope,
    statement,
  );
}

function bindGranularity(scope: Scope<VirtualServerDraft>, statement: Statement): void {
  const first = firstWord(statement);
  const parsed = parseInteger(first.value);
  const isLength = parsed?.rest === "" && parsed.value >= 1 && parsed.value <= 128;
  const length = isLength ? parsed.value : maskLength(first.value);
  if (length === undefined) {
    reject(scope, statement, first, "an IPv4 mask without gaps, or 1 to 128", ignored);
    return;
  }
  store(scope, "persistenceGranularity", length, statement);
  // keepalived turns persistence on with the mask alone.
  scope.draft.persistenceTimeoutS ??= { value: persistenceDefault, span: first.span };
}

interface HasForwarding {
  forwarding?: Located<ForwardingMethod> | undefined;
}

/** NAT, DR or TUN; the encapsulations of TUN other than ipip are not built. */
function forwarding<D extends HasForwarding>(): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const first = firstWord(statement);
    const { value } = first;
    if (value !== "NAT" && value !== "DR" && value !== "TUN") {
      reject(scope, statement, first, "NAT, DR or TUN, in capitals", ignored);
      return;
    }
    scope.draft.forwarding = { value, span: first.span };
    if (value === "TUN") checkTunnel(scope, statement);
  };
  return { ...word("{NAT|DR|TUN}", bind), wordsMax: 6 };
}

function checkTunnel<D>(scope: Scope<D>, statement: Statement): void {
  const [, option, type] = statement.words;
  if (option === undefined || (option.value === "type" && type?.value === "ipip")) return;
  const harm = "packets would be encapsulated as ipip";
  scope.later.add("lb_kind TUN with a type", option.span, { harm });
}
