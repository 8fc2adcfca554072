// The blocks authentication and auth_hmac of vrrp_instance. Reads passwords and keys as bytes, and
// quotes none of their words: any of them may be a secret on the wrong line.

import { usPerSecond } from "../base/units.js";
import type { Statement, Word } from "../text/ast.js";
import type { DiagnosticCode } from "../text/codes.js";
import type { TextEncoding } from "../text/source.js";
import type {
  HeaderAuthentication,
  HmacAuthentication,
  HmacKey,
  PassAuthentication,
} from "./config.js";
import type { HmacDraft, InstanceDraft } from "./draft.js";
import { ignored, oneWord, store, word } from "./forms.js";
import { firstWord, type Keywords, printBlock, type Rule, type Scope } from "./keyword.js";
import { formatSeconds, parseInteger } from "./number.js";
import { type Printable, type PrintedStatement, quoteWord } from "./printed.js";
import { section } from "./sections.js";

/** PASS has room for 8 bytes (RFC 2338 section 5.3.6); AH takes as many for its key. */
const passwordBytesMax = 8;
const keyIdMax = 255;
export const hmacKeyBytesMin = 32;
export const hmacKeyBytesMax = 64;
export const timeWindowSecondsMax = 300;
const antiReplays = ["time", "monotonic"] as const;
const modes = ["enforce", "permissive", "receive-only"] as const;

const typeKeywords: Keywords<InstanceDraft> = {
  auth_type: word("{PASS|AH}", bindType, printType),
  auth_pass: word("<up to 8 characters>", bindPassword, printPassword),
};

const hmacKeywords: Keywords<HmacDraft> = {
  key: {
    ...oneWord,
    form: `<1..${keyIdMax}> {<text>|hex:<digits>|file:<path>}`,
    wordsMin: 2,
    wordsMax: 2,
    isRepeatable: true,
    missingWord: "error",
    bind: bindKey,
    print: printKeys,
  },
  active_key: word(`<1..${keyIdMax}>`, bindActiveKey, (keyword, config) => [
    { keyword, words: [String(config["activeKey"])] },
  ]),
  time_window: word(`<1..${timeWindowSecondsMax} seconds>`, bindTimeWindow, (keyword, config) => [
    { keyword, words: [formatSeconds(Number(config["timeWindowUs"]))] },
  ]),
  anti_replay: listed("antiReplay", antiReplays),
  mode: listed("mode", modes),
};

export const authenticationKeywords: Keywords<InstanceDraft> = {
  authentication: section({
    keywords: typeKeywords,
    open: (scope) => ({ ...scope, path: `${scope.path}/authentication` }),
    print: printInner((config) => {
      const { authentication, headerAuthentication } = config;
      return (authentication ?? headerAuthentication) === undefined ? undefined : config;
    }, typeKeywords),
  }),
  auth_hmac: section({
    keywords: hmacKeywords,
    open: openHmac,
    print: printInner((config) => config["hmacAuthentication"], hmacKeywords),
  }),
};

/** Prints a block of what `pick` finds, and nothing where it finds nothing. */
function printInner<D>(
  pick: (config: Printable) => unknown,
  keywords: Keywords<D>,
): (keyword: string, config: Printable) => PrintedStatement[] {
  return (keyword, config) => {
    const inner = pick(config);
    if (inner === undefined) return [];
    return [{ keyword, words: [], block: printBlock(keywords, inner as object) }];
  };
}

/** Reports without showing the line. */
function refuse<D>(
  scope: Scope<D>,
  { span }: Word,
  what: string,
  facts: { readonly expected: string; readonly code?: DiagnosticCode },
): void {
  const { expected, code = "INVALID_VALUE" } = facts;
  const message = `Cannot use ${what} in ${scope.owner}; ${ignored}`;
  scope.diagnostics.report(span, { severity: "error", code, message, expected, isSecret: true });
}

function bindType(scope: Scope<InstanceDraft>, statement: Statement): void {
  const first = firstWord(statement);
  if (first.value === "PASS" || first.value === "AH") {
    store(scope, "authenticationType", first.value, statement);
  } else refuse(scope, first, "this auth_type", { expected: "PASS or AH, in capitals" });
}

/** Takes the password as bytes: it goes on the wire as it stands in the file. */
function bindPassword(scope: Scope<InstanceDraft>, statement: Statement): void {
  const first = firstWord(statement);
  const bytes = Buffer.from(first.value, first.span.file.encoding);
  if (bytes.length > passwordBytesMax) {
    scope.diagnostics.report(first.span, {
      severity: "error",
      code: "PASSWORD_TRUNCATED",
      message: `Cannot use all of auth_pass in ${scope.owner}; its first 8 bytes are used`,
      expected: `at most ${passwordBytesMax} characters`,
    });
  }
  const used = bytes.subarray(0, passwordBytesMax);
  store(scope, "password", used.toString("hex"), statement);
}

