// DNS_CHECK and UDP_CHECK: what is asked and what counts as an answer. Follow keepalived's
// check/check_dns.c and check_udp.c.

import type { Statement } from "../text/ast.js";
import { connectionKeywords } from "./check-options.js";
import type { DnsType, UdpCheckConfig } from "./config-checks.js";
import type { DnsCheckDraft, UdpCheckDraft } from "./draft-checker.js";
import { choice, ignored, integer, oneWord, printWord, reject, store, word } from "./forms.js";
import { firstWord, type Keywords, type Scope } from "./keyword.js";
import { type Printable, type PrintedStatement, quoteWord } from "./printed.js";

const dnsTypes: readonly DnsType[] = [
  ...(["A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA", "RRSIG", "DNSKEY"] as const),
];
/** RFC 1035 section 2.3.4; of the 255 bytes of a name two are not text. */
const labelMax = 63;
const nameMax = 253;

const replyLength = { from: 0, to: 65535 };

export const dnsKeywords: Keywords<DnsCheckDraft> = {
  ...connectionKeywords,
  type: choice("type", dnsTypes, { isCaseFree: true }),
  name: { ...word("<domain>", bindName, printWord("name", quoteWord)), isRepeatable: true },
};

export const udpKeywords: Keywords<UdpCheckDraft> = {
  ...connectionKeywords,
  payload: {
    ...oneWord,
    wordsMax: Number.POSITIVE_INFINITY,
    missingWord: "error",
    form: "<hex digits> ...",
    bind: bindPayload,
    print: printWord("payload", String),
  },
  require_reply: {
    ...oneWord,
    wordsMin: 0,
    wordsMax: Number.POSITIVE_INFINITY,
    form: "[<hex digits, x for any> ...]",
    bind: bindReply,
    print: printReply,
  },
  min_reply_length: integer("replyLengthMin", replyLength),
  max_reply_length: integer("replyLengthMax", replyLength),
};

/** The first name counts. */
function bindName(scope: Scope<DnsCheckDraft>, statement: Statement): void {
  const first = firstWord(statement);
  const earlier = scope.draft.name;
  if (earlier !== undefined) {
    scope.diagnostics.report(statement.keyword.span, {
      severity: "error",
      code: "REPEATED_KEYWORD",
      message: `Cannot use name twice in ${scope.owner}; this line is ignored`,
      hint: `the first stands in ${earlier.span.file.path}:${earlier.span.line}`,
    });
    return;
  }
  const name = first.value.replace(/\.$/, "");
  const isUsable =
    name === "" ||
    (name.length <= nameMax &&
      name.split(".").every((label) => label !== "" && Buffer.byteLength(label) <= labelMax));
  if (isUsable) store(scope, "name", name === "" ? "." : name, statement);
  else reject(scope, statement, first, `labels of 1 to ${labelMax} characters`, ignored);
}

function bindPayload(scope: Scope<UdpCheckDraft>, statement: Statement): void {
  const payload = readBytes(scope, statement, /^[0-9a-f]+$/i, "hex digits");
  store(scope, "payload", payload, statement);
}

/** Without a pattern any answer will do. */
function bindReply(scope: Scope<UdpCheckDraft>, statement: Statement): void {
  store(scope, "requireReply", true, statement);
  if (statement.words.length === 0) return;
  const pattern = readBytes(scope, statement, /^[0-9a-fx]+$/i, "hex digits, or x for any");
  store(scope, "replyPattern", pattern, statement);
}

/**
 * Bytes of two digits each; a digit that stands alone before a blank is a byte too (lib/utils.c
 * read_hex_str).
 */
function readBytes<D>(
  scope: Scope<D>,
  statement: Statement,
  pattern: RegExp,
  expected: string,
): string | undefined {
  const parts = statement.words.flatMap((each) => each.value.split(/[ \t]+/));
  const bad = statement.words.find((each) => !each.value.split(/[ \t]+/).every(isPart));
  function isPart(part: string): boolean {
    return pattern.test(part);
  }
  if (bad !== undefined) {
    reject(scope, statement, bad, expected, ignored);
    return undefined;
  }
  return parts
    .flatMap((part) => part.toLowerCase().match(/..?/g) ?? [])
    .map(wholeByte)
    .join("");
}

function wholeByte(digits: string): string {
  return digits.padStart(2, "0");
}

function printReply(keyword: string, config: Printable): PrintedStatement[] {
  const { requireReply, replyPattern } = config as unknown as UdpCheckConfig;
  if (!requireReply) return [];
  return [{ keyword, words: replyPattern === undefined ? [] : [replyPattern] }];
}
