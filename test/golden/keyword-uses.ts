// Finds which keywords, options of lines and lexical forms a golden case uses, and on which lines
// it complains: the evidence that docs/COMPATIBILITY.md cites. Decides nothing about what is
// enough.

import { loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { expectsBlock } from "@keepalived-ts/shared-config/schema/top";
import { memoryLoader } from "@keepalived-ts/shared-config/testing/memory-loader";
import type { Statement } from "@keepalived-ts/shared-config/text/ast";
import { type Diagnostic, Diagnostics } from "@keepalived-ts/shared-config/text/diagnostic";
import { readStatements } from "@keepalived-ts/shared-config/text/read";
import type { Span } from "@keepalived-ts/shared-config/text/source";
import { caseOptions, inputFiles, mainPath } from "./case-file.js";

/** A keyword of a block ("vrrp_instance priority") as it stands in a case. */
export interface Use {
  /** Block and keyword as in keywords.tsv. */
  readonly row: string;
  /** The rows of the blocks around it, the outermost first. */
  readonly within: readonly string[];
  /** What keepalived or we complain of on its line. */
  readonly complaints: readonly Diagnostic[];
}

/** Blocks of free lines, by path, and what keywords.tsv calls their lines. */
const lineBlocks: Readonly<Record<string, string>> = {
  static_ipaddress: "address-line",
  static_routes: "route-line",
  static_rules: "rule-line",
  interface_up_down_delays: "interface_up_down_delays-line",
  linkbeat_interfaces: "linkbeat_interfaces-line",
  virtual_server_group: "vsg-line",
  "vrrp_instance/virtual_ipaddress": "address-line",
  "vrrp_instance/virtual_ipaddress_excluded": "address-line",
  "vrrp_instance/virtual_routes": "route-line",
  "vrrp_instance/virtual_rules": "rule-line",
  "vrrp_instance/unicast_peer": "unicast_peer-line",
  ...trackLines("vrrp_instance"),
  ...trackLines("vrrp_sync_group"),
};

function trackLines(block: string): Record<string, string> {
  const kinds = ["interface", "script", "file", "process", "bfd"];
  return Object.fromEntries(kinds.map((kind) => [`${block}/track_${kind}`, `track_${kind}-line`]));
}

/** What a placeholder in place of a keyword stands for, where it is not simply the first word. */
const placeholders: Readonly<Record<string, readonly [string, RegExp][]>> = {
  "vsg-line": [
    ["<ipaddr>", /^[0-9a-f.:]+$/i],
    ["<range-full>", /^[0-9a-f.:]+[.:][0-9a-f]*-[0-9a-f]+[.:]/i],
    ["<range-short>", /^[0-9a-f.:]+-[0-9a-f]+$/i],
    ["<prefix>", /\//],
  ],
  "route-line": [
    ["<dest>", /^([0-9a-f.:/]*[.:][0-9a-f.:/]*|default|any|all)$/i],
    ["<type-number>", /^(0x)?\d+$/],
  ],
  "address-line": [["<ipaddr>", /[.:]/]],
  "unicast_peer-line": [["<ipaddr>", /[.:]/]],
  "interface_up_down_delays-line": [["<if>", /./]],
  "linkbeat_interfaces-line": [["<if>", /./]],
  "track_interface-line": [["<if>", /./]],
  "track_script-line": [["<script>", /./]],
  "track_file-line": [["<file>", /./]],
  "track_process-line": [["<process>", /./]],
  "track_bfd-line": [["<bfd>", /./]],
};

/** Lexical forms, looked for in the raw text of a line. */
const lexical: readonly [string, RegExp][] = [
  ...["include", "includer", "includem", "includew", "includeb", "includea"].map(
    (word): [string, RegExp] => [word, new RegExp(`^\\s*(@\\S+\\s+)?${word}\\s`)],
  ),
  ["@", /^\s*@[^^\s]/],
  ["@^", /^\s*@\^/],
  ["$NAME=", /^\s*(@\S+\s+)?\$\w+=/],
  ["$NAME", /\$(\{[A-Za-z]|[A-Za-z]\w*(?!\w*=))/],
  ...["_PWD", "_INSTANCE", "_RANDOM", "_ENV", "_HASH", "_BANG"].map((word): [string, RegExp] => [
    `\${${word}}`,
    new RegExp(`\\$\\{${word}\\b`),
  ]),
  ["~SEQ", /~SEQ\(/],
  ["~SEQx", /~SEQx\(/],
  ["~LST", /~LST\(/],
  ["#", /#/],
  ["!", /!/],
];

/** All uses in the case with this input. */
export function usesOf(input: string): Use[] {
  const files = inputFiles(input);
  const options = { ...caseOptions(input), loader: memoryLoader(files) };
  const { diagnostics } = loadConfig({ ...options, path: mainPath });
  const byLine = new Map<string, Diagnostic[]>();
  for (const each of diagnostics) {
    const place = `${each.file}:${each.line}`;
    byLine.set(place, [...(byLine.get(place) ?? []), each]);
  }
  const uses: Use[] = [];
  const add: Add = (row, within, { file, line }) => {
    uses.push({ row, within, complaints: byLine.get(`${file.path}:${line}`) ?? [] });
  };
  const addRaw = (row: string, path: string, line: number): void => {
    uses.push({ row, within: [], complaints: byLine.get(`${path}:${line}`) ?? [] });
  };
  for (const [path, text] of Object.entries(files)) {
    text.split("\n").forEach((line, index) => {
      if (/^# (links|id|users|scripts|names|vrfs|mtu):/.test(line)) return;
      for (const [name, pattern] of lexical) {
        if (pattern.test(line)) addRaw(`(lexical) ${name}`, path, index + 1);
      }
    });
  }
  const read = { ...options, diagnostics: new Diagnostics(), expectsBlock };
  walk(readStatements(mainPath, read) ?? [], "", [], add);
  return uses;
}

type Add = (row: string, within: readonly string[], span: Span) => void;

function walk(
  statements: Iterable<Statement>,
  path: string,
  within: readonly string[],
  add: Add,
): void {
  for (const statement of statements) {
    const { keyword, words, block } = statement;
    const here = (row: string): void => add(row, within, keyword.span);
    const row = `${path === "" ? "(top)" : path} ${keyword.value}`;
    here(row);
    if (keyword.value === "lvs_sync_daemon") {
      for (const word of words) here(`global_defs/lvs_sync_daemon (options) ${word.value}`);
    }
    const inner = path === "" ? keyword.value : `${path}/${keyword.value}`;
    const lineKind = Object.hasOwn(lineBlocks, inner) ? lineBlocks[inner] : undefined;
    const around = [...within, row];
    if (lineKind === undefined) walk(block ?? [], inner, around, add);
    else for (const each of block ?? []) lineUses(each, lineKind, around, add);
  }
}

function lineUses(statement: Statement, kind: string, within: readonly string[], add: Add): void {
  const words = [statement.keyword, ...statement.words];
  const here = (row: string): void => add(row, within, statement.keyword.span);
  let block = kind;
  words.forEach(({ value }, index) => {
    here(`${block} ${value}`);
    const named = placeholders[kind] ?? [];
    const isFree = index === 0 || kind === "route-line";
    if (block === kind && isFree) {
      for (const [name, pattern] of named) {
        if (pattern.test(value)) here(`${kind} ${name}`);
      }
    }
    if (kind === "route-line" && value === "nexthop") block = "route-line/nexthop";
    if (kind === "route-line" && value === "encap") {
      here(`route-line/encap ${words[index + 1]?.value ?? ""}`);
    }
  });
}
