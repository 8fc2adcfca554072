// The keywords of global_defs about the daemon as a whole: identity, who runs scripts, files,
// reload; and those of the top level. Follows keepalived's core/global_parser.c.

import type { Statement } from "../text/ast.js";
import type { DaemonSettings, IncludeCheck } from "./config-global.js";
import type { ConfigDraft, GlobalDraft } from "./draft.js";
import {
  boolean,
  type Field,
  flag,
  ignored,
  integer,
  oneWord,
  printWord,
  printWords,
  put,
  reject,
  store,
  text,
  word,
} from "./forms.js";
import {
  firstWins,
  mendable,
  named,
  onlyWord,
  parseExact,
  reportSecond,
  unsignedMax,
  wholeSeconds,
  within,
  wordsUnlimited,
} from "./global-forms.js";
import { formatUmask, readUmask, umaskForm } from "./global-umask.js";
import { firstWord, type Keywords, type Rule, type Scope } from "./keyword.js";
import { quoteWord } from "./printed.js";
import { notifyScript } from "./script.js";

const scriptTimeout = { from: 1, to: 1000 };
const includeCheckWords: readonly IncludeCheck[] = [
  "read",
  "match",
  "wildcard_match",
  "brace_match",
];

export const daemonKeywords: Keywords<GlobalDraft> = {
  include_check: includeCheck(),
  random_seed: randomSeed(),
  router_id: text("routerId"),
  script_user: scriptUser(),
  // Ours. The linker looks the group up.
  control_group: onlyWord("<group>", "controlGroup"),
  enable_script_security: flag("enableScriptSecurity"),
  use_symlink_paths: boolean("useSymlinkPaths"),
  iproute_usr_dir: onlyWord("<directory>", "iprouteUsrDirectory"),
  iproute_etc_dir: onlyWord("<directory>", "iprouteEtcDirectory"),
  umask: {
    ...word("<mode bits>", bindUmask, printWord("umask", formatUmask)),
    wordsMax: wordsUnlimited,
  },
  set_supplementary_groups: boolean("setSupplementaryGroups"),
  startup_script: parentScript("startup"),
  startup_script_timeout: mendable(wholeSeconds("startupScriptTimeoutUs", scriptTimeout)),
  shutdown_script: parentScript("shutdown"),
  shutdown_script_timeout: mendable(wholeSeconds("shutdownScriptTimeoutUs", scriptTimeout)),
  data_use_instance: boolean("dataUseInstance"),
  json_version: mendable(integer("jsonVersion", { from: 1, to: 2 })),
  state_dump_file: onlyWord("<path>", "stateDumpFile"),
  stats_dump_file: onlyWord("<path>", "statsDumpFile"),
  json_dump_file: onlyWord("<path>", "jsonDumpFile"),
  reload_check_config: optionalPath("reloadCheckConfig", "/dev/null"),
  reload_time_file: onlyWord("<path>", "reloadTimeFile"),
  reload_repeat: flag("reloadRepeat"),
  // The linker knows the built-in path.
  reload_file: optionalPath("reloadFile", ""),
  config_save_dir: named("configSaveDirectory"),
  tmp_config_directory: firstWins("tmpConfigDirectory", mendable(named("tmpConfigDirectory"))),
};

/** The settings outside all blocks. */
export const daemonTopKeywords: Keywords<ConfigDraft> = {
  net_namespace: atTop(netNamespace()),
  net_namespace_ipvs: atTop(ipvsNamespace()),
  use_pid_dir: atTop(flag("usePidDirectory")),
  instance: atTop(firstWins("instanceName", mendable(named("instanceName")))),
  child_wait_time: atTop(wholeSeconds("childWaitTimeUs", { from: 0, to: unsignedMax }, parseExact)),
  // For kernels before 3.13. Our sets are of nftables, which every namespace has for itself.
  namespace_with_ipsets: atTop(flag("namespaceWithIpsets")),
  linkbeat_use_polling: atTop(flag("linkbeatUsePolling")),
};

function atTop(rule: Rule<GlobalDraft>): Rule<ConfigDraft> {
  return within("global", (draft) => draft.global, rule);
}

function parentScript(kind: "startup" | "shutdown"): Rule<GlobalDraft> {
  const rule = notifyScript<GlobalDraft["scripts"]>(kind);
  return {
    ...mendable(within(kind, (draft: GlobalDraft) => draft.scripts, rule)),
    print: (keyword, config) => rule.print?.(keyword, { [kind]: config[`${kind}Script`] }) ?? [],
  };
}

