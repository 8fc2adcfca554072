// The keywords of real_server, its checks among them. Ranges and what a bad value becomes follow
// keepalived's check/check_parser.c and the check_*.c of each check.

import type { Statement } from "../text/ast.js";
import type { Located, Span } from "../text/source.js";
import { dnsKeywords, udpKeywords } from "./check-datagram.js";
import { grpcKeywords } from "./check-grpc.js";
import { httpKeywords } from "./check-http.js";
import { miscKeywords } from "./check-misc.js";
import { connectionKeywords, inheritedKeywords } from "./check-options.js";
import { smtpKeywords } from "./check-smtp.js";
import { bfdKeywords, fileKeywords } from "./check-tracked.js";
import type { RealServerConfig, VirtualServerConfig } from "./config-checker.js";
import type {
  CheckDraft,
  GrpcCheckDraft,
  HttpCheckDraft,
  PingCheckDraft,
  RealServerDraft,
  TcpCheckDraft,
  VirtualServerDraft,
} from "./draft-checker.js";
import { readEndpoint, readPort } from "./endpoint.js";
import {
  alias,
  boolean,
  type Field,
  ignored,
  integer,
  later,
  misspelt,
  printWord,
  readNumber,
  reject,
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
import { notifyScript } from "./script.js";
import { section } from "./sections.js";
import { drainTimeout, slowStart } from "./server-options.js";

/** linux/ip_vs.h knows int weights; keepalived and ours stop at 16 bits. */
const weightMax = 65535;
const integerMax = 2147483647;

/** What every real server starts with; a list of its own is made for the first check. */
const noChecks: CheckDraft[] = [];

const threshold = { from: 0, to: unsignedMax };
const unchecked = { consequence: "the server counts as up without this check" };

export const realServerKeywords: Keywords<RealServerDraft> = {
  ...inheritedKeywords,
  weight: weight(0),
  lvs_method: forwarding(),
  lb_kind: alias("lvs_method", forwarding(), misspelt("lvs_method")),
  uthreshold: integer("upperThreshold", threshold),
  lthreshold: integer("lowerThreshold", threshold),
  inhibit_on_failure: boolean("inhibitOnFailure"),
  // Ours.
  drain_timeout: drainTimeout(),
  slow_start: slowStart(),
  alpha: boolean("alpha"),
  notify_up: notifyScript("notifyUp"),
  notify_down: notifyScript("notifyDown"),
  smtp_alert: boolean("smtpAlert"),
  virtualhost: text("virtualHost"),
  snmp_name: snmpName(),
  // With the fields that most have from the start, objects are smaller: there are many.
  TCP_CHECK: check<TcpCheckDraft>("TCP_CHECK", connectionKeywords, (span) => ({
    kind: "TCP_CHECK",
    span,
    connectTimeoutUs: undefined,
  })),
  HTTP_GET: check<HttpCheckDraft>("HTTP_GET", httpKeywords("HTTP_GET"), (span) => ({
    kind: "HTTP_GET",
    span,
    urls: [],
  })),
  SSL_GET: check<HttpCheckDraft>("SSL_GET", httpKeywords("SSL_GET"), (span) => ({
    kind: "SSL_GET",
    span,
    urls: [],
  })),
  SMTP_CHECK: check("SMTP_CHECK", smtpKeywords, (span) => ({
    kind: "SMTP_CHECK",
    span,
    hosts: [],
  })),
  MISC_CHECK: check("MISC_CHECK", miscKeywords, (span) => ({ kind: "MISC_CHECK", span })),
  DNS_CHECK: check("DNS_CHECK", dnsKeywords, (span) => ({ kind: "DNS_CHECK", span })),
  UDP_CHECK: check("UDP_CHECK", udpKeywords, (span) => ({ kind: "UDP_CHECK", span })),
  PING_CHECK: check<PingCheckDraft>("PING_CHECK", connectionKeywords, (span) => ({
    kind: "PING_CHECK",
    span,
  })),
  // Ours.
  GRPC_CHECK: check<GrpcCheckDraft>("GRPC_CHECK", grpcKeywords, (span) => ({
    kind: "GRPC_CHECK",
    span,
  })),
  FILE_CHECK: check("FILE_CHECK", fileKeywords, (span) => ({ kind: "FILE_CHECK", span })),
  BFD_CHECK: later(
    check("BFD_CHECK", bfdKeywords, (span) => ({ kind: "BFD_CHECK", span })),
    unchecked,
  ),
};

/** The keyword of virtual_server. */
export function realServerSection(): Rule<VirtualServerDraft> {
  return section({
    form: "<address> [<port>]",
    words: { min: 1, max: 2 },
    keywords: realServerKeywords,
    open: openRealServer,
    close: (scope, { draft }) => scope.draft.realServers.push(draft),
    print: (keyword, config) =>
      (config as unknown as VirtualServerConfig).realServers.map((server) =>
        printRealServer(keyword, server),
      ),
  });
}

function openRealServer(
  scope: Scope<VirtualServerDraft>,
  statement: Statement,
): Scope<RealServerDraft> | undefined {
  const endpoint = readEndpoint(scope, statement, "the block is skipped");
  if (endpoint === undefined) return undefined;
  const { address, port } = endpoint;
  const { span } = statement.keyword;
  const draft: RealServerDraft = { address, port, span, weight: undefined, checks: noChecks };
  return innerScope(scope, "virtual_server/real_server", ownerName(statement), draft);
}

/** In their order, whether by address or by name. */
function printRealServer(keyword: string, server: RealServerConfig): PrintedStatement {
  const { dnsName, address, port } = server;
  const words = [dnsName ?? address, ...(port === 0 ? [] : [String(port)])];
  const block = printBlock(realServerKeywords, dnsName === undefined ? server : unnamed(server));
  return { keyword: dnsName === undefined ? keyword : nameKeyword, words, block };
}

/** Checks that connect to the server itself say so by saying nothing. */
function unnamed(server: RealServerConfig): RealServerConfig {
  const checks = server.checks.map((each) => {
    if (!("connectAddress" in each) || each.connectAddress !== server.address) return each;
    const { connectAddress: _, ...others } = each;
    return others as typeof each;
  });
  return { ...server, checks };
}

const nameKeyword = "real_server_name";

/** Ours, beside real_server: a server for each address that DNS has for a name. */
export function namedServerSection(): Rule<VirtualServerDraft> {
  return section({
    form: "<name> [<port>]",
    words: { min: 1, max: 2 },
    keywords: realServerKeywords,
    open: openNamedServer,
    close: (scope, { draft }) => scope.draft.realServers.push(draft),
  });
}

/** Letters, digits, hyphens, underscores; what looks like an address is a mistyped one. */
const namePattern =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z][a-z0-9_-]{0,62}$/i;

