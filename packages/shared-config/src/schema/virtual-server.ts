// The keywords of virtual_server, and the top level's that belong to the checker process. Ranges
// and what a bad value becomes follow keepalived's check/check_parser.c. Inheritance and the
// agreement of ports, families and weights are the linker's.

import type { Statement, Word } from "../text/ast.js";
import { maskLength } from "./address-arithmetic.js";
import { inheritedKeywords } from "./check-options.js";
import type { CheckerConfig, GroupKey, ServiceKey, VirtualServerConfig } from "./config.js";
import type { ConfigDraft, ServiceDraft, VirtualServerDraft } from "./draft.js";
import { readEndpoint } from "./endpoint.js";
import {
  boolean,
  choice,
  flag,
  ignored,
  integer,
  oneWord,
  printWord,
  readNumber,
  reject,
  store,
  text,
  word,
} from "./forms.js";
import { forwarding } from "./forwarding.js";
import { unsignedMax } from "./global-defs.js";
import {
  firstWord,
  innerScope,
  type Keywords,
  ownerName,
  printBlock,
  type Rule,
  type Scope,
} from "./keyword.js";
import { parseInteger } from "./number.js";
import { type Printable, type PrintedStatement, quoteWord } from "./printed.js";
import { namedServerSection, realServerSection, snmpName, weight } from "./real-server.js";
import { notifyScript } from "./script.js";
import { section } from "./sections.js";
import { drainTimeout, slowStart } from "./server-options.js";
import { sorryServerKeywords } from "./sorry-server.js";
import { sslSection } from "./ssl.js";
import { groupSection } from "./virtual-server-group.js";

/** ip_vs_ctl.c: the timeout counts in jiffies, so keepalived stops at 31 days. */
const persistenceMax = 2_678_400;
const persistenceDefaultS = 360;
/** IP_VS_PENAME_MAXLEN of linux/ip_vs.h. */
const engineNameMax = 16;

export const schedulers: readonly string[] =
  "rr wrr lc wlc lblc sh mh dh fo ovf lblcr sed nq twos".split(" ");

const virtualServerKeywords: Keywords<VirtualServerDraft> = {
  ip_family: word("{inet|inet6}", bindFamily, printFamily),
  ...inheritedKeywords,
  lb_algo: choice("scheduler", schedulers),
  lvs_sched: { ...choice("scheduler", schedulers), print: undefined, aliasOf: "lb_algo" },
  hashed: { ...flagRule(bindHashed), print: undefined },
  ops: flag("onePacket"),
  "flag-1": flag("schedulerFlag1"),
  "flag-2": flag("schedulerFlag2"),
  "flag-3": flag("schedulerFlag3"),
  "sh-port": namedFlag("shPort", "flag-2"),
  "sh-fallback": namedFlag("shFallback", "flag-1"),
  "mh-port": namedFlag("mhPort", "flag-2"),
  "mh-fallback": namedFlag("mhFallback", "flag-1"),
  lb_kind: forwarding(),
  lvs_method: { ...forwarding(), print: undefined, aliasOf: "lb_kind" },
  protocol: {
    ...choice("protocol", ["TCP", "UDP", "SCTP"], { isCaseFree: true }),
    print: printProtocol,
  },
  persistence_engine: word("<name>", bindEngine, printWord("persistenceEngine", quoteWord)),
  persistence_timeout: {
    ...word("[<1..2678400>]", bindPersistence, printWord("persistenceTimeoutS", String)),
    wordsMin: 0,
  },
  persistence_granularity: word(
    "{<mask>|<1..128>}",
    bindGranularity,
    printWord("persistenceGranularity", String),
  ),
  ha_suspend: flag("haSuspend"),
  smtp_alert: boolean("smtpAlert"),
  virtualhost: text("virtualHost"),
  snmp_name: snmpName(),
  alpha: { ...flag("alpha"), print: undefined },
  omega: flag("omega"),
  inhibit_on_failure: { ...flag("inhibitOnFailure"), print: undefined },
  drain_timeout: { ...drainTimeout(), print: undefined },
  slow_start: { ...slowStart(), print: undefined },
  quorum: integer("quorum", { from: 1, to: unsignedMax, instead: 1 }),
  hysteresis: integer("hysteresis", { from: 0, to: unsignedMax }),
  quorum_up: notifyScript("quorumUp"),
  quorum_down: notifyScript("quorumDown"),
  weight: { ...weight(1), print: undefined },
  ...sorryServerKeywords,
  real_server: realServerSection(),
  // Ours.
  real_server_name: namedServerSection(),
};

/** The keywords of the top level that belong to the checker process. */
export const checkerTopKeywords: Keywords<ConfigDraft> = {
  SSL: sslSection(),
  virtual_server_group: groupSection(),
  virtual_server: section({
    form: "{<address> [<port>] | fwmark <mark> | group <name>}",
    words: { min: 1, max: 2 },
    keywords: virtualServerKeywords,
    open: openVirtualServer,
    close: (scope, { draft }) => scope.draft.virtualServers.push(draft),
    print: printVirtualServers,
  }),
};

