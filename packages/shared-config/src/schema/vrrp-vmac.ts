// The keywords of vrrp_instance that make interfaces: use_vmac, use_ipvlan. Reads their words in
// any order, as keepalived's vrrp/vrrp_parser.c does; what the words leave open the linker decides.

import { canonicalIp, ipFamily, parseIp } from "../base/ip.js";
import type { Statement, Word } from "../text/ast.js";
import { prefixLengthMax } from "./address-arithmetic.js";
import type { IpvlanConfig, VmacConfig } from "./config.js";
import type { InstanceDraft, IpvlanDraft, VmacDraft } from "./draft.js";
import { flag, oneWord, printWords } from "./forms.js";
import { type Keywords, type Scope, shorten } from "./keyword.js";
import { parseInteger } from "./number.js";
import { quoteWord } from "./printed.js";
import { isVirtualRouterMac, macOctets, readMac } from "./virtual-mac.js";

const vmacForm = "[[name] <interface>] [<MAC address>] [group <group>] [netlink_notify_msg]";
const ipvlanForm =
  "[[name] <interface>] [<IP address>[/<length>]] [{bridge|private|vepa}] [group <group>]";
/** linux/if.h IFNAMSIZ less the final NUL; the other rules are the kernel's dev_valid_name(). */
const nameBytesMax = 15;

export const vmacKeywords: Keywords<InstanceDraft> = {
  use_vmac: {
    ...oneWord,
    form: vmacForm,
    wordsMin: 0,
    wordsMax: 6,
    isRepeatable: true,
    bind: bindVmac,
    print: printWords("vmac", vmacWords),
  },
  use_vmac_addr: flag("vmacForAddresses"),
  vmac_xmit_base: flag("vmacTransmitBase"),
  use_ipvlan: {
    ...oneWord,
    form: ipvlanForm,
    wordsMin: 0,
    wordsMax: 6,
    isRepeatable: true,
    bind: bindIpvlan,
    print: printWords("ipvlan", ipvlanWords),
  },
};

/** A line as it is read. */
interface Line {
  readonly scope: Scope<InstanceDraft>;
  readonly keyword: Word;
}

/** The word that follows `option`, or undefined after a report. */
function wordAfter(
  line: Line,
  words: readonly Word[],
  index: number,
  option: Word,
): Word | undefined {
  const next = words[index + 1];
  if (next === undefined) complain(line, option, `a word after ${option.value}`);
  return next;
}

function complain({ scope, keyword }: Line, word: Word, expected: string): void {
  const what = `"${shorten(word.value)}" in ${keyword.value} of ${scope.owner}`;
  scope.diagnostics.report(word.span, {
    severity: "error",
    code: "INVALID_VALUE",
    message: `Cannot use ${what}; the word is ignored`,
    expected,
  });
}

/** Reports a second one of `what`. */
function isFirst(line: Line, given: unknown, what: string, word: Word): boolean {
  if (given === undefined) return true;
  complain(line, word, `one ${what}`);
  return false;
}

/** Lines add up: each gives what the others leave open. */
function bindVmac(scope: Scope<InstanceDraft>, { keyword, words }: Statement): void {
  const line: Line = { scope, keyword };
  scope.draft.vmac ??= { value: {}, span: keyword.span };
  const draft: VmacDraft = scope.draft.vmac.value;
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word === undefined) break;
    if (word.value.includes(":")) bindMac(line, draft, word);
    else if (word.value === "netlink_notify_msg") {
      draft.netlinkNotify = { value: true, span: word.span };
    } else if (word.value === "group" || word.value === "name") {
      const next = wordAfter(line, words, index++, word);
      if (next !== undefined) bindPair(line, draft, word.value, next);
    } else bindName(line, draft, word);
  }
}

function bindPair(
  line: Line,
  draft: VmacDraft | IpvlanDraft,
  option: "group" | "name",
  word: Word,
): void {
  if (option === "name") bindName(line, draft, word);
  else if (isFirst(line, draft.group, "group", word)) {
    draft.group = { value: word.value, span: word.span };
  }
}