function openNamedServer(
  scope: Scope<VirtualServerDraft>,
  statement: Statement,
): Scope<RealServerDraft> | undefined {
  const { span } = statement.keyword;
  const name = firstWord(statement);
  const dnsName = name.value.replace(/\.$/, "").toLowerCase();
  if (!namePattern.test(dnsName)) {
    reject(scope, statement, name, "a name such as web.example.org", "the block is skipped");
    return undefined;
  }
  const [, portWord] = statement.words;
  const number = portWord === undefined ? 0 : readPort(portWord);
  if (portWord !== undefined && number === undefined) {
    reject(scope, statement, portWord, "a port, 1 to 65535", "the block is skipped");
    return undefined;
  }
  const port = portWord && number ? { value: number, span: portWord.span } : undefined;
  const weight = undefined;
  const draft: RealServerDraft = { address: "", dnsName, port, span, weight, checks: noChecks };
  return innerScope(scope, "virtual_server/real_server", ownerName(statement), draft);
}

/** A check of one kind; `start` makes its draft. */
function check<D extends CheckDraft>(
  kind: D["kind"],
  keywords: Keywords<D>,
  start: (span: Span) => D,
): Rule<RealServerDraft> {
  const path = `virtual_server/real_server/${kind}`;
  return section<RealServerDraft, D>({
    keywords,
    open: (scope, { keyword }) =>
      innerScope(scope, path, `${kind} of ${scope.owner}`, start(keyword.span)),
    close: ({ draft: server }, { draft }) => {
      if (server.checks === noChecks) server.checks = [draft];
      else server.checks.push(draft);
    },
    print: kind === "TCP_CHECK" ? printChecks : undefined,
  });
}

/** All checks, of whatever kind, so that they keep their order. */
function printChecks(_: string, config: Printable): PrintedStatement[] {
  const { checks } = config as unknown as RealServerConfig;
  return checks.map((each) => {
    const keywords = realServerKeywords[each.kind]?.inner ?? {};
    return { keyword: each.kind, words: [], block: printBlock(keywords, each) };
  });
}

interface HasWeight {
  weight?: number | undefined;
}

/** What IPVS would not take is cut. */
export function weight<D extends HasWeight>(from: 0 | 1): Rule<D> {
  const limits = { from, to: integerMax };
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const value = readNumber(scope, statement, parseInteger, limits, String);
    if (value === undefined) return;
    const first = firstWord(statement);
    if (value > weightMax) {
      const expected = `${from} to ${weightMax}`;
      reject(scope, statement, first, expected, `${weightMax} is used`);
    }
    scope.draft.weight = Math.min(value, weightMax);
  };
  return word(`<${from}..${weightMax}>`, bind, printWord("weight", String));
}

interface HasSnmpName {
  snmpName?: Located<string> | undefined;
}

/** Exactly one word. */
export function snmpName<D extends HasSnmpName>(): Rule<D> {
  const field = "snmpName" as Field<D, string>;
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const [, surplus] = statement.words;
    if (surplus !== undefined) reject(scope, statement, surplus, "one word", ignored);
    else {
      const { value, span } = firstWord(statement);
      scope.draft.snmpName = { value, span };
    }
  };
  return {
    ...text(field),
    wordsMax: Number.POSITIVE_INFINITY,
    bind,
    print: printWord("snmpName", quoteWord),
  };
}
