// From the block auth_hmac to keys that can sign: files read, the active key found, the window of
// time by the interval of adverts. Says nothing of what a key holds.

import { usPerSecond } from "../base/units.js";
import type { Report } from "../text/diagnostic.js";
import type { Located, Span } from "../text/source.js";
import type { HmacAuthentication, HmacKey } from "./config.js";
import type { HmacKeyDraft } from "./draft.js";
import type { InstanceContext } from "./link-context.js";
import type { InstanceFacts } from "./link-vrrp-facts.js";
import { keyExpected, readKey, timeWindowSecondsMax } from "./vrrp-authentication.js";

/** By default the window is that of this many adverts, and not less than five seconds. */
const windowAdverts = 3;
const windowSecondsMin = 5;

/** What auth_hmac comes to, or undefined where there is none that can be used. */
export function linkHmac(
  context: InstanceContext,
  { strictMode }: InstanceFacts,
  advertIntervalUs: number,
): HmacAuthentication | undefined {
  const { hmac } = context.draft;
  if (hmac === undefined) return undefined;
  const keys = hmac.keys.flatMap((each) => linkKey(context, each) ?? []);
  const activeKey = hmac.activeKey?.value;
  if (activeKey === undefined || !keys.some((each) => each.id === activeKey)) {
    const why = activeKey === undefined ? "active_key is missing" : "active_key names no key";
    tell(context, hmac.activeKey?.span ?? hmac.span, {
      severity: "error",
      code: "AUTHENTICATION_DROPPED",
      message: `Cannot use auth_hmac in ${context.owner}: ${why}; adverts go without`,
    });
    return undefined;
  }
  return {
    keys,
    activeKey,
    timeWindowUs: hmac.timeWindowUs?.value ?? defaultWindow(advertIntervalUs),
    antiReplay: hmac.antiReplay?.value ?? "time",
    mode: linkMode(context, strictMode, hmac.mode),
  };
}

function defaultWindow(advertIntervalUs: number): number {
  const seconds = Math.floor((windowAdverts * advertIntervalUs) / usPerSecond);
  return Math.min(Math.max(seconds, windowSecondsMin), timeWindowSecondsMax) * usPerSecond;
}

function linkMode(
  context: InstanceContext,
  isStrict: boolean,
  given: Located<HmacAuthentication["mode"]> | undefined,
): HmacAuthentication["mode"] {
  const mode = given?.value ?? "enforce";
  if (given === undefined || mode === "enforce" || !isStrict) return mode;
  tell(context, given.span, {
    severity: "error",
    code: "STRICT_MODE",
    message: `Cannot use mode of auth_hmac in ${context.owner}: strict mode makes it enforce`,
  });
  return "enforce";
}

/**
 * A key with its bytes; without a host to ask, a file stays a file. No message quotes its path, for
 * that is a word of a block of secrets.
 */
function linkKey(context: InstanceContext, draft: HmacKeyDraft): HmacKey | undefined {
  const { id, span, file } = draft;
  if (file === undefined) return { id, secret: draft.key };
  const facts = context.host.readSecret?.(file);
  if (facts === undefined) return { id, file };
  const what = `key ${id} of auth_hmac in ${context.owner}`;
  if (!facts.found) {
    tell(context, span, {
      severity: "error",
      code: "SECRET_UNREADABLE",
      message: `Cannot read ${what}: its file ${facts.detail}; the line is ignored`,
    });
    return undefined;
  }
  if (facts.isExposed) {
    tell(context, span, {
      severity: "error",
      code: "SECRET_EXPOSED",
      message: `Cannot keep ${what} secret: others than its owner can read the file`,
      hint: "chmod 600 the file",
    });
  }
  const text = Buffer.from(facts.bytes)
    .toString("latin1")
    .replace(/[\r\n]+$/, "");
  const key = readKey(text, "latin1");
  if (key !== undefined) return { id, secret: key, file };
  tell(context, span, {
    severity: "error",
    code: "SECRET_UNREADABLE",
    message: `Cannot find ${what} in its file; the line is ignored`,
    expected: keyExpected,
  });
  return undefined;
}

function tell({ report }: InstanceContext, span: Span, facts: Report): void {
  report(span, { ...facts, isSecret: true });
}
