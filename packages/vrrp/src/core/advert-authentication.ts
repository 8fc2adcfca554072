// Whether a received advert comes from somebody who knows our secret: PASS and AH of version 2 (RFC
// 2338 section 5.3.6, RFC 2402), and keepalived's auth_hmac. Every cause is counted by itself.
// Reads no clock: what time it is stands in the event.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { HmacAuthentication } from "@keepalived-ts/shared-config/schema/config";
import type { Advert } from "../packet/advert.js";
import { isAuthenticatedWith } from "../packet/authentication-header.js";
import { type HmacSequence, isAfter, isSignedWith } from "../packet/hmac-trailer.js";
import type { AdvertReceived } from "./advert-check.js";
import type { CounterName } from "./counters.js";
import type { Instance } from "./instance.js";

/** Why it is not obeyed, or null. */
export interface Refusal {
  readonly counter: CounterName;
  readonly text: string;
}

/** Known types of RFC 2338 section 5.3.6: none, PASS, AH. */
const authenticationTypeMax = 2;
const typePass = 1;
const typeHeader = 2;
/** Only who knows a key gets into the table, and routers on a link are few. */
const sendersMax = 32;

/** keepalived looks at this before anything else. */
export function refuseHeader(instance: Instance, event: AdvertReceived): Refusal | null {
  const isWanted = instance.config.headerAuthentication !== undefined;
  if ((event.authenticationHeader !== undefined) === isWanted) return null;
  const text = isWanted
    ? "received an advert without an authentication header"
    : "received an advert with an authentication header";
  return { counter: "authenticationTypeMismatch", text };
}

/** The sequence number or time stamp of an advert that is not refused counts as used. */
export function refuseAuthentication(
  instance: Instance,
  event: AdvertReceived,
  advert: Advert,
): Refusal | null {
  const { hmacAuthentication } = instance.config;
  if (hmacAuthentication !== undefined) {
    const refusal = refuseSignature(instance, hmacAuthentication, event, advert);
    if (refusal !== null) return refusal;
  } else if (advert.trailer !== undefined) {
    const text = "received a signed advert, and there is no auth_hmac here";
    return { counter: "authenticationTypeMismatch", text };
  }
  if (instance.config.version === 3) return null;
  return (
    refuseType(instance, advert) ?? refusePassword(instance, advert) ?? refuseValue(instance, event)
  );
}

function refuseType(
  { config }: Instance,
  { authenticationType: received }: Advert,
): Refusal | null {
  const typeOfOurs = config.headerAuthentication === undefined ? typePass : typeHeader;
  const hasNone = (config.authentication ?? config.headerAuthentication) === undefined;
  const wanted = hasNone ? 0 : typeOfOurs;
  if (received > authenticationTypeMax) {
    const text = `received unknown authentication type ${received}`;
    return { counter: "authenticationTypeInvalid", text };
  }
  if (received === wanted) return null;
  const text = `received authentication type ${received}, expected ${wanted}`;
  return { counter: "authenticationTypeMismatch", text };
}

/** Over IPv6 version 2 has no room for a password. */
function refusePassword({ config }: Instance, advert: Advert): Refusal | null {
  const { authentication, family } = config;
  if (authentication === undefined || family === 6) return null;
  if (isSameSecret(advert.authenticationData, authentication.data)) return null;
  return {
    counter: "authenticationFailures",
    text: "received an advert with a wrong password",
  };
}

function refuseValue(instance: Instance, event: AdvertReceived): Refusal | null {
  const { headerAuthentication } = instance.config;
  const header = event.authenticationHeader;
  if (headerAuthentication === undefined || header === undefined) return null;
  if (!header.isKnown || !isAuthenticatedWith(header, headerAuthentication.secret)) {
    const text = "received an advert with a wrong authentication header";
    return { counter: "authenticationFailures", text };
  }
  if (header.sequence <= instance.sequence) {
    const { sequence } = header;
    const text = `received sequence number ${sequence}, expected more than ${instance.sequence}`;
    return { counter: "authenticationReplays", text };
  }
  instance.sequence = header.sequence;
  return null;
}

function refuseSignature(
  instance: Instance,
  hmac: HmacAuthentication,
  event: AdvertReceived,
  { trailer }: Advert,
): Refusal | null {
  if (trailer === undefined) {
    if (hmac.mode !== "enforce") return null;
    const text = "received an advert that is not signed";
    return { counter: "authenticationMissing", text };
  }
  if (!trailer.isKnown) {
    const text = "received an advert with a malformed signature";
    return { counter: "authenticationFailures", text };
  }
  const windowS = hmac.antiReplay === "time" ? hmac.timeWindowUs / usPerSecond : null;
  const nowS = event.wallClockS ?? 0;
  // Before the digest, so that a flood of old adverts costs little; this only rejects.
  const age = ageS(nowS, trailer);
  if (windowS !== null && Math.abs(age) > windowS) {
    const text = `received an advert signed ${age} s ago, expected at most ${windowS} s`;
    return { counter: "authenticationStale", text };
  }
  const key = hmac.keys.find(({ id }) => id === trailer.keyId);
  if (key?.secret === undefined) {
    const text = `received an advert signed with key ${trailer.keyId}, which is not here`;
    return { counter: "authenticationKeyUnknown", text };
  }
  if (!isSignedWith(trailer, key.secret)) {
    const text = "received an advert with a wrong signature";
    return { counter: "authenticationFailures", text };
  }
  return refuseReplay(instance, event.source, trailer, windowS, nowS);
}

/** A last time stamp outside the window orders only what the window rejects: it is forgotten. */
function refuseReplay(
  { signedBy }: Instance,
  source: string,
  { seconds, ticks }: HmacSequence,
  windowS: number | null,
  nowS: number,
): Refusal | null {
  const last = signedBy.get(source);
  const isCurrent =
    last !== undefined && (windowS === null || Math.abs(ageS(nowS, last)) <= windowS);
  if (isCurrent && !isAfter({ seconds, ticks }, last)) {
    const text = `received an advert of ${source} that is no later than the one before`;
    return { counter: "authenticationReplays", text };
  }
  signedBy.delete(source);
  signedBy.set(source, { seconds, ticks });
  const [oldest] = signedBy.keys();
  if (signedBy.size > sendersMax && oldest !== undefined) signedBy.delete(oldest);
  return null;
}

/** Of 32 bits, so that their end in 2106 is none. */
function ageS(nowS: number, { seconds }: Pick<HmacSequence, "seconds">): number {
  return (nowS - seconds) | 0;
}

/** Takes as long for a nearly right password as for a wrong one. */
function isSameSecret(received: string, wanted: string): boolean {
  let difference = received.length ^ wanted.length;
  for (let i = 0; i < wanted.length; i++)
    difference |= received.charCodeAt(i) ^ wanted.charCodeAt(i);
  return difference === 0;
}
