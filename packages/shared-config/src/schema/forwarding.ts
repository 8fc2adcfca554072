// `lb_kind` and its other spellings: how IPVS hands packets to a server, and what TUN wraps them
// in. Follows keepalived's check/check_parser.c (svr_forwarding_handler): a bad option leaves the
// method and falls back to plain ipip.

import type { Statement, Word } from "../text/ast.js";
import type { Located } from "../text/source.js";
import type { ForwardingMethod, TunnelConfig } from "./config-checker.js";
import type { ForwardingDraft } from "./draft-checker.js";
import { portMax, readPort } from "./endpoint.js";
import { ignored, oneWord, reject } from "./forms.js";
import { firstWord, type Rule, type Scope, shorten } from "./keyword.js";
import type { Printable, PrintedStatement } from "./printed.js";

export const forwardingForm =
  "{NAT|DR|TUN [type {ipip|gue|gre}] [port <1..65535>] [{nocsum|csum|remcsum}]}";

const plain: ReadonlyMap<string, ForwardingDraft> = new Map(
  (["NAT", "DR", "TUN"] as const).map((method) => [method, { method }]),
);

interface HasForwarding {
  forwarding?: Located<ForwardingDraft> | undefined;
}

/** A rule for the method of the draft itself. */
export function forwarding<D extends HasForwarding>(): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const value = readForwarding(scope, statement);
    if (value !== undefined) {
      scope.draft.forwarding = { value, span: firstWord(statement).span };
    }
  };
  return { ...forwardingRule, bind, print: printForwarding };
}

/** All of such a rule but what it binds to. */
export const forwardingRule: Pick<Rule<never>, keyof typeof oneWord | "form"> = {
  ...oneWord,
  wordsMax: Number.POSITIVE_INFINITY,
  form: forwardingForm,
};

/** The method that the statement's words name, or undefined after a report. */
export function readForwarding<D>(
  scope: Scope<D>,
  statement: Statement,
): ForwardingDraft | undefined {
  const first = firstWord(statement);
  const known = plain.get(first.value);
  if (known === undefined) {
    reject(scope, statement, first, "NAT, DR or TUN, in capitals", ignored);
    return undefined;
  }
  if (statement.words.length === 1) return known;
  const options = readOptions(scope, statement, known.method);
  if (options === undefined) return known;
  if (known.method !== "TUN") {
    reportSurplus(scope, statement, known.method);
    return known;
  }
  const tunnel = tunnelOf(scope, statement, options);
  return tunnel === undefined ? known : { method: "TUN", tunnel };
}

interface TunnelOptions {
  type: "ipip" | "gue" | "gre";
  typeWord?: Word | undefined;
  port?: number;
  portWord?: Word | undefined;
  checksum: "nocsum" | "csum" | "remcsum";
  checksumWord?: Word | undefined;
}

/** The options in any order, the last of each counting, or undefined after a report. */
function readOptions<D>(
  scope: Scope<D>,
  statement: Statement,
  method: ForwardingMethod,
): TunnelOptions | undefined {
  const options: TunnelOptions = { type: "ipip", checksum: "nocsum" };
  const instead = `${method === "TUN" ? "plain ipip" : method} is used`;
  const { words } = statement;
  for (let index = 1; index < words.length; index++) {
    const option = words[index];
    const value = words[index + 1];
    if (option === undefined) break;
    const isKnown = takesOption(options, option, value);
    if (!isKnown) {
      const bad = hasValue(option.value) && value !== undefined ? value : option;
      const after = bad === option ? "" : ` after ${option.value}`;
      reportOption(scope, statement, bad, `${expectedOf(option.value)}${after}`, instead);
      return undefined;
    }
    if (hasValue(option.value)) index++;
  }
  return options;
}

function hasValue(option: string): boolean {
  return option === "type" || option === "port";
}

function expectedOf(option: string): string {
  if (option === "type") return "ipip, gue or gre";
  if (option === "port") return `1 to ${portMax}`;
  return "type, port, nocsum, csum or remcsum";
}

function takesOption(options: TunnelOptions, option: Word, value: Word | undefined): boolean {
  switch (option.value) {
    case "type": {
      const type = value?.value;
      if (type !== "ipip" && type !== "gue" && type !== "gre") return false;
      options.type = type;
      options.typeWord = option;
      return true;
    }
    case "port": {
      const port = value === undefined ? undefined : readPort(value);
      if (port === undefined || port === 0) return false;
      options.port = port;
      options.portWord = value;
      return true;
    }
    case "nocsum":
    case "csum":
    case "remcsum":
      options.checksum = option.value;
      options.checksumWord = option;
      return true;
    default:
      return false;
  }
}

/** What the kernel demands of the options together (ip_vs_ctl.c, ipvsadm(8)). */
function tunnelOf<D>(
  scope: Scope<D>,
  statement: Statement,
  options: TunnelOptions,
): TunnelConfig | undefined {
  const { type, port, checksum, typeWord, portWord, checksumWord } = options;
  const first = firstWord(statement);
  const instead = "plain ipip is used";
  if (type === "gue" && port === undefined) {
    reportOption(scope, statement, typeWord ?? first, "a port after type gue", instead);
  } else if (type !== "gue" && port !== undefined) {
    reportOption(scope, statement, portWord ?? first, `no port with type ${type}`, instead);
  } else if (type === "ipip" && checksum !== "nocsum") {
    reportOption(scope, statement, checksumWord ?? first, "csum only with gue or gre", instead);
  } else if (type === "gre" && checksum === "remcsum") {
    reportOption(scope, statement, checksumWord ?? first, "remcsum only with gue", instead);
  } else if (type !== "ipip") {
    return { type, checksum, ...(port === undefined ? {} : { port }) };
  }
  return undefined;
}

function reportOption<D>(
  scope: Scope<D>,
  { keyword }: Statement,
  bad: Word,
  expected: string,
  instead: string,
): void {
  scope.diagnostics.report(bad.span, {
    severity: "error",
    code: "INVALID_VALUE",
    message: `Cannot use "${shorten(bad.value)}" in ${keyword.value} of ${scope.owner}; ${instead}`,
    expected,
  });
}

function reportSurplus<D>(scope: Scope<D>, { keyword, words }: Statement, method: string): void {
  scope.diagnostics.report((words[1] ?? keyword).span, {
    severity: "hint",
    code: "SURPLUS_WORD",
    message: `Cannot use what follows ${keyword.value} ${method} in ${scope.owner}: it is ignored`,
    expected: forwardingForm,
  });
}

/** Prints the fields `forwarding` and `tunnel`. */
export function printForwarding(keyword: string, config: Printable): PrintedStatement[] {
  return [{ keyword, words: forwardingWords(config as unknown as Forwarding) }];
}

interface Forwarding {
  readonly forwarding: ForwardingMethod;
  readonly tunnel?: TunnelConfig | undefined;
}

export function forwardingWords({ forwarding: method, tunnel }: Forwarding): string[] {
  if (tunnel === undefined) return [method];
  const port = tunnel.port === undefined ? [] : ["port", String(tunnel.port)];
  return [method, "type", tunnel.type, ...port, tunnel.checksum];
}
