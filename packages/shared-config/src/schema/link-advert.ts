// What an instance's adverts say besides addresses: their interval in the unit of the VRRP version,
// and what authenticates them. Follows vrrp_complete_instance of keepalived's vrrp/vrrp.c.

import { usPerCs, usPerSecond } from "../base/units.js";
import type { Span } from "../text/source.js";
import type { AuthenticationConfig } from "./config.js";
import type { InstanceContext } from "./link-context.js";
import type { InstanceFacts } from "./link-vrrp-facts.js";
import { linkHmac } from "./link-vrrp-hmac.js";
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

/** At most one kind: auth_hmac, else authentication where there can be one. */
export function linkAuthentication(
  context: InstanceContext,
  facts: InstanceFacts,
  advertIntervalUs: number,
): AuthenticationConfig {
  const hmacAuthentication = linkHmac(context, facts, advertIntervalUs);
  const { authenticationType: type, password } = context.draft;
  const why = obstacle(context, facts, hmacAuthentication !== undefined);
  if (why !== undefined) reportDropped(context, (type ?? password ?? context.draft).span, why);
  if (hmacAuthentication !== undefined) return { hmacAuthentication };
  if (why !== undefined || type === undefined || password === undefined) return {};
  const bytes = password.value.padEnd(16, "0");
  if (type.value === "PASS") return { authentication: { type: "PASS", data: bytes } };
  return { headerAuthentication: { secret: bytes } };
}

/** Why the block authentication cannot be used; undefined too where there is none. */
function obstacle(
  { draft }: InstanceContext,
  { family, version, strictMode }: InstanceFacts,
  hasHmac: boolean,
): string | undefined {
  const { authenticationType: type, password } = draft;
  if ((type ?? password) === undefined) return undefined;
  if (hasHmac) return "auth_hmac takes its place";
  // RFC 9568 section 1.2: version 3 has no authentication; nor has RFC 3768 for version 2.
  if (version === 3) return "VRRP version 3 has none";
  if (strictMode) return "strict mode has none";
  if (type === undefined) return "auth_type is missing";
  if (password === undefined || password.value === "") return "auth_pass is missing";
  return type.value === "AH" && family === 6 ? "AH is for IPv4 only" : undefined;
}

function reportDropped({ draft, owner, report }: InstanceContext, span: Span, why: string): void {
  // keepalived keeps quiet about a password without a type.
  const isOnlyOurs = draft.authenticationType === undefined;
  report(span, {
    severity: isOnlyOurs ? "hint" : "error",
    code: "AUTHENTICATION_DROPPED",
    message: `Cannot use authentication in ${owner}: ${why}; adverts go without`,
    isSecret: true,
  });
}
