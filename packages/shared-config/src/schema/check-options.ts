// The keywords that all checks share: when they ask, where their packets go and come from. One
// table each, so that no check knows a range of its own.

import { usPerSecond } from "../base/units.js";
import type { Statement } from "../text/ast.js";
import { interfaceNameMax, isInterfaceName } from "./address-line.js";
import type { ConnectionDraft, TimedDraft, TimingDraft } from "./draft-checker.js";
import { portMax } from "./endpoint.js";
import {
  address,
  boolean,
  ignored,
  integer,
  printWord,
  reject,
  seconds,
  store,
  word,
} from "./forms.js";
import { unsignedMax } from "./global-defs.js";
import { firstWord, type Keywords, type Scope } from "./keyword.js";
import { quoteWord } from "./printed.js";

/** A year: longer than anyone waits, and safely inside every timer. */
const durationUsMax = 31_536_000 * usPerSecond;
const connectTimeout = { from: 1, to: 4294_967_295 };
const portLimits = { from: 1, to: portMax };

/** When to ask; in a check `retry` may also be 0. */
export function timing(retryMin: number): Keywords<TimingDraft> {
  return {
    delay_loop: seconds("delayLoopUs", { from: 1, to: durationUsMax }),
    retry: integer("retry", { from: retryMin, to: unsignedMax }),
    delay_before_retry: seconds("delayBeforeRetryUs", { from: 0, to: durationUsMax }),
    warmup: seconds("warmupUs", { from: 0, to: durationUsMax }),
  };
}

/** For virtual and real servers: what their checks take over. */
export const inheritedKeywords: Keywords<TimingDraft> = {
  ...timing(1),
  connect_timeout: seconds("connectTimeoutUs", connectTimeout),
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
  connect_timeout: seconds("connectTimeoutUs", connectTimeout),
};

/** The interface need not be there: keepalived looks for it at each probe. */
function bindInterface(scope: Scope<ConnectionDraft>, statement: Statement): void {
  const first = firstWord(statement);
  if (isInterfaceName(first.value)) store(scope, "bindInterface", first.value, statement);
  else reject(scope, statement, first, `1 to ${interfaceNameMax} characters`, ignored);
}
