// From a command as written to one that can be run: user and group found, path looked at. Follows
// keepalived's core/notify.c (notify_script_init, check_script_secure). A script that cannot run is
// left out with a report; the object that names it stays. keepalived only logs most of this and
// ends a test with 0, hence the hints.

import type { Located, Span } from "../text/source.js";
import type { ScriptConfig } from "./config-script.js";
import type { ScriptFacts } from "./host.js";
import { shorten } from "./keyword.js";
import type { LinkContext } from "./link-context.js";
import type { ScriptDraft } from "./script.js";

const rootUser = "root";
const scriptAccount = "keepalived_script";

/** Who runs something: names, and their numbers where the host was asked. */
export type Account = Pick<
  ScriptConfig,
  "user" | "group" | "hasSupplementaryGroups" | "uid" | "gid"
>;

/** The words for a user and a group. */
export interface AccountWords {
  readonly user?: Located<string> | undefined;
  readonly group?: Located<string> | undefined;
}

/**
 * The script of `what` ("notify_master in vrrp_instance VI_1"), or undefined when it is left out.
 * `severity` is that of a command or a user that cannot be used.
 */
export function linkScript(
  context: LinkContext,
  draft: Located<ScriptDraft> | undefined,
  what: string,
  severity: "error" | "hint" = "hint",
): ScriptConfig | undefined {
  if (draft === undefined) return undefined;
  const { argv } = draft.value;
  const [path = ""] = argv;
  if (path === "") {
    context.report(draft.span, {
      severity,
      code: "SCRIPT_NOT_FOUND",
      message: `Cannot run ${what}: the command is empty; it is left out`,
    });
    return undefined;
  }
  const account = linkAccount(context, draft.value, `run ${what} as`, draft.span, severity);
  if (account === undefined) return undefined;
  // "</path" asks the shell whether a file can be opened; nothing is executed.
  if (context.host.script === undefined || path.startsWith("<")) return { argv, ...account };
  const facts = context.host.script({
    path,
    user: { uid: account.uid ?? 0, gid: account.gid ?? 0 },
    keepsLinks: context.global.useSymlinkPaths?.value === true,
  });
  const isUsable = checkScript(context, { path, what, span: draft.span, account }, facts);
  return isUsable && facts.found ? { argv, path: facts.path, ...account } : undefined;
}

/**
 * Who is to do `task` ("run notify_master as"): `words`, else script_user, else keepalived_script
 * if there is one, else root. Undefined, after a report, when there is no such user or group.
 */
export function linkAccount(
  context: LinkContext,
  words: AccountWords,
  task: string,
  span: Span,
  severity: "error" | "hint" = "hint",
): Account | undefined {
  const { global } = context;
  const problem = { severity, task, outcome: "it is left out" } as const;
  if (words.user !== undefined) return findAccount(context, words.user, words.group, problem);
  if (global.scriptUser !== undefined) return linkScriptUser(context, global.scriptUser);
  const name = standardUser(context);
  if (name === rootUser && global.enableScriptSecurity?.value && context.host.user) {
    reportNoScriptAccount(context, span);
    return undefined;
  }
  return findAccount(context, { value: name, span }, undefined, problem);
}

/** Who runs scripts when nobody is named anywhere. */
export function standardUser({ host }: LinkContext): string {
  return host.user?.(scriptAccount) === undefined ? rootUser : scriptAccount;
}

/** script_user of global_defs; what is wrong with it is said once. */
export function linkScriptUser(context: LinkContext, user: Located<string>): Account | undefined {
  const isTold = context.told.has("script_user");
  context.told.add("script_user");
  const quiet: LinkContext = isTold ? { ...context, report: () => undefined } : context;
  return findAccount(quiet, user, context.global.scriptGroup, {
    severity: "error",
    task: "run scripts that name no user as",
    outcome: "they are left out",
  });
}

/** How a user or group that is not there is told. */
interface AccountProblem {
  readonly severity: "error" | "hint";
  readonly task: string;
  readonly outcome: string;
}

/** What getpwnam(3) asks beside them takes a program of its own, and may take its time. */
const accountFiles = { user: "/etc/passwd", group: "/etc/group" } as const;

