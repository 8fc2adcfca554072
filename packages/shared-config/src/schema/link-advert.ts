// What an instance's adverts say besides addresses: their interval in the unit of the VRRP version,
// and the password. Follows vrrp_complete_instance of keepalived's vrrp/vrrp.c.

import { usPerCs, usPerSecond } from "../base/units.js";
import type { Span } from "../text/source.js";
import type { PassAuthentication } from "./config.js";
import type { InstanceContext } from "./link-context.js";
import { formatSeconds } from "./number.js";

/** RFC 9568 section 5.2.7: 12 bits of centiseconds. */
const advertIntervalMaxUs = 4095 * usPerCs;

/** The interval that the packet can carry, nearest to the one given. */
export function linkAdvertInterval(context: InstanceContext, version: 2 | 3): number {
  const given = context.draft.advertIntervalUs;
  if (given === undefined) return usPerSecond;
  const unitUs = version === 2 ? usPerSecond : usPerCs;
  const rounded = Math.max(unitUs, Math.round(given.value / unitUs) * unitUs);
  const used = version === 2 ? rounded : Math.min(rounded, advertIntervalMaxUs);
  if (used === given.value) return used;
  const written = `advert_int "${formatSeconds(given.value)}" in ${context.owner}`;
  context.report(given.span, {
    severity: "error",
    code: "INTERVAL_ROUNDED",
    message: `Cannot use ${written} with version ${version}; ${formatSeconds(used)} is used`,
    expected: version === 2 ? "whole seconds, 1 to 255" : "steps of 0.01 s, up to 40.95 s",
  });
  return used;
}

/** The password, where there can be one. RFC 9568 section 1.2: version 3 has no authentication. */
export function linkAuthentication(
  context: InstanceContext,
  version: 2 | 3,
): PassAuthentication | undefined {
  const { authenticationType: type, password } = context.draft;
  const given = type ?? password;
  if (given === undefined) return undefined;
  if (version === 3) return dropped(context, given.span, "VRRP version 3 has none");
  if (type === undefined) return dropped(context, given.span, "auth_type is missing");
  if (type.value === "AH") {
    const harm = "adverts would be neither signed nor checked";
    context.later.add("auth_type AH", type.span, { harm });
    return undefined;
  }
  if (password === undefined || password.value === "") {
    return dropped(context, type.span, "auth_pass is missing");
  }
  return { type: "PASS", data: password.value.padEnd(16, "0") };
}

function dropped({ draft, owner, report }: InstanceContext, span: Span, why: string): undefined {
  // keepalived keeps quiet about a password without a type.
  const isOnlyOurs = draft.authenticationType === undefined;
  report(span, {
    severity: isOnlyOurs ? "hint" : "error",
    code: "AUTHENTICATION_DROPPED",
    message: `Cannot use authentication in ${owner}: ${why}; adverts go without`,
    isSecret: true,
  });
}
