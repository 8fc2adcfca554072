// The keywords of global_defs about the packet filter. Follows vrrp_iptables_handler and
// vrrp_nftables_handler of keepalived's core/global_parser.c.

import type { Statement } from "../text/ast.js";
import type { IptablesChains } from "./config-global.js";
import type { GlobalDraft } from "./draft.js";
import { alias, flag, ignored, misspelt, printWord, put, reject, word } from "./forms.js";
import { exactInteger, firstWins, isNameOf, unsignedMax, within } from "./global-forms.js";
import { printIpsets, readIpsets } from "./global-ipsets.js";
import type { Keywords, Rule, Scope } from "./keyword.js";
import { quoteWord } from "./printed.js";

type FirewallDraft = GlobalDraft["firewall"];
type TableField = "nftablesTable" | "nftablesIpvsTable";
type NumberField = "nftablesPriority" | "nftablesIpvsPriority" | "nftablesIpvsStartFwmark";

/** XT_EXTENSION_MAXNAMELEN of linux/netfilter/x_tables.h less two bytes. */
const chainNameMax = 27;
/** NFT_TABLE_MAXNAMELEN of linux/netfilter/nf_tables.h less two bytes. */
const tableNameMax = 254;
const priority = { from: -2147483648, to: 2147483647 };
const mark = { from: 1, to: unsignedMax };

const ipsets = inFirewall({
  ...word<FirewallDraft>("[<name>...]", bindIpsets),
  ...{ wordsMin: 0, wordsMax: 6, print: printIpsets },
});

export const firewallKeywords: Keywords<GlobalDraft> = {
  vrrp_iptables: byNftables(
    inFirewall(
      firstWins("iptables", {
        ...word<FirewallDraft>("[<in> [<out>]]", bindIptables),
        ...{ wordsMin: 0, wordsMax: 2, print: printIptables },
      }),
    ),
  ),
  vrrp_ipsets: byNftables(ipsets),
  vrrp_ipset: alias("vrrp_ipsets", byNftables(ipsets), misspelt("vrrp_ipsets")),
  nftables: table("nftablesTable", "keepalived", ["nftablesPriority"]),
  nftables_priority: ofTable("nftablesPriority", "nftablesTable", priority),
  nftables_ifindex: flag("nftablesInterfaceIndex"),
  nftables_counters: flag("nftablesCounters"),
  nftables_ipvs: table("nftablesIpvsTable", "keepalived_ipvs", [
    "nftablesIpvsPriority",
    "nftablesIpvsStartFwmark",
  ]),
  nftables_ipvs_priority: ofTable("nftablesIpvsPriority", "nftablesIpvsTable", priority),
  nftables_ipvs_start_fwmark: ofTable("nftablesIpvsStartFwmark", "nftablesIpvsTable", mark),
};

/** A rule that keeps what it reads apart, and prints of the whole. */
function inFirewall(rule: Rule<FirewallDraft>): Rule<GlobalDraft> {
  return { ...within("", (draft) => draft.firewall, rule), print: rule.print };
}

/**
 * As Debian's keepalived, which is built without iptables and says so: what the keyword is for is
 * done in a table of nftables.
 */
function byNftables(rule: Rule<GlobalDraft>): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const { value, span } = statement.keyword;
    scope.diagnostics.report(span, {
      severity: "warning",
      code: "DEPRECATED_KEYWORD",
      message: `Cannot use iptables for ${value} in ${scope.owner}: nftables does it instead`,
      hint: "write nftables, with a name if its table is not to be called keepalived",
    });
    rule.bind(scope, statement);
  };
  return { ...rule, bind };
}

function bindIptables(scope: Scope<FirewallDraft>, statement: Statement): void {
  const [input, output] = statement.words;
  const expected = `1 to ${chainNameMax} characters`;
  const { span } = input ?? statement.keyword;
  let chains: IptablesChains = { input: "INPUT", output: "OUTPUT" };
  if (input !== undefined) {
    if (!isNameOf(input, 1, chainNameMax)) {
      reject(scope, statement, input, expected, ignored);
      return;
    }
    chains = { input: input.value };
  }
  if (output !== undefined) {
    if (!isNameOf(output, 1, chainNameMax)) {
      reject(scope, statement, output, expected, "nothing is filtered on the way out");
    } else if (output.value === chains.input) {
      // keepalived logs this and does not count it as an error.
      scope.diagnostics.report(output.span, {
        severity: "hint",
        code: "CONFLICT",
        message: `Cannot use "${output.value}" for both ways in ${scope.owner}; ${ignored}`,
      });
      return;
    } else chains = { ...chains, output: output.value };
  }
  scope.draft.iptables = { value: chains, span };
}

function printIptables(
  keyword: string,
  config: Readonly<Record<string, unknown>>,
): ReturnType<NonNullable<Rule<never>["print"]>> {
  const chains = config["iptables"] as IptablesChains | undefined;
  if (chains === undefined) return [];
  const words = chains.output === undefined ? [chains.input] : [chains.input, chains.output];
  return [{ keyword, words: words.map(quoteWord) }];
}

/** Without a name no ipsets are used; a later line replaces an earlier one altogether. */
function bindIpsets(scope: Scope<FirewallDraft>, statement: Statement): void {
  const { span } = statement.words[0] ?? statement.keyword;
  const names = statement.words.length === 0 ? "off" : readIpsets(scope, statement);
  scope.draft.ipsets = names && { value: names, span };
}

/** The name of a table, which also sets the numbers that belong to it back. */
function table(
  field: TableField,
  standard: string,
  resets: readonly NumberField[],
): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const [first] = statement.words;
    if (first !== undefined && !isNameOf(first, 1, tableNameMax)) {
      reject(scope, statement, first, `1 to ${tableNameMax} characters`, ignored);
      return;
    }
    put(scope, field, first?.value ?? standard, statement);
    for (const reset of resets) dropEarlier(scope, reset, statement);
  };
  const rule = word<GlobalDraft>("[<table>]", bind, printWord(field, quoteWord));
  return firstWins(field, { ...rule, wordsMin: 0 });
}

function dropEarlier(scope: Scope<GlobalDraft>, field: NumberField, { keyword }: Statement): void {
  const earlier = scope.draft[field];
  if (earlier === undefined) return;
  scope.diagnostics.report(earlier.span, {
    severity: "hint",
    code: "CONFLICT",
    message: `Cannot use "${earlier.value}" here: ${keyword.value} below sets it back`,
    hint: `put this line after ${keyword.value}`,
  });
  delete scope.draft[field];
}

/** A number that means something only beside a table, and is printed only there. */
function ofTable(
  field: NumberField,
  tableField: TableField,
  limits: { readonly from: number; readonly to: number },
): Rule<GlobalDraft> {
  const rule = exactInteger<GlobalDraft>(field, limits);
  return {
    ...rule,
    print: (keyword, config) =>
      config[tableField] === undefined ? [] : (rule.print?.(keyword, config) ?? []),
  };
}