function findAccount(
  { host, report, global }: LinkContext,
  user: Located<string>,
  group: Located<string> | undefined,
  { severity, task, outcome }: AccountProblem,
): Account | undefined {
  const tell = (kind: keyof typeof accountFiles, { value, span }: Located<string>): undefined => {
    report(span, {
      severity,
      code: "UNKNOWN_ACCOUNT",
      message: `Cannot ${task} "${shorten(value)}": there is no such ${kind}; ${outcome}`,
      hint: `add it to ${accountFiles[kind]}: accounts of LDAP and the like are not looked up`,
    });
  };
  const userFacts = host.user?.(user.value);
  const isUser = host.user === undefined ? user.value !== "" : userFacts !== undefined;
  if (!isUser) return tell("user", user);
  if (group?.value === "") return tell("group", group);
  const names = { user: user.value, ...(group === undefined ? {} : { group: group.value }) };
  const hasSupplementaryGroups =
    global.setSupplementaryGroups?.value === true || group?.value.startsWith(":") === true;
  const groupName = group?.value.replace(/^:/, "") ?? "";
  const ownGid = userFacts?.gid;
  const gid = groupName === "" ? ownGid : host.group?.(groupName);
  if (group !== undefined && groupName !== "" && host.group !== undefined && gid === undefined) {
    return tell("group", group);
  }
  return {
    ...names,
    ...(hasSupplementaryGroups ? { hasSupplementaryGroups } : {}),
    ...(userFacts === undefined ? {} : { uid: userFacts.uid }),
    ...(gid === undefined ? {} : { gid }),
  };
}

function reportNoScriptAccount(context: LinkContext, span: Span): void {
  if (context.told.has(scriptAccount)) return;
  context.told.add(scriptAccount);
  context.report(span, {
    severity: "error",
    code: "UNKNOWN_ACCOUNT",
    message: `Cannot run scripts that name no user: there is no user ${scriptAccount}`,
    hint: `make the user ${scriptAccount}, or say script_user root in global_defs`,
  });
}

interface ScriptPlace {
  readonly path: string;
  readonly what: string;
  readonly span: Span;
  readonly account: Account;
}

/** Whether the script can run and may. */
function checkScript(context: LinkContext, place: ScriptPlace, facts: ScriptFacts): boolean {
  const { path, what, span, account } = place;
  const problem = `Cannot run ${what}: "${shorten(path)}"`;
  if (!facts.found) {
    const message = `${problem} ${facts.detail}; it is left out`;
    context.report(span, { severity: "hint", code: "SCRIPT_NOT_FOUND", message });
    return false;
  }
  if (!path.includes("/")) {
    const message = `Cannot be sure which file ${what} means: "${shorten(path)}" has no directory`;
    const hint = `write ${facts.path}`;
    context.report(span, { severity: "hint", code: "SCRIPT_PATH_SEARCHED", message, hint });
  }
  const isSecured = context.global.enableScriptSecurity?.value === true;
  if (!isSecured) reportSecurityOff(context, span);
  if (!facts.isExecutable) {
    const message = `${problem} cannot be executed by ${account.user}; it is left out`;
    context.report(span, { severity: "hint", code: "SCRIPT_NOT_FOUND", message });
    return false;
  }
  const { insecurePart, isSetIdRoot } = facts;
  const isForRoot = account.uid === 0 || account.gid === 0 || isSetIdRoot === true;
  if (insecurePart === undefined || !isForRoot) return true;
  const then = isSecured ? "it is left out" : "it runs all the same";
  context.report(span, {
    severity: isSecured ? "hint" : "warning",
    code: "SCRIPT_INSECURE",
    message: `Cannot trust ${what}: others than root can change "${insecurePart}"; ${then}`,
    hint: `chown root "${insecurePart}"; chmod go-w "${insecurePart}"`,
  });
  return !isSecured;
}

/** keepalived counts this as an error of its own as soon as any script is there. */
function reportSecurityOff(context: LinkContext, span: Span): void {
  if (context.told.has("enable_script_security")) return;
  context.told.add("enable_script_security");
  context.report(span, {
    severity: "warning",
    code: "SCRIPT_SECURITY_OFF",
    message: "Cannot refuse scripts that others can change: enable_script_security is missing",
    hint: "add it to global_defs",
  });
}