function printType(keyword: string, config: Printable): PrintedStatement[] {
  return [{ keyword, words: [config["authentication"] === undefined ? "AH" : "PASS"] }];
}

function printPassword(keyword: string, config: Printable): PrintedStatement[] {
  const pass = config["authentication"] as PassAuthentication | undefined;
  const header = config["headerAuthentication"] as HeaderAuthentication | undefined;
  const hex = (pass?.data ?? header?.secret ?? "").replace(/(00)+$/, "");
  return [{ keyword, words: [quoteWord(textOf(hex))] }];
}

/**
 * Bytes that are no UTF-8 came from a file in Latin-1, and the printed text must be written as such
 * too: there is no other way to spell them.
 */
function textOf(hex: string): string {
  const bytes = Buffer.from(hex, "hex");
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : bytes.toString("latin1");
}

function openHmac(scope: Scope<InstanceDraft>, { keyword }: Statement): Scope<HmacDraft> {
  scope.draft.hmac ??= { span: keyword.span, keys: [] };
  return { ...scope, path: `${scope.path}/auth_hmac`, draft: scope.draft.hmac };
}

function readId(scope: Scope<HmacDraft>, word: Word, what: string): number | undefined {
  const parsed = parseInteger(word.value);
  const isId = parsed?.rest === "" && parsed.value >= 1 && parsed.value <= keyIdMax;
  if (isId) return parsed.value;
  refuse(scope, word, what, { expected: `1 to ${keyIdMax}` });
  return undefined;
}

function bindKey(scope: Scope<HmacDraft>, { keyword, words }: Statement): void {
  const [idWord = keyword, value = keyword] = words;
  const id = readId(scope, idWord, "the id of this key");
  if (id === undefined) return;
  if (scope.draft.keys.some((each) => each.id === id)) {
    const expected = "ids that differ";
    refuse(scope, idWord, `key ${id} twice`, { expected, code: "DUPLICATE_NAME" });
    return;
  }
  if (value.value.startsWith("file:") && value.value.length > "file:".length) {
    scope.draft.keys.push({ id, span: value.span, file: value.value.slice("file:".length) });
    return;
  }
  const key = readKey(value.value, value.span.file.encoding);
  if (key === undefined) refuse(scope, value, `key ${id}`, { expected: keyExpected });
  else scope.draft.keys.push({ id, span: value.span, key });
}

export const keyExpected: string =
  `${hmacKeyBytesMin} to ${hmacKeyBytesMax} bytes: ` +
  "text, hex: and two digits for each byte, or file: and a path";

/** The bytes of a key in hexadecimal, or undefined when they are none, too few or too many. */
export function readKey(text: string, encoding: TextEncoding): string | undefined {
  const digits = text.startsWith("hex:") ? text.slice("hex:".length).toLowerCase() : undefined;
  const hex = digits ?? Buffer.from(text, encoding).toString("hex");
  const bytes = hex.length / 2;
  const isKey =
    /^([0-9a-f]{2})+$/.test(hex) && bytes >= hmacKeyBytesMin && bytes <= hmacKeyBytesMax;
  return isKey ? hex : undefined;
}

function printKeys(keyword: string, config: Printable): PrintedStatement[] {
  const keys = config["keys"] as readonly HmacKey[];
  return keys.map(({ id, secret, file }) => ({
    keyword,
    words: [String(id), quoteWord(file === undefined ? `hex:${secret}` : `file:${file}`)],
  }));
}

function bindActiveKey(scope: Scope<HmacDraft>, statement: Statement): void {
  const id = readId(scope, firstWord(statement), "this active_key");
  store(scope, "activeKey", id, statement);
}

function bindTimeWindow(scope: Scope<HmacDraft>, statement: Statement): void {
  const first = firstWord(statement);
  const parsed = parseInteger(first.value);
  const isUsable = parsed?.rest === "" && parsed.value >= 1 && parsed.value <= timeWindowSecondsMax;
  if (isUsable) store(scope, "timeWindowUs", parsed.value * usPerSecond, statement);
  else refuse(scope, first, "this time_window", { expected: `1 to ${timeWindowSecondsMax}` });
}

/** One of `words`. */
function listed<K extends "antiReplay" | "mode">(
  field: K,
  words: readonly HmacAuthentication[K][],
): Rule<HmacDraft> {
  const bind = (scope: Scope<HmacDraft>, statement: Statement): void => {
    const first = firstWord(statement);
    const value = words.find((each) => each === first.value);
    const what = `this ${statement.keyword.value}`;
    if (value === undefined) refuse(scope, first, what, { expected: words.join(", ") });
    else Object.assign(scope.draft, { [field]: { value, span: first.span } });
  };
  return word(`{${words.join("|")}}`, bind, (keyword, config) => [
    { keyword, words: [String(config[field])] },
  ]);
}
