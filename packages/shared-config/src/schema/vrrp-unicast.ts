// The keywords of vrrp_instance about where adverts come from and go to: source, multicast group,
// unicast peers. Follows keepalived's vrrp/vrrp_parser.c and vrrp/vrrp_data.c.

import { formatIp, isMulticast, parseIp } from "../base/ip.js";
import type { Statement, Word } from "../text/ast.js";
import type { UnicastPeerConfig } from "./config.js";
import type { InstanceDraft, UnicastPeerDraft } from "./draft.js";
import {
  address,
  flag,
  ignored,
  integer,
  oneWord,
  printWord,
  reject,
  store,
  word,
} from "./forms.js";
import { firstWord, type Keywords, type Rule, type Scope, shorten } from "./keyword.js";
import { parseInteger } from "./number.js";
import type { Printable, PrintedStatement } from "./printed.js";
import { lines, lineWords, printLines } from "./sections.js";

const ttlMax = 255;
const ttl = { from: 0, to: ttlMax };

const peerLines: Rule<InstanceDraft> = lines(
  "<IP address> [min_ttl <0..255>] [max_ttl <0..255>]",
  readPeer,
  printLines("unicastPeers", peerWords),
);

const source: Rule<InstanceDraft> = address("sourceAddress");

export const sourceKeywords: Keywords<InstanceDraft> = {
  mcast_src_ip: { ...source, print: printSource((peers) => peers === 0) },
  unicast_src_ip: unicast({ ...source, print: printSource((peers) => peers > 0) }),
  track_src_ip: flag("trackSourceAddress"),
  mcast_dst_ip: word("<multicast address>", bindDestination, printDestination),
  unicast_peer: unicast(peerLines),
  unicast_fault_no_peer: unicast(flag("unicastFaultNoPeer")),
  check_unicast_src: unicast(flag("checkUnicastSource")),
  old_unicast_checksum: unicast({
    ...oneWord,
    form: "[never]",
    wordsMin: 0,
    bind: bindChecksum,
    print: printChecksum,
  }),
  unicast_ttl: integer("unicastTtl", ttl),
};

/** Notes that unicast is asked for: without peers that is worth a word. */
function unicast(rule: Rule<InstanceDraft>): Rule<InstanceDraft> {
  const bind = (scope: Scope<InstanceDraft>, statement: Statement): void => {
    const { value, span } = statement.keyword;
    scope.draft.unicastKeyword ??= { value, span };
    rule.bind(scope, statement);
  };
  return { ...rule, bind };
}

/** Both keywords set one field; which is written goes by the number of peers. */
function printSource(fits: (peers: number) => boolean): Rule<InstanceDraft>["print"] {
  const print = printWord("sourceAddress", String);
  return (keyword, config) => (fits(peersOf(config).length) ? print(keyword, config) : []);
}

function peersOf(config: Printable): readonly UnicastPeerConfig[] {
  return (config["unicastPeers"] ?? []) as readonly UnicastPeerConfig[];
}

function bindDestination(scope: Scope<InstanceDraft>, statement: Statement): void {
  const first = firstWord(statement);
  const bytes = parseIp(first.value);
  if (bytes !== undefined && isDestination(bytes)) {
    store(scope, "multicastGroup", formatIp(bytes), statement);
  } else {
    const expected = "an IPv4 multicast address, or a link-local IPv6 one (ff02::/16)";
    reject(scope, statement, first, expected, ignored);
  }
}

/** IPv6: of link-local scope (RFC 4291 section 2.7). */
function isDestination(bytes: Uint8Array): boolean {
  return isMulticast(bytes) && (bytes.length === 4 || ((bytes[1] ?? 0) & 0xf) === 2);
}

/** Not with peers; and a group of global_defs may be one that the keyword does not take. */
function printDestination(keyword: string, config: Printable): PrintedStatement[] {
  const group = String(config["multicastGroup"]);
  const bytes = parseIp(group);
  const isUsed = peersOf(config).length === 0 && bytes !== undefined && isDestination(bytes);
  return isUsed ? [{ keyword, words: [group] }] : [];
}