/** A name belongs to one instance. */
function bindName(line: Line, draft: VmacDraft | IpvlanDraft, word: Word): void {
  const names = line.scope.root.virtualLinkNames;
  const owner = names.owner(word.value);
  if (!isFirst(line, draft.name, "name", word)) return;
  if (!isLinkName(word.value)) {
    complain(line, word, `a name of 1 to ${nameBytesMax} characters without / : and blanks`);
  } else if (owner !== undefined) {
    complain(line, word, `a name that "${owner}" does not use`);
  } else {
    names.take(word.value, line.scope.draft.name);
    draft.name = { value: word.value, span: word.span };
  }
}

function isLinkName(name: string): boolean {
  const length = Buffer.byteLength(name);
  const isLong = length < 1 || length > nameBytesMax;
  return !isLong && name !== "." && name !== ".." && !/[/:\s]/.test(name);
}

function bindMac(line: Line, draft: VmacDraft, word: Word): void {
  if (!isFirst(line, draft.hardwareAddress, "MAC address", word)) return;
  const octets = readMac(word.value);
  if (octets === undefined) {
    complain(line, word, `a MAC address of ${macOctets} octets, or of 5 before the router's id`);
  } else if (((octets[0] ?? 0) & 1) === 1) {
    complain(line, word, "a MAC address that is not multicast: an even first octet");
  } else if (isVirtualRouterMac(octets)) {
    complain(line, word, "no MAC address, since one of 00:00:5e:00:01 or :02 is the default");
  } else {
    draft.hardwareAddress = { value: octets, span: word.span };
  }
}

function bindIpvlan(scope: Scope<InstanceDraft>, { keyword, words }: Statement): void {
  const line: Line = { scope, keyword };
  const earlier = scope.draft.ipvlan;
  if (earlier !== undefined) {
    scope.diagnostics.report(keyword.span, {
      severity: "error",
      code: "REPEATED_KEYWORD",
      message: `Cannot use use_ipvlan twice in ${scope.owner}; this line is ignored`,
      hint: `the first stands in ${earlier.span.file.path}:${earlier.span.line}`,
    });
    return;
  }
  const draft: IpvlanDraft = {};
  scope.draft.ipvlan = { value: draft, span: keyword.span };
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word === undefined) break;
    const { value, span } = word;
    if (value === "bridge" || value === "private" || value === "vepa") {
      if (isFirst(line, draft.mode, "of bridge, private and vepa", word)) {
        draft.mode = { value, span };
      }
    } else if (value === "group" || value === "name") {
      const next = wordAfter(line, words, index++, word);
      if (next !== undefined) bindPair(line, draft, value, next);
    } else if (parseIp(value.split("/", 1)[0] ?? "") !== undefined) {
      bindAddress(line, draft, word);
    } else bindName(line, draft, word);
  }
}

function bindAddress(line: Line, draft: IpvlanDraft, word: Word): void {
  if (!isFirst(line, draft.address, "address", word)) return;
  const [text = "", length, more] = word.value.split("/");
  const address = canonicalIp(text) ?? text;
  const max = prefixLengthMax(ipFamily(address));
  const parsed = length === undefined ? undefined : parseInteger(length);
  const isLength = parsed?.rest === "" && parsed.value >= 0 && parsed.value <= max;
  if (more !== undefined || (length !== undefined && !isLength)) {
    complain(line, word, `a prefix length of 0 to ${max}`);
    return;
  }
  draft.address = { value: address, span: word.span };
  draft.prefixLength = parsed?.value ?? max;
}

function groupWords(group: number | undefined): string[] {
  return group === undefined ? [] : ["group", String(group)];
}

/** The default address is one that the keyword does not take. */
function vmacWords({ name, hardwareAddress, group, netlinkNotify }: VmacConfig): string[] {
  const octets = readMac(hardwareAddress) ?? [];
  return [
    ...["name", quoteWord(name)],
    ...(isVirtualRouterMac(octets) ? [] : [hardwareAddress]),
    ...groupWords(group),
    ...(netlinkNotify ? ["netlink_notify_msg"] : []),
  ];
}

function ipvlanWords({ name, address, prefixLength, mode, group }: IpvlanConfig): string[] {
  return [
    ...["name", quoteWord(name)],
    ...(address === undefined ? [] : [`${address}/${prefixLength}`]),
    mode,
    ...groupWords(group),
  ];
}
