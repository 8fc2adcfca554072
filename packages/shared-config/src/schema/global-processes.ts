// The keywords of global_defs that say how the processes run: names, priorities, memory,
// processors. Follows get_priority, get_realtime_priority, get_cpu_affinity and get_rt_rlimit of
// keepalived's core/global_parser.c.

import type { Statement } from "../text/ast.js";
import type { ProcessConfig } from "./config-process.js";
import type { GlobalDraft } from "./draft.js";
import type { Drafted } from "./drafted.js";
import {
  alias,
  type Field,
  flag,
  integer,
  printWord,
  printWords,
  put,
  reject,
  store,
  word,
} from "./forms.js";
import {
  allLater,
  bare,
  clampedInteger,
  mendable,
  oldName,
  unsignedMax,
  within,
  wordsUnlimited,
} from "./global-forms.js";
import { firstWord, type Keywords, type Rule, type Scope } from "./keyword.js";
import { parseInteger } from "./number.js";
import { quoteWord } from "./printed.js";

type ProcessDraft = Drafted<ProcessConfig>;
type ProcessKind = "vrrp" | "checker" | "bfd";

/** TASK_COMM_LEN less the final NUL (linux/sched.h). */
const processNameMax = 15;
/** The highest priority of SCHED_RR (sched(7)). */
const realTimePriorityMax = 99;
/** CPU_SETSIZE of sched.h. */
const processorsMax = 1024;

const nice = mendable(integer<ProcessDraft>("nicePriority", { from: -20, to: 19, instead: 0 }));
const distinctNames: Readonly<Record<ProcessKind, string>> = {
  vrrp: "keepalived_vrrp",
  checker: "keepalived_lvs",
  bfd: "keepalived_bfd",
};

export const processKeywords: Keywords<GlobalDraft> = {
  process_names: bare(bindDistinctNames),
  process_name: processName<GlobalDraft>("processName"),
  lvs_process_name: alias(
    "checker_process_name",
    of("checker", processName<ProcessDraft>("name")),
    oldName("checker_process_name"),
  ),
  vrrp_priority: of("vrrp", nice),
  checker_priority: of("checker", nice),
  ...settings("vrrp"),
  ...settings("checker"),
  // There is no BFD process yet.
  ...allLater<GlobalDraft>({ bfd_priority: of("bfd", nice), ...settings("bfd") }),
  max_auto_priority: {
    ...mendable(integer<GlobalDraft>("maxAutoPriority", { from: -1, to: realTimePriorityMax })),
    ...{ wordsMin: 0, bind: bindMaxAutoPriority },
  },
  min_auto_priority_delay: mendable(integer("minAutoPriorityDelayUs", { from: 1, to: 10_000_000 })),
};

/** What can be said of each process in the same way. */
function settings(kind: ProcessKind): Keywords<GlobalDraft> {
  const realTimePriority = { from: 1, to: realTimePriorityMax };
  const limit = of(kind, realTimeLimit());
  return {
    [`${kind}_process_name`]: of(kind, processName("name")),
    [`${kind}_no_swap`]: of(kind, flag("noSwap")),
    [`${kind}_rt_priority`]: of(
      kind,
      mendable(clampedInteger("realTimePriority", realTimePriority)),
    ),
    [`${kind}_rlimit_rttime`]: limit,
    [`${kind}_rlimit_rtime`]: alias(
      `${kind}_rlimit_rttime`,
      limit,
      oldName(`${kind}_rlimit_rttime`),
    ),
    [`${kind}_cpu_affinity`]: of(kind, processors()),
  };
}

function of(kind: ProcessKind, rule: Rule<ProcessDraft>): Rule<GlobalDraft> {
  const inner = within(kind, (draft: GlobalDraft["processes"]) => draft[kind], rule);
  return within("processes", (draft) => draft.processes, inner);
}

/** A name that the kernel would cut, too. */
function processName<D>(field: Field<D, string>): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const first = firstWord(statement);
    const bytes = Buffer.from(first.value);
    const used = bytes
      .subarray(0, processNameMax)
      .toString()
      .replace(/\uFFFD+$/, "");
    if (used === "" || bytes.length > processNameMax) {
      const instead = used === "" ? "the line is ignored" : `"${used}" is used`;
      reject(scope, statement, first, `1 to ${processNameMax} characters`, instead);
    }
    if (used !== "") put(scope, field, used, statement);
  };
  return word("<name>", bind, printWord(field, quoteWord));
}

function bindDistinctNames({ draft }: Scope<GlobalDraft>, { keyword }: Statement): void {
  for (const kind of ["vrrp", "checker", "bfd"] as const) {
    draft.processes[kind].name = { value: distinctNames[kind], span: keyword.span };
  }
}

function bindMaxAutoPriority(scope: Scope<GlobalDraft>, statement: Statement): void {
  const limits = { from: -1, to: realTimePriorityMax };
  const rule = integer<GlobalDraft>("maxAutoPriority", limits);
  if (statement.words.length > 0) rule.bind(scope, statement);
  else store(scope, "maxAutoPriority", realTimePriorityMax, statement);
}

/** RLIMIT_RTTIME: half of it is used as well, so it is at least 2. */
function realTimeLimit(): Rule<ProcessDraft> {
  const rule = integer<ProcessDraft>("realTimeLimitUs", { from: 1, to: unsignedMax });
  const bind = (scope: Scope<ProcessDraft>, statement: Statement): void => {
    rule.bind(scope, statement);
    if (scope.draft.realTimeLimitUs?.value !== 1) return;
    store(scope, "realTimeLimitUs", 2, statement);
    const first = firstWord(statement);
    scope.diagnostics.report(first.span, {
      severity: "hint",
      code: "INVALID_VALUE",
      message: `Cannot use ${statement.keyword.value} "1" in ${scope.owner}; 2 is used`,
      expected: `2 to ${unsignedMax}`,
    });
  };
  return { ...rule, bind };
}

/** Numbers of processors; a bad one makes the whole set that of all, as in keepalived. */
function processors(): Rule<ProcessDraft> {
  const bind = (scope: Scope<ProcessDraft>, statement: Statement): void => {
    const last = (scope.host.processorCount?.() ?? processorsMax) - 1;
    const numbers = statement.words.map(({ value }) => parseInteger(value));
    const bad = numbers.findIndex(
      (each) => each === undefined || each.rest !== "" || each.value < 0 || each.value > last,
    );
    const badWord = statement.words[bad];
    if (badWord !== undefined) {
      reject(scope, statement, badWord, `0 to ${last}`, "it runs on all processors");
    }
    const set = new Set(badWord === undefined ? numbers.flatMap((each) => each?.value ?? []) : []);
    store(
      scope,
      "cpuAffinity",
      [...set].toSorted((a, b) => a - b),
      statement,
    );
  };
  const print = printWords("cpuAffinity", (cpus: readonly number[]) => cpus.map(String));
  const rule = mendable(word<ProcessDraft>("<processor>...", bind, print));
  return { ...rule, wordsMax: wordsUnlimited };
}