function openVirtualServer(
  scope: Scope<ConfigDraft>,
  statement: Statement,
): Scope<VirtualServerDraft> | undefined {
  const service = readService(scope, statement);
  if (service === undefined) return undefined;
  const draft: VirtualServerDraft = { span: statement.keyword.span, service, realServers: [] };
  return innerScope(scope, "virtual_server", ownerName(statement), draft);
}

function readService(scope: Scope<ConfigDraft>, statement: Statement): ServiceDraft | undefined {
  const [first, second] = statement.words;
  if (first?.value === "fwmark") return readFwmark(scope, statement, second ?? first);
  if (first?.value === "group") return readGroup(scope, statement, first, second);
  const endpoint = readEndpoint(scope, statement, "the block is skipped");
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

function readGroup<D>(
  scope: Scope<D>,
  statement: Statement,
  group: Word,
  name: Word | undefined,
): ServiceDraft | undefined {
  if (name !== undefined && name.value !== "") return { kind: "group", group: name.value };
  scope.diagnostics.report(group.span, {
    severity: "error",
    code: "MISSING_WORD",
    message: `Cannot build ${ownerName(statement)} without a name; the block is skipped`,
    expected: "group <name of a virtual_server_group>",
  });
  return undefined;
}

function bindFamily(scope: Scope<VirtualServerDraft>, statement: Statement): void {
  const first = firstWord(statement);
  if (first.value === "inet") store(scope, "family", 4, statement);
  else if (first.value === "inet6") store(scope, "family", 6, statement);
  else reject(scope, statement, first, "inet or inet6", ignored);
}

function flagRule<D>(bind: Rule<D>["bind"]): Rule<D> {
  return { ...oneWord, wordsMin: 0, wordsMax: 0, form: "", bind };
}

/** Never has an effect; keepalived complains unless sh or mh was set above it. */
function bindHashed(scope: Scope<VirtualServerDraft>, { keyword }: Statement): void {
  const scheduler = scope.draft.scheduler?.value;
  scope.diagnostics.report(keyword.span, {
    severity: scheduler === "sh" || scheduler === "mh" ? "hint" : "warning",
    code: "WITHOUT_EFFECT",
    message: `Cannot do anything about hashed in ${scope.owner}: it never has an effect`,
    hint: "leave the line out",
  });
}

/** A flag by the name that one scheduler has for it. */
function namedFlag(
  field: "shPort" | "shFallback" | "mhPort" | "mhFallback",
  printedAs: string,
): Rule<VirtualServerDraft> {
  const bind = (scope: Scope<VirtualServerDraft>, statement: Statement): void => {
    const { draft } = scope;
    const value = { schedulerAbove: draft.scheduler?.value };
    draft[field] = { value, span: statement.keyword.span };
  };
  return { ...flagRule(bind), aliasOf: printedAs };
}

function bindEngine(scope: Scope<VirtualServerDraft>, statement: Statement): void {
  const first = firstWord(statement);
  const used = first.value.slice(0, engineNameMax);
  if (used === "") reject(scope, statement, first, "a name such as sip", ignored);
  else store(scope, "persistenceEngine", used, statement);
  if (used === first.value) return;
  reject(scope, statement, first, `1 to ${engineNameMax} characters`, `"${used}" is used`);
}

function bindPersistence(scope: Scope<VirtualServerDraft>, statement: Statement): void {
  if (statement.words.length === 0) {
    store(scope, "persistenceTimeoutS", persistenceDefaultS, statement);
    return;
  }
  const limits = { from: 1, to: persistenceMax };
  const value = readNumber(scope, statement, parseInteger, limits, String);
  store(scope, "persistenceTimeoutS", value, statement);
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
  scope.draft.persistenceTimeoutS ??= { value: persistenceDefaultS, span: first.span };
}

function printVirtualServers(keyword: string, config: Printable): PrintedStatement[] {
  const { virtualServers = [] } = (config["checker"] ?? {}) as Partial<CheckerConfig>;
  return virtualServers.map((server) => ({
    keyword,
    words: serviceWords(server.key),
    block: printBlock(virtualServerKeywords, server),
  }));
}

function serviceWords(key: ServiceKey | GroupKey): string[] {
  if (key.kind === "fwmark") return ["fwmark", String(key.mark)];
  if (key.kind === "group") return ["group", quoteWord(key.group)];
  return [key.address, ...(key.port === 0 ? [] : [String(key.port)])];
}

/** An address says by itself what family it is of. */
function printFamily(keyword: string, config: Printable): PrintedStatement[] {
  const { key } = config as unknown as VirtualServerConfig;
  if (key.kind === "address") return [];
  return [{ keyword, words: [key.family === 4 ? "inet" : "inet6"] }];
}

function printProtocol(keyword: string, config: Printable): PrintedStatement[] {
  const { key } = config as unknown as VirtualServerConfig;
  if (key.kind === "fwmark" || key.protocol === undefined) return [];
  return [{ keyword, words: [key.protocol] }];
}
