// The keywords that all checks share: when they ask, where their packets go and come from. One
// table each, so that no check knows a range of its own.

import type { Statement } from "../text/ast.js";
import { interfaceNameMax, isInterfaceName } from "./address-line.js";
import type { ConnectionDraft, TimedDraft, TimingDraft } from "./draft-checker.js";
import { portMax } from "./endpoint.js";
import {
  address,
  boolean,
  ignored,
  integer,
  type Limits,
  printWord,
  readNumber,
  reject,
  store,
  word,
} from "./forms.js";
import { unsignedMax } from "./global-defs.js";
import { firstWord, type Keywords, type Rule, type Scope } from "./keyword.js";
import { formatSeconds, parseInteger, parseSeconds } from "./number.js";
import { quoteWord } from "./printed.js";
import { durationUsMax } from "./server-options.js";

const connectTimeout = { from: 1, to: 4294_967_295 };
const portLimits = { from: 1, to: portMax };

type TimingField = Exclude<keyof TimingDraft, "alpha">;

/** When to ask; in a check `retry` may also be 0. */
function timing(retryMin: number): Keywords<TimingDraft> {
  return {
    delay_loop: duration("delayLoopUs", { from: 1, to: durationUsMax }),
    retry: retry(retryMin),
    delay_before_retry: duration("delayBeforeRetryUs", { from: 0, to: durationUsMax }),
    warmup: duration("warmupUs", { from: 0, to: durationUsMax }),
  };
}

/** Seconds, kept without their place. */
function duration(field: TimingField, limits: Limits): Rule<TimingDraft> {
  const form = `<${formatSeconds(limits.from)}..${formatSeconds(limits.to)} seconds>`;
  const bind = (scope: Scope<TimingDraft>, statement: Statement): void => {
    const value = readNumber(scope, statement, parseSeconds, limits, formatSeconds);
    if (value !== undefined) scope.draft[field] = value;
  };
  return word(form, bind, printWord(field, formatSeconds));
}

/** A count of failures, kept without its place. */
export function retry(from: number): Rule<TimingDraft> {
  const limits = { from, to: unsignedMax };
  const bind = (scope: Scope<TimingDraft>, statement: Statement): void => {
    const value = readNumber(scope, statement, parseInteger, limits, String);
    if (value !== undefined) scope.draft.retry = value;
  };
  return word(`<${from}..${unsignedMax}>`, bind, printWord("retry", String));
}

/** For virtual and real servers: what their checks take over. */
export const inheritedKeywords: Keywords<TimingDraft> = {
  ...timing(1),
  connect_timeout: duration("connectTimeoutUs", connectTimeout),
};

export const timedKeywords: Keywords<TimedDraft> = {
  ...timing(0),
  alpha: boolean("alpha"),
  log_all_failures: boolean("logAllFailures"),
};

export const connectionKeywords: Keywords<ConnectionDraft> = {
  ...timedKeywords,
  connect_ip: address("connectAddress"),
  connect_port: integer("connectPort", portLimits),
  bindto: address("bindAddress"),
  bind_port: integer("bindPort", portLimits),
  bind_if: word("<interface>", bindInterface, printWord("bindInterface", quoteWord)),
  fwmark: integer("fwmark", { from: 0, to: unsignedMax }),
  connect_timeout: duration("connectTimeoutUs", connectTimeout),
};

/** The interface need not be there: keepalived looks for it at each probe. */
function bindInterface(scope: Scope<ConnectionDraft>, statement: Statement): void {
  const first = firstWord(statement);
  if (isInterfaceName(first.value)) store(scope, "bindInterface", first.value, statement);
  else reject(scope, statement, first, `1 to ${interfaceNameMax} characters`, ignored);
}