/** keepalived 2.2.7 tells of a second one and ends with 0 all the same. */
function netNamespace(): Rule<GlobalDraft> {
  const rule = mendable(named<GlobalDraft>("netNamespace"));
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const earlier = scope.draft.netNamespace;
    if (earlier === undefined) rule.bind(scope, statement);
    else reportSecond(scope, statement, earlier, "hint");
  };
  return { ...rule, isRepeatable: true, bind };
}

/** Without a name IPVS is done in the namespace that the daemon was started in. */
function ipvsNamespace(): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void =>
    store(scope, "netNamespaceIpvs", statement.words[0]?.value ?? "", statement);
  const print = printWords("netNamespaceIpvs", (name: string) =>
    name === "" ? [] : [quoteWord(name)],
  );
  return firstWins("netNamespaceIpvs", { ...word("[<name>]", bind, print), wordsMin: 0 });
}

function scriptUser(): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const [user, group] = statement.words;
    const empty = statement.words.find(({ value }) => value === "");
    if (user === undefined || empty !== undefined) {
      reject(scope, statement, empty ?? statement.keyword, "a user and a group", ignored);
      return;
    }
    scope.draft.scriptUser = { value: user.value, span: user.span };
    scope.draft.scriptGroup = group && { value: group.value, span: group.span };
  };
  const print: Rule<GlobalDraft>["print"] = (keyword, config) => {
    const { scriptUser: user, scriptGroup: group } = config as unknown as DaemonSettings;
    const words = group === undefined ? [user] : [user, group];
    return [{ keyword, words: words.map(quoteWord) }];
  };
  return mendable({ ...oneWord, wordsMax: 2, form: "<user> [<group>]", bind, print });
}

/** A path; alone the keyword means `standard`. */
function optionalPath(field: Field<GlobalDraft, string>, standard: string): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const [first] = statement.words;
    if (first?.value === "") reject(scope, statement, first, "a path", ignored);
    else put(scope, field, first?.value ?? standard, statement);
  };
  return { ...word("[<path>]", bind, printWord(field, quoteWord)), wordsMin: 0 };
}

function bindUmask(scope: Scope<GlobalDraft>, statement: Statement): void {
  const mask = readUmask(statement);
  if (typeof mask === "number") store(scope, "umask", mask, statement);
  else reject(scope, statement, mask, umaskForm, ignored);
}

/** Kept only: text/ obeys it, line by line, and reports what it cannot use. */
function randomSeed(): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const parsed = parseExact(firstWord(statement).value);
    const isSeed = parsed !== undefined && parsed.value >= 0 && parsed.value <= unsignedMax;
    if (isSeed) store(scope, "randomSeed", parsed.value, statement);
  };
  return word(`<0..${unsignedMax}>`, bind, printWord("randomSeed", String));
}

/**
 * Kept only: text/ obeys it, line by line, and reports what it cannot use. In an included file it
 * counts to the end of that file, which is not the configuration's business.
 */
function includeCheck(): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    if (statement.keyword.span.file.inclusion !== undefined) return;
    const before = scope.draft.includeChecks?.value ?? [];
    store(scope, "includeChecks", includeChecksAfter(before, statement), statement);
  };
  const print = printWords("includeChecks", (checks: readonly IncludeCheck[]) =>
    // A word without a sign brings "read" along; with signs the set is built from nothing.
    checks.map((each) => `+${each}`),
  );
  const rule = word<GlobalDraft>("[{+|-}]{read|match|wildcard_match|brace_match}...", bind, print);
  return { ...rule, wordsMin: 0, wordsMax: wordsUnlimited, isRepeatable: true };
}

function includeChecksAfter(
  before: readonly IncludeCheck[],
  { words }: Statement,
): readonly IncludeCheck[] {
  if (words.length === 0) return includeCheckWords;
  const set = new Set(before);
  words.forEach(({ value }, index) => {
    const sign = /^[+-]?/.exec(value)?.[0] ?? "";
    const check = includeCheckWords.find((each) => each === value.slice(sign.length));
    if (check === undefined || (sign === "" && index > 0)) return;
    if (sign === "-") {
      set.delete(check);
      return;
    }
    if (sign === "") {
      set.clear();
      set.add("read");
    }
    set.add(check);
  });
  return includeCheckWords.filter((each) => set.has(each));
}
