// The keywords of global_defs about IPVS and the checker process. Follows lvs_timeouts and
// lvs_syncd_handler of keepalived's core/global_parser.c.

import { canonicalIp, isMulticast, parseIp } from "../base/ip.js";
import type { Statement, Word } from "../text/ast.js";
import { interfaceNameMax, isInterfaceName } from "./address-line.js";
import type { LvsSettings, LvsSyncDaemonConfig } from "./config-global.js";
import type { GlobalDraft, SyncDaemonDraft } from "./draft.js";
import { alias, boolean, choice, flag, ignored, oneWord, reject, store } from "./forms.js";
import {
  bufferBytes,
  firstWins,
  oldName,
  parseExact,
  within,
  wordsUnlimited,
} from "./global-forms.js";
import { firstWord, type Keywords, type Rule, type Scope, shorten } from "./keyword.js";
import { quoteWord } from "./printed.js";
import { drainTimeout } from "./server-options.js";

/** ip_vs_ctl.c: timeouts count in jiffies, so keepalived stops at 31 days. */
const timeoutMaxS = 2_678_400;

const timeoutFields = {
  tcp: "lvsTcpTimeoutS",
  tcpfin: "lvsTcpFinTimeoutS",
  udp: "lvsUdpTimeoutS",
} as const;

const flushOnStop = { wordsMin: 0, bind: bindFlushOnStop, print: printFlushOnStop };

export const lvsKeywords: Keywords<GlobalDraft> = {
  // Ours: keepalived knows neither.
  lvs_backend: choice("lvsBackend", ["ipvs", "none"]),
  drain_timeout: drainTimeout(),
  lvs_timeouts: {
    ...oneWord,
    form: "{tcp|tcpfin|udp} <seconds> ...",
    wordsMin: 0,
    wordsMax: wordsUnlimited,
    bind: bindTimeouts,
    print: printTimeouts,
  },
  lvs_flush: flag("lvsFlush"),
  lvs_flush_on_stop: { ...oneWord, form: "[VS]", ...flushOnStop },
  lvs_flush_onstop: alias(
    "lvs_flush_on_stop",
    { ...oneWord, form: "[VS]", ...flushOnStop },
    oldName("lvs_flush_on_stop"),
  ),
  lvs_sync_daemon: syncDaemon(),
  rs_init_notifies: boolean("rsInitNotifies"),
  checker_log_all_failures: boolean("checkerLogAllFailures"),
  lvs_netlink_cmd_rcv_bufs: bufferBytes("lvsNetlinkCommandBufferBytes"),
  lvs_netlink_cmd_rcv_bufs_force: boolean("lvsNetlinkCommandBufferForce"),
  lvs_netlink_monitor_rcv_bufs: bufferBytes("lvsNetlinkMonitorBufferBytes"),
  lvs_netlink_monitor_rcv_bufs_force: boolean("lvsNetlinkMonitorBufferForce"),
};

function bindTimeouts(scope: Scope<GlobalDraft>, statement: Statement): void {
  const { words } = statement;
  const expected = `tcp, tcpfin or udp, each with 0 to ${timeoutMaxS} seconds`;
  if (words.length < 2) {
    reportIncomplete(scope, statement, statement.keyword, expected);
    return;
  }
  for (let index = 0; index < words.length; index++) {
    const name = words[index] ?? statement.keyword;
    const field = Object.hasOwn(timeoutFields, name.value)
      ? timeoutFields[name.value as keyof typeof timeoutFields]
      : undefined;
    if (field === undefined) {
      reject(scope, statement, name, expected, "the word is ignored");
      continue;
    }
    const value = words[++index];
    if (value === undefined) reportIncomplete(scope, statement, name, expected);
    else {
      const seconds = parseExact(value.value)?.value ?? -1;
      if (seconds >= 0 && seconds <= timeoutMaxS) {
        scope.draft[field] = { value: seconds, span: value.span };
      } else
        reject(scope, statement, value, `0 to ${timeoutMaxS}`, `${name.value} is left as it is`);
    }
  }
}

function reportIncomplete(
  scope: Scope<GlobalDraft>,
  { keyword }: Statement,
  { value, span }: Word,
  expected: string,
): void {
  const what = value === keyword.value ? value : `${keyword.value} "${shorten(value)}"`;
  scope.diagnostics.report(span, {
    severity: "error",
    code: "MISSING_WORD",
    message: `Cannot use ${what} in ${scope.owner}: a word is missing`,
    expected,
  });
}

function printTimeouts(
  keyword: string,
  config: Readonly<Record<string, unknown>>,
): ReturnType<NonNullable<Rule<never>["print"]>> {
  const settings = config as unknown as LvsSettings;
  const words = Object.entries(timeoutFields).flatMap(([name, field]) => {
    const value = settings[field];
    return value === undefined ? [] : [name, String(value)];
  });
  return words.length === 0 ? [] : [{ keyword, words }];
}

function bindFlushOnStop(scope: Scope<GlobalDraft>, statement: Statement): void {
  const [first] = statement.words;
  if (first === undefined) store(scope, "lvsFlushOnStop", "all", statement);
  else if (first.value === "VS") store(scope, "lvsFlushOnStop", "VS", statement);
  else reject(scope, statement, first, "VS or nothing", ignored);
}

function printFlushOnStop(
  keyword: string,
  config: Readonly<Record<string, unknown>>,
): ReturnType<NonNullable<Rule<never>["print"]>> {
  const { lvsFlushOnStop } = config as unknown as LvsSettings;
  if (lvsFlushOnStop === "no") return [];
  return [{ keyword, words: lvsFlushOnStop === "VS" ? ["VS"] : [] }];
}