function bindChecksum(scope: Scope<InstanceDraft>, statement: Statement): void {
  const [first] = statement.words;
  if (first === undefined) store(scope, "oldUnicastChecksum", "always", statement);
  else if (first.value === "never") store(scope, "oldUnicastChecksum", "never", statement);
  else reject(scope, statement, first, "never, or nothing", ignored);
}

function printChecksum(keyword: string, config: Printable): PrintedStatement[] {
  const form = config["oldUnicastChecksum"];
  if (form === "always") return [{ keyword, words: [] }];
  return form === "never" ? [{ keyword, words: ["never"] }] : [];
}

/** A TTL that says nothing new is left out: any TTL makes only peers be heard. */
function peerWords({ address: peer, minTtl, maxTtl }: UnicastPeerConfig): string[] {
  return [
    peer,
    ...(minTtl === 0 ? [] : ["min_ttl", String(minTtl)]),
    ...(maxTtl === ttlMax ? [] : ["max_ttl", String(maxTtl)]),
  ];
}

function readPeer(scope: Scope<InstanceDraft>, line: Statement): void {
  const [first, ...options] = lineWords(line);
  if (first === undefined) return;
  const bytes = parseIp(first.value);
  if (bytes === undefined) {
    scope.diagnostics.report(first.span, {
      severity: "error",
      code: "INVALID_ADDRESS",
      message: `Cannot use the peer "${shorten(first.value)}" in ${scope.owner}; ${ignored}`,
      expected: "an IPv4 or IPv6 address",
    });
    return;
  }
  const { min_ttl: minTtl, max_ttl: maxTtl } = readTtls(scope, options);
  const peer: UnicastPeerDraft = { address: formatIp(bytes), span: first.span, minTtl, maxTtl };
  reportEmptyRange(scope, peer);
  scope.draft.unicastPeers.push(peer);
}

type TtlName = "min_ttl" | "max_ttl";

function readTtls(
  scope: Scope<InstanceDraft>,
  options: readonly Word[],
): Partial<Record<TtlName, number>> {
  const found: Partial<Record<TtlName, number>> = {};
  for (let index = 0; index < options.length; index++) {
    const option = options[index];
    if (option === undefined) break;
    if (option.value !== "min_ttl" && option.value !== "max_ttl") {
      reportOption(scope, option, "the word is ignored", "min_ttl or max_ttl");
      continue;
    }
    const value = options[++index];
    if (value === undefined) {
      reportOption(scope, option, "the word is ignored", `a number after ${option.value}`);
      break;
    }
    const parsed = parseInteger(value.value);
    if (parsed?.rest === "" && parsed.value >= 0 && parsed.value <= ttlMax) {
      found[option.value] = parsed.value;
    } else {
      reportOption(scope, value, `${option.value} is ignored`, `0 to ${ttlMax}`);
    }
  }
  return found;
}

function reportOption(
  scope: Scope<InstanceDraft>,
  at: Word,
  instead: string,
  expected: string,
): void {
  scope.diagnostics.report(at.span, {
    severity: "error",
    code: "UNKNOWN_OPTION",
    message: `Cannot use "${shorten(at.value)}" in a line of unicast_peer; ${instead}`,
    expected,
  });
}

function reportEmptyRange(scope: Scope<InstanceDraft>, peer: UnicastPeerDraft): void {
  const { minTtl = 0, maxTtl = ttlMax } = peer;
  if (minTtl <= maxTtl) return;
  scope.diagnostics.report(peer.span, {
    severity: "warning",
    code: "INVALID_VALUE",
    message: `Cannot hear ${peer.address}: no TTL is at least ${minTtl} and at most ${maxTtl}`,
    hint: "min_ttl must not be above max_ttl",
  });
}
