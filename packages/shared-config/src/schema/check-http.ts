// HTTP_GET and SSL_GET: one table for both, less what only TLS knows. Follows keepalived's
// check/check_http.c. What a url takes over from its check and server, the linker decides.

import type { Statement } from "../text/ast.js";
import { certificateDaysMax } from "./check-grpc.js";
import { connectionKeywords, retry } from "./check-options.js";
import type { HttpCheckConfig, UrlConfig } from "./config-checks.js";
import type { HttpCheckDraft, UrlDraft } from "./draft-checker.js";
import {
  alias,
  boolean,
  choice,
  deprecated,
  ignored,
  integer,
  oneWord,
  printWord,
  reject,
  store,
  text,
  word,
} from "./forms.js";
import { firstWord, innerScope, type Keywords, printBlock, type Scope } from "./keyword.js";
import { parseInteger } from "./number.js";
import { type Printable, type PrintedStatement, quoteWord } from "./printed.js";
import { section } from "./sections.js";
import { regexKeywords } from "./url-regex.js";

type HttpKind = HttpCheckConfig["kind"];

const codeMin = 100;
const codeMax = 599;
/** OpenSSL's TLSEXT_MAXLEN_host_name. */
const sniNameMax = 255;

const urlKeywords: Keywords<UrlDraft> = {
  path: { ...text("path"), missingWord: "fatal" },
  virtualhost: text("virtualHost"),
  digest: word("<MD5 in 32 hex digits>", bindDigest, printWord("digest", String)),
  status_code: {
    ...oneWord,
    wordsMax: Number.POSITIVE_INFINITY,
    isRepeatable: true,
    missingWord: "hint",
    form: "{<100..599>|<100..599>-<100..599>} ...",
    bind: bindStatusCodes,
    print: printStatusCodes,
  },
  ...regexKeywords,
};

const secureCheckKeywords: Keywords<HttpCheckDraft> = {
  tls_compliant: { ...boolean("tlsCompliant"), print: undefined },
  // Ours: keepalived never looks at a certificate.
  verify_certificate: boolean("verifyCertificate"),
  certificate_days: integer("certificateDaysMin", { from: 0, to: certificateDaysMax }),
};

const secureUrlKeywords: Keywords<UrlDraft> = {
  ...urlKeywords,
  tls_compliant: boolean("tlsCompliant"),
};

/** The keywords of a check of this kind. */
export function httpKeywords(kind: HttpKind): Keywords<HttpCheckDraft> {
  const isSecure = kind === "SSL_GET";
  return {
    ...connectionKeywords,
    nb_get_retry: alias("retry", retry(0), deprecated("retry")),
    virtualhost: { ...text("virtualHost"), print: undefined },
    http_protocol: {
      ...choice("protocol", ["1.0", "1.0c", "1.0C", "1.1", "2"]),
      missingWord: "error",
    },
    // Before enable_sni, which may turn off what a name turns on.
    sni_name: {
      ...oneWord,
      wordsMin: 0,
      form: "[<name>]",
      bind: bindSniName,
      print: printWord("sniName", quoteWord),
    },
    enable_sni: boolean("enableSni"),
    fast_recovery: boolean("fastRecovery"),
    ...(isSecure ? secureCheckKeywords : {}),
    url: section({
      keywords: isSecure ? secureUrlKeywords : urlKeywords,
      open: (scope, { keyword }) => {
        const draft: UrlDraft = { span: keyword.span, codes: [], regex: {} };
        return innerScope(scope, `${scope.path}/url`, `url of ${scope.owner}`, draft);
      },
      close: (scope, { draft }) => scope.draft.urls.push(draft),
      print: printUrls(isSecure ? secureUrlKeywords : urlKeywords),
    }),
  };
}

/** keepalived reads the digits two by two, in either case (check_http.c digest_handler). */
function bindDigest(scope: Scope<UrlDraft>, statement: Statement): void {
  const first = firstWord(statement);
  if (/^[0-9a-f]{32}$/i.test(first.value)) {
    store(scope, "digest", first.value.toLowerCase(), statement);
  } else reject(scope, statement, first, "32 hex digits, as genhash prints them", ignored);
}

/** Each word by itself; further lines add to the first. */
function bindStatusCodes(scope: Scope<UrlDraft>, statement: Statement): void {
  for (const each of statement.words) {
    const dash = each.value.indexOf("-");
    const from = readCode(dash < 0 ? each.value : each.value.slice(0, dash));
    const to = dash < 0 ? from : readCode(each.value.slice(dash + 1));
    if (from !== undefined && to !== undefined && from <= to) {
      scope.draft.codes.push({ from, to });
      continue;
    }
    const expected = `${codeMin} to ${codeMax}, or a range such as 200-299`;
    reject(scope, statement, each, expected, "the word is ignored");
  }
}

function readCode(digits: string): number | undefined {
  const parsed = parseInteger(digits);
  const isCode = parsed?.rest === "" && parsed.value >= codeMin && parsed.value <= codeMax;
  return isCode ? parsed.value : undefined;
}

function printStatusCodes(keyword: string, config: Printable): PrintedStatement[] {
  const { statusCodes } = config as unknown as UrlConfig;
  const words = statusCodes.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
  return [{ keyword, words }];
}

/** A name turns SNI on, and so does the keyword alone. */
function bindSniName(scope: Scope<HttpCheckDraft>, statement: Statement): void {
  const [first] = statement.words;
  if (first !== undefined && (first.value === "" || first.value.length > sniNameMax)) {
    reject(scope, statement, first, `a name of 1 to ${sniNameMax} characters`, ignored);
    return;
  }
  store(scope, "enableSni", true, statement);
  if (first !== undefined) store(scope, "sniName", first.value, statement);
}

/**
 * A url's Host header is printed with the url, unless only the real server's virtualhost, which
 * is printed there, gives a header and no name for the handshake.
 */
function printUrls(
  keywords: Keywords<UrlDraft>,
): (keyword: string, config: Printable) => PrintedStatement[] {
  return (keyword, config) => {
    const { kind, enableSni, sniName, urls } = config as unknown as HttpCheckConfig;
    const isNameOfUrl = kind === "SSL_GET" && enableSni && sniName === undefined;
    return urls.map((url) => {
      const { virtualHost, ...others } = url;
      const isHidden = isNameOfUrl && virtualHost !== url.serverName;
      return { keyword, words: [], block: printBlock(keywords, isHidden ? others : url) };
    });
  };
}