/** The words with a number: where it goes, and its limits. */
const syncNumbers = {
  id: { field: "syncId", from: 0, to: 255 },
  maxlen: { field: "packetLengthMax", from: 1, to: 65507 },
  port: { field: "port", from: 1, to: 65535 },
  ttl: { field: "timeToLive", from: 1, to: 255 },
} as const;

/** A sync daemon while its line is read. */
type SyncDaemonWords = { -readonly [K in keyof SyncDaemonDraft]: SyncDaemonDraft[K] };

function syncDaemon(): Rule<GlobalDraft> {
  const rule: Rule<GlobalDraft["lvs"]> = {
    ...oneWord,
    form: "<interface> [inst <vrrp_instance>] [id <n>] [{maxlen|port|ttl} <n>] [group <ip>]",
    wordsMax: wordsUnlimited,
    missingWord: "error",
    bind: bindSyncDaemon,
  };
  return {
    ...within("lvsSyncDaemon", (draft) => draft.lvs, firstWins("syncDaemon", rule)),
    print: (keyword, config) => {
      const daemon = config["lvsSyncDaemon"] as LvsSyncDaemonConfig | undefined;
      return daemon === undefined ? [] : [{ keyword, words: syncDaemonWords(daemon) }];
    },
  };
}

function syncDaemonWords(daemon: LvsSyncDaemonConfig): string[] {
  const { instance, multicastGroup } = daemon;
  const numbers = Object.entries(syncNumbers).flatMap(([name, { field }]) => {
    const value = daemon[field];
    return value === undefined ? [] : [name, String(value)];
  });
  return [
    quoteWord(daemon.interface),
    ...(instance === undefined ? [] : ["inst", quoteWord(instance)]),
    ...numbers,
    ...(multicastGroup === undefined ? [] : ["group", multicastGroup]),
  ];
}

function bindSyncDaemon(scope: Scope<GlobalDraft["lvs"]>, statement: Statement): void {
  const device = firstWord(statement);
  if (!isInterfaceName(device.value)) {
    reject(scope, statement, device, `an interface, 1 to ${interfaceNameMax} characters`, ignored);
    return;
  }
  const draft: SyncDaemonWords = { interface: device.value };
  const line = { scope, statement, draft };
  for (let index = 1; index < statement.words.length; ) index += readSyncWord(line, index);
  scope.draft.syncDaemon = { value: draft, span: device.span };
}

interface SyncLine {
  readonly scope: Scope<GlobalDraft["lvs"]>;
  readonly statement: Statement;
  readonly draft: SyncDaemonWords;
}

/** Reads the word at `index` and what belongs to it; returns how many words that were. */
function readSyncWord(line: SyncLine, index: number): number {
  const { scope, statement, draft } = line;
  const name = statement.words[index] ?? statement.keyword;
  const value = statement.words[index + 1];
  if (name.value === "inst") return readSyncInstance(line, name, value);
  if (name.value === "group") {
    if (value === undefined) return reportNoValue(line, name);
    readSyncGroup(line, value);
    return 2;
  }
  if (Object.hasOwn(syncNumbers, name.value)) {
    if (value === undefined) return reportNoValue(line, name);
    readSyncNumber(line, name.value as keyof typeof syncNumbers, value);
    return 2;
  }
  // The old form: <interface> <vrrp_instance> [<id>].
  if (index === 1) draft.instance = { value: name.value, span: name.span };
  else if (index === 2) readBareId(line, name);
  else {
    const expected = ["inst", ...Object.keys(syncNumbers), "group"].join(", ");
    reject(scope, statement, name, expected, "the word is ignored");
  }
  return 1;
}

function readSyncInstance(
  { scope, statement, draft }: SyncLine,
  name: Word,
  value: Word | undefined,
): number {
  if (value === undefined) {
    scope.diagnostics.report(name.span, {
      severity: "fatal",
      code: "MISSING_WORD",
      message: `Cannot use inst of ${statement.keyword.value} without a vrrp_instance`,
    });
  } else if (draft.instance !== undefined) {
    const used = `"${shorten(draft.instance.value)}" is used`;
    reject(scope, statement, value, "one vrrp_instance", used);
  } else draft.instance = { value: value.value, span: value.span };
  return 2;
}

function readSyncGroup({ scope, statement, draft }: SyncLine, value: Word): void {
  const address = parseIp(value.value);
  if (address !== undefined && isMulticast(address)) {
    draft.multicastGroup = canonicalIp(value.value);
  } else reject(scope, statement, value, "a multicast address", "the kernel's own group is used");
}

function readSyncNumber(
  { scope, statement, draft }: SyncLine,
  name: keyof typeof syncNumbers,
  value: Word,
): void {
  const { field, from, to } = syncNumbers[name];
  const number = parseExact(value.value)?.value ?? Number.NaN;
  if (number >= from && number <= to) draft[field] = number;
  else reject(scope, statement, value, `${from} to ${to} for ${name}`, `${name} is left out`);
}

function readBareId(line: SyncLine, value: Word): void {
  readSyncNumber(line, "id", value);
  if (line.draft.syncId === undefined) return;
  line.scope.diagnostics.report(value.span, {
    severity: "warning",
    code: "DEPRECATED_KEYWORD",
    message: `Cannot recommend a bare id in ${line.statement.keyword.value}`,
    hint: `write id ${line.draft.syncId}`,
  });
}

function reportNoValue({ scope, statement }: SyncLine, name: Word): number {
  scope.diagnostics.report(name.span, {
    severity: "error",
    code: "MISSING_WORD",
    message: `Cannot use ${name.value} of ${statement.keyword.value}: a word is missing`,
  });
  return 1;
}
