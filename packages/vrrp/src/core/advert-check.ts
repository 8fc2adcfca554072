// Whether a received advert may be obeyed: keepalived's checks in keepalived's order (vrrp.c,
// vrrp_check_packet), RFC 9568 section 7.1. Counts every rejection, logs each cause once; changes
// no state of the election.

import { isMulticast, parseIp } from "@keepalived-ts/shared-config/base/ip";
import type { RefusalCause } from "@keepalived-ts/shared-config/ipc/messages";
import type { Advert, AdvertDecodeError } from "../packet/advert.js";
import { refuseAuthentication, refuseHeader } from "./advert-authentication.js";
import { followChecksum, isChecksumTaken } from "./checksum-form.js";
import type { CounterName } from "./counters.js";
import type { VrrpEvent } from "./event.js";
import type { Instance, Turn } from "./instance.js";
import { isUnicast } from "./place.js";
import { isOwner } from "./priority.js";
import { hasGroupGivenAway } from "./sync-group.js";
import { logOnce, reportRefusal } from "./view.js";

export type AdvertReceived = Extract<VrrpEvent, { readonly type: "advertReceived" }>;

const ttlWanted = 255;

/** The advert when it passes every check, else undefined. */
export function checkAdvert(
  turn: Turn,
  instance: Instance,
  event: AdvertReceived,
): Advert | undefined {
  const { decoded } = event;
  if (event.source === instance.sourceAddress) {
    return reject(
      turn,
      instance,
      event,
      "ownSourceReceived",
      "received an advert from our own address",
    );
  }
  const misfit = refuseHeader(instance, event);
  if (misfit !== null) return reject(turn, instance, event, misfit.counter, misfit.text);
  if (!decoded.ok) return rejectUndecoded(turn, instance, event, decoded.code);
  const { advert } = decoded;
  if (!isTtlRight(turn, instance, event)) return undefined;
  if (advert.version !== instance.config.version) {
    const text = `received VRRP version ${advert.version}, expected ${instance.config.version}`;
    return reject(turn, instance, event, "versionErrors", text);
  }
  const refusal = refuseAuthentication(instance, event, advert);
  if (refusal !== null) return reject(turn, instance, event, refusal.counter, refusal.text);
  if (!isIntervalRight(turn, instance, event, advert)) return undefined;
  if (!isChecksumTaken(instance, advert)) {
    const { counter, text } = undecoded.ADVERT_BAD_CHECKSUM;
    return reject(turn, instance, event, counter, `${text} from ${event.source}`);
  }
  if (!isModeRight(turn, instance, event)) return undefined;
  if (isOwner(instance) && instance.config.ownerIgnoreAdverts && !isLeaving(instance)) {
    instance.counters.ownerIgnored++;
    return undefined;
  }
  compareAddresses(turn, instance, event, advert);
  if (!isFromPeer(turn, instance, event)) return undefined;
  followChecksum(instance, advert);
  // As keepalived counts them: what is refused is counted by its cause alone.
  instance.counters.advertisementsReceived++;
  return advert;
}

/** Who waits for a successor listens, owner or not. */
function isLeaving(instance: Instance): boolean {
  return instance.ending !== null || hasGroupGivenAway(instance);
}

function reject(
  turn: Turn,
  instance: Instance,
  { source }: AdvertReceived,
  counter: CounterName,
  text: string,
): undefined {
  instance.counters[counter]++;
  logOnce(turn, instance, counter, "warn", text);
  const cause = refusalCauses[counter];
  if (cause !== undefined) reportRefusal(turn, instance, cause, source);
  return undefined;
}

/** What managers want to hear of: RFC 2787 and RFC 6527. */
const refusalCauses: Readonly<Partial<Record<CounterName, RefusalCause>>> = {
  ttlErrors: "ttl",
  versionErrors: "version",
  checksumErrors: "checksum",
  authenticationTypeInvalid: "authenticationType",
  authenticationTypeMismatch: "authenticationMismatch",
  authenticationFailures: "authentication",
};

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
  return reject(turn, instance, event, counter, `${text} from ${event.source}`);
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

