// Whether a received advert may be obeyed: keepalived's checks in keepalived's order (vrrp.c,
// vrrp_check_packet), RFC 9568 section 7.1. Counts every rejection, logs each cause once; changes
// no state of the election.

import type { Advert, AdvertDecodeError } from "../packet/advert.js";
import type { CounterName } from "./counters.js";
import type { VrrpEvent } from "./event.js";
import type { Instance, Turn } from "./instance.js";
import { isOwner } from "./priority.js";
import { logOnce } from "./view.js";

export type AdvertReceived = Extract<VrrpEvent, { readonly type: "advertReceived" }>;

const ttlWanted = 255;
/** Known types of RFC 2338 section 5.3.6: none, PASS, AH. */
const authenticationTypeMax = 2;
const authenticationTypePass = 1;

/** The advert when it passes every check, else undefined. */
export function checkAdvert(
  turn: Turn,
  instance: Instance,
  event: AdvertReceived,
): Advert | undefined {
  const { decoded } = event;
  if (event.source === instance.sourceAddress) {
    return reject(turn, instance, "ownSourceReceived", "received an advert from our own address");
  }
  if (!decoded.ok) return rejectUndecoded(turn, instance, event, decoded.code);
  const { advert } = decoded;
  if (!isTtlRight(turn, instance, event)) return undefined;
  if (advert.version !== instance.config.version) {
    const text = `received VRRP version ${advert.version}, expected ${instance.config.version}`;
    return reject(turn, instance, "versionErrors", text);
  }
  instance.counters.advertisementsReceived++;
  if (!isAuthentic(turn, instance, advert) || !isIntervalRight(turn, instance, advert)) {
    return undefined;
  }
  if (event.destination !== instance.config.multicastGroup) {
    const { multicastGroup } = instance.config;
    const text = `received an advert to ${event.destination}, expected ${multicastGroup}`;
    return reject(turn, instance, "destinationErrors", text);
  }
  if (isOwner(instance) && instance.config.ownerIgnoreAdverts && instance.ending === null) {
    instance.counters.ownerIgnored++;
    return undefined;
  }
  compareAddresses(turn, instance, event.source, advert);
  return advert;
}

function reject(turn: Turn, instance: Instance, counter: CounterName, text: string): undefined {
  instance.counters[counter]++;
  logOnce(turn, instance, counter, "warn", text);
  return undefined;
}

/** keepalived looks at the length first, then at the TTL, then at the rest. */
function rejectUndecoded(
  turn: Turn,
  instance: Instance,
  event: AdvertReceived,
  code: AdvertDecodeError,
): undefined {
  const isLength = code === "ADVERT_TOO_SHORT" || code === "ADVERT_BAD_LENGTH";
  if (!isLength && !isTtlRight(turn, instance, event)) return undefined;
  const { counter, text } = undecoded[code];
  return reject(turn, instance, counter, `${text} from ${event.source}`);
}

const undecoded: Readonly<
  Record<AdvertDecodeError, { readonly counter: CounterName; readonly text: string }>
> = {
  ADVERT_TOO_SHORT: { counter: "packetLengthErrors", text: "received a packet that is too short" },
  ADVERT_BAD_LENGTH: { counter: "packetLengthErrors", text: "received a packet of wrong length" },
  ADVERT_BAD_VERSION: { counter: "versionErrors", text: "received an unknown VRRP version" },
  ADVERT_BAD_TYPE: { counter: "typeErrors", text: "received a packet that is no advertisement" },
  ADVERT_BAD_CHECKSUM: { counter: "checksumErrors", text: "received a wrong checksum" },
};

/** RFC 9568 §5.1.1.3: a router has forwarded what arrives with less than 255. */
function isTtlRight(turn: Turn, instance: Instance, event: AdvertReceived): boolean {
  if (event.ttl === ttlWanted) return true;
  reject(turn, instance, "ttlErrors", `received TTL ${event.ttl}, expected ${ttlWanted}`);
  return false;
}

/** RFC 2338 §5.3.6; version 3 has no authentication. */
function isAuthentic(turn: Turn, instance: Instance, advert: Advert): boolean {
  if (instance.config.version === 3) return true;
  const { authentication } = instance.config;
  const wanted = authentication === undefined ? 0 : authenticationTypePass;
  const received = advert.authenticationType;
  if (received > authenticationTypeMax) {
    const text = `received unknown authentication type ${received}`;
    reject(turn, instance, "authenticationTypeInvalid", text);
    return false;
  }
  if (received !== wanted) {
    const text = `received authentication type ${received}, expected ${wanted}`;
    reject(turn, instance, "authenticationTypeMismatch", text);
    return false;
  }
  if (
    authentication !== undefined &&
    !isSameSecret(advert.authenticationData, authentication.data)
  ) {
    reject(turn, instance, "authenticationFailures", "received an advert with a wrong password");
    return false;
  }
  return true;
}

/** Takes as long for a nearly right password as for a wrong one. */
function isSameSecret(received: string, wanted: string): boolean {
  let difference = received.length ^ wanted.length;
  for (let i = 0; i < wanted.length; i++)
    difference |= received.charCodeAt(i) ^ wanted.charCodeAt(i);
  return difference === 0;
}

/** RFC 3768 §7.1: version 2 drops another interval; version 3 learns it (RFC 9568 §6.4.2). */
function isIntervalRight(turn: Turn, instance: Instance, advert: Advert): boolean {
  const ours = instance.config.advertIntervalUs;
  if (instance.config.version === 2 && advert.advertIntervalUs !== ours) {
    const theirs = seconds(advert.advertIntervalUs);
    const text = `received advert interval ${theirs}, ours ${seconds(ours)}`;
    reject(turn, instance, "advertIntervalErrors", text);
    return false;
  }
  // The RFC gives 0 no meaning. Obeyed, it would make the master-down interval 0 too; a master that
  // is leaving needs no interval.
  if (advert.advertIntervalUs === 0 && advert.priority !== 0) {
    reject(turn, instance, "advertIntervalErrors", "received advert interval 0");
    return false;
  }
  return true;
}

function seconds(us: number): string {
  return `${us / 1_000_000} s`;
}

/** Other addresses than ours are logged and counted, but the advert counts (as in keepalived). */
function compareAddresses(turn: Turn, instance: Instance, source: string, advert: Advert): void {
  const wanted = instance.config.virtualAddresses.length;
  if (advert.addressCount !== wanted) {
    const text = `expected ${wanted} VIPs but received ${advert.addressCount}`;
    reject(turn, instance, "addressListErrors", text);
    return;
  }
  if (instance.config.skipCheckAdvertAddresses && source === instance.masterAddress) return;
  if (!hasSameAddresses(instance, advert.addresses)) {
    const text = `received other VIPs than ours from ${source}`;
    reject(turn, instance, "addressListErrors", text);
  }
}

/** The same addresses in any order. */
function hasSameAddresses(instance: Instance, received: string): boolean {
  if (received === instance.advertisedAddresses) return true;
  if (received !== instance.comparedAddresses) {
    const digits = instance.config.family === 4 ? 8 : 32;
    instance.comparedAddresses = received;
    instance.comparedResult =
      sortedAddresses(received, digits) === sortedAddresses(instance.advertisedAddresses, digits);
  }
  return instance.comparedResult;
}

function sortedAddresses(text: string, digits: number): string {
  const parts = Array.from({ length: text.length / digits }, (_, i) =>
    text.slice(i * digits, (i + 1) * digits),
  );
  return parts.sort().join("");
}