/** RFC 9568 §5.1.1.3: a router has forwarded what arrives with less than 255; peers may be far. */
function isTtlRight(turn: Turn, instance: Instance, event: AdvertReceived): boolean {
  if (event.ttl === ttlWanted || isUnicast(instance.config)) return true;
  const text = `received TTL ${event.ttl}, expected ${ttlWanted}`;
  reject(turn, instance, event, "ttlErrors", text);
  return false;
}

/** Adverts to a group are for those who have no peers, others for those who have. */
function isModeRight(turn: Turn, instance: Instance, event: AdvertReceived): boolean {
  const { destination } = event;
  const { config } = instance;
  const isRight = isUnicast(config) ? !isGroup(destination) : destination === config.multicastGroup;
  if (isRight) return true;
  const expected = isUnicast(config) ? "one to our own address" : config.multicastGroup;
  const text = `received an advert to ${destination}, expected ${expected}`;
  reject(turn, instance, event, "destinationErrors", text);
  return false;
}

/** `check_unicast_src`, `min_ttl` and `max_ttl` of unicast_peer. */
function isFromPeer(turn: Turn, instance: Instance, event: AdvertReceived): boolean {
  const { source, ttl } = event;
  const { unicastPeers, checkUnicastSource } = instance.config;
  if (!checkUnicastSource) return true;
  const peer = unicastPeers.find(({ address }) => address === source);
  if (peer === undefined) {
    const text = `received an advert from ${source}, which is no unicast_peer`;
    reject(turn, instance, event, "unicastSourceErrors", text);
    return false;
  }
  if (ttl >= peer.minTtl && ttl <= peer.maxTtl) return true;
  const text = `received TTL ${ttl} from ${source}, expected ${peer.minTtl} to ${peer.maxTtl}`;
  reject(turn, instance, event, "ttlErrors", text);
  return false;
}

function isGroup(destination: string): boolean {
  const bytes = parseIp(destination);
  return bytes !== undefined && isMulticast(bytes);
}

/** RFC 3768 §7.1: version 2 drops another interval; version 3 learns it (RFC 9568 §6.4.2). */
function isIntervalRight(
  turn: Turn,
  instance: Instance,
  event: AdvertReceived,
  advert: Advert,
): boolean {
  const ours = instance.config.advertIntervalUs;
  if (instance.config.version === 2 && advert.advertIntervalUs !== ours) {
    const theirs = seconds(advert.advertIntervalUs);
    const text = `received advert interval ${theirs}, ours ${seconds(ours)}`;
    reject(turn, instance, event, "advertIntervalErrors", text);
    return false;
  }
  // The RFC gives 0 no meaning. Obeyed, it would make the master-down interval 0 too; a master that
  // is leaving needs no interval.
  if (advert.advertIntervalUs === 0 && advert.priority !== 0) {
    reject(turn, instance, event, "advertIntervalErrors", "received advert interval 0");
    return false;
  }
  return true;
}

function seconds(us: number): string {
  return `${us / 1_000_000} s`;
}

/** Other addresses than ours are logged and counted, but the advert counts (as in keepalived). */
function compareAddresses(
  turn: Turn,
  instance: Instance,
  event: AdvertReceived,
  advert: Advert,
): void {
  const { source } = event;
  const wanted = instance.config.virtualAddresses.length;
  if (advert.addressCount !== wanted) {
    const text = `expected ${wanted} VIPs but received ${advert.addressCount}`;
    reject(turn, instance, event, "addressListErrors", text);
    return;
  }
  if (instance.config.skipCheckAdvertAddresses && source === instance.masterAddress) return;
  if (!hasSameAddresses(instance, advert.addresses)) {
    const text = `received other VIPs than ours from ${source}`;
    reject(turn, instance, event, "addressListErrors", text);
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
