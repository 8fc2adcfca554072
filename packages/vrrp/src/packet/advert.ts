// The VRRP advertisement of versions 2 (RFC 3768 section 5) and 3 (RFC 9568 section 5): bytes to
// values and back. Pure; judges only what needs no configuration, the core judges the rest.

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { usPerCs, usPerSecond } from "@keepalived-ts/shared-config/base/units";
import { addToChecksum, finishChecksum, pseudoHeaderSum } from "./checksum.js";
import { type HmacTrailer, readTrailer, trailerLength } from "./hmac-trailer.js";

// Version 2:
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-------+-------+---------------+---------------+---------------+
// |Vers. 2|Type 1 | Virtual Rtr ID|   Priority    | Count IP Addrs|
// +-------+-------+---------------+---------------+---------------+
// |   Auth Type   |  Adver Int s  |           Checksum            |
// +---------------+---------------+-------------------------------+
// |                 IPv4 addresses, 4 bytes each                  |
// +---------------------------------------------------------------+
// |       Authentication data, 8 bytes, always there              |
// +---------------------------------------------------------------+
// The checksum covers the whole message with the authentication data, without a pseudo-header.
// RFC 3768 knows IPv4 only. keepalived speaks it over IPv6 all the same: without authentication
// data, with the pseudo-header.
//
// Version 3:
// +-------+-------+---------------+---------------+---------------+
// |Vers. 3|Type 1 | Virtual Rtr ID|   Priority    |Count IPvX Addr|
// +-------+-------+---------------+---------------+---------------+
// | rsvd  | Max Advertise Int cs  |           Checksum            |
// +-------+-----------------------+-------------------------------+
// |            IPvX addresses, 4 or 16 bytes each                 |
// +---------------------------------------------------------------+
// The checksum covers a pseudo-header too (RFC 9568 section 5.2.8). Over IPv4 two other forms are
// about: see ChecksumForm. Of a trailer behind the message (hmac-trailer.ts) it covers nothing over
// IPv4, and all over IPv6, where keepalived leaves it to the kernel.

/** Why a packet is not an advertisement at all. */
export type AdvertDecodeError =
  | "ADVERT_TOO_SHORT"
  | "ADVERT_BAD_LENGTH"
  | "ADVERT_BAD_VERSION"
  | "ADVERT_BAD_TYPE"
  | "ADVERT_BAD_CHECKSUM";

/**
 * What the checksum of version 3 over IPv4 covers: with the pseudo-header of the packet; with that
 * of a packet to 224.0.0.18, as keepalived before 1.3.6 made it for unicast too, and still does
 * with `old_unicast_checksum`; without any, as `v3_checksum_as_v2` has it.
 */
export type ChecksumForm = "standard" | "multicastPseudoHeader" | "noPseudoHeader";

/** A well-formed advertisement. */
export interface Advert {
  readonly version: 2 | 3;
  readonly virtualRouterId: number;
  /** 0 = the master is leaving, 255 = the owner. */
  readonly priority: number;
  readonly addressCount: number;
  /** The addresses in network order, hexadecimal: comparing lists is comparing texts. */
  readonly addresses: string;
  readonly advertIntervalUs: number;
  /** Version 2 only: 0 none, 1 PASS, 2 AH. Always 0 in version 3. */
  readonly authenticationType: number;
  /** Version 2 only: the 8 authentication bytes, hexadecimal; empty in version 3. */
  readonly authenticationData: string;
  /** Absent = standard. */
  readonly checksumForm?: Exclude<ChecksumForm, "standard">;
  /** Of auth_hmac, if there is one. */
  readonly trailer?: HmacTrailer;
}

/** The result of decoding, good or bad, is the event: the core counts both. */
export type DecodedAdvert =
  | { readonly ok: true; readonly advert: Advert }
  | {
      readonly ok: false;
      readonly code: AdvertDecodeError;
      /** As far as it could be read, to charge the right instance; null if not. */
      readonly virtualRouterId: number | null;
    };

/** What {@link encodeAdvert} needs. */
export interface AdvertFields {
  readonly version: 2 | 3;
  readonly virtualRouterId: number;
  readonly priority: number;
  /** In the order of the configuration, each as long as the IP source. */
  readonly addresses: readonly Uint8Array[];
  readonly advertIntervalUs: number;
  /** 0 in version 3. */
  readonly authenticationType: number;
  /** 16 hexadecimal digits, or empty for zeros. */
  readonly authenticationData: string;
  /** Standard by default; another for version 3 over IPv4 only. */
  readonly checksumForm?: ChecksumForm | undefined;
}

const headerLength = 8;
const authenticationLength = 8;
const typeAdvertisement = 1;
const protocolVrrp = 112;
/** An IPv4 payload shorter than this is padded by Ethernet (46 bytes less the IP header). */
const ethernetPayloadMin = 26;
const intervalCsMax = 0xfff;
/** RFC 9568 section 5.1.1.2. */
const ipv4Group: Uint8Array = Uint8Array.of(224, 0, 0, 18);

/** Reads the VRRP message `payload` (no IP header) that came from `ipSource` to `ipDestination`. */
export function decodeAdvert(
  payload: Uint8Array,
  ipSource: Uint8Array,
  ipDestination: Uint8Array,
): DecodedAdvert {
  const virtualRouterId = payload[1] ?? null;
  const failed = (code: AdvertDecodeError): DecodedAdvert => ({ ok: false, code, virtualRouterId });
  if (payload.length < headerLength) return failed("ADVERT_TOO_SHORT");
  const first = payload[0] ?? 0;
  const version = first >> 4;
  if (version !== 3 && version !== 2) return failed("ADVERT_BAD_VERSION");
  if ((first & 0x0f) !== typeAdvertisement) return failed("ADVERT_BAD_TYPE");
  const length = messageLength(version, payload[3] ?? 0, ipSource.length);
  const hasTrailer = payload.length === length + trailerLength;
  if (!hasTrailer && !isLengthRight(payload.length, length)) return failed("ADVERT_BAD_LENGTH");
  const message = payload.subarray(0, length);
  const covered = hasTrailer && ipSource.length === 16 ? payload : message;
  const form = checksumFormOf(version, covered, ipSource, ipDestination);
  if (form === undefined) return failed("ADVERT_BAD_CHECKSUM");
  const advert = version === 2 ? readVersion2(message, ipSource.length) : readVersion3(message);
  if (form === "standard" && !hasTrailer) return { ok: true, advert };
  const checksumForm = form === "standard" ? {} : { checksumForm: form };
  const trailer = hasTrailer ? { trailer: readTrailer(payload, ipSource) } : {};
  return { ok: true, advert: { ...advert, ...checksumForm, ...trailer } };
}

/** The VRRP message, checksum included, for a packet from `ipSource` to `ipDestination`. */
export function encodeAdvert(
  fields: AdvertFields,
  ipSource: Uint8Array,
  ipDestination: Uint8Array,
): Uint8Array {
  const addressLength = ipSource.length;
  assert(fields.addresses.length <= 255, "an advert holds at most 255 addresses");
  const message = new Uint8Array(
    messageLength(fields.version, fields.addresses.length, addressLength),
  );
  message[0] = (fields.version << 4) | typeAdvertisement;
  message[1] = fields.virtualRouterId;
  message[2] = fields.priority;
  message[3] = fields.addresses.length;
  writeInterval(message, fields);
  fields.addresses.forEach((address, i) => {
    assert(address.length === addressLength, "the addresses of an advert are of its own family");
    message.set(address, headerLength + i * addressLength);
  });
  if (fields.version === 2 && addressLength === 4) {
    message.set(
      Buffer.from(fields.authenticationData, "hex").subarray(0, authenticationLength),
      message.length - authenticationLength,
    );
  }
  writeChecksum(message, ipSource, ipDestination, fields.checksumForm);
  return message;
}

/** Writes the checksum over all of `message`, trailer or not, in place of the one there. */
export function writeChecksum(
  message: Uint8Array,
  ipSource: Uint8Array,
  ipDestination: Uint8Array,
  form: ChecksumForm = "standard",
): void {
  message[6] = 0;
  message[7] = 0;
  const version = (message[0] ?? 0) >> 4;
  const sum = coveredSum(version, message, ipSource, ipDestination, form);
  const checksum = finishChecksum(sum);
  message[6] = checksum >> 8;
  message[7] = checksum & 0xff;
}

function messageLength(version: number, addressCount: number, addressLength: number): number {
  const addresses = headerLength + addressCount * addressLength;
  return version === 2 && addressLength === 4 ? addresses + authenticationLength : addresses;
}

/** Some senders count the padding of a short Ethernet frame into the IP length: tolerated. */
function isLengthRight(actual: number, wanted: number): boolean {
  return actual === wanted || (actual > wanted && actual <= ethernetPayloadMin);
}

/** The first form in which the checksum of `message` is right. */
function checksumFormOf(
  version: number,
  message: Uint8Array,
  source: Uint8Array,
  destination: Uint8Array,
): ChecksumForm | undefined {
  const isRight = (form: ChecksumForm): boolean =>
    finishChecksum(coveredSum(version, message, source, destination, form)) === 0;
  if (isRight("standard")) return "standard";
  if (version === 2 || source.length !== 4) return undefined;
  if (isRight("multicastPseudoHeader")) return "multicastPseudoHeader";
  return isRight("noPseudoHeader") ? "noPseudoHeader" : undefined;
}

function coveredSum(
  version: number,
  message: Uint8Array,
  source: Uint8Array,
  destination: Uint8Array,
  form: ChecksumForm,
): number {
  if (form === "noPseudoHeader" || (version === 2 && source.length === 4)) {
    return addToChecksum(0, message);
  }
  const towards = form === "standard" ? destination : ipv4Group;
  return addToChecksum(pseudoHeaderSum(protocolVrrp, source, towards, message.length), message);
}

function writeInterval(message: Uint8Array, fields: AdvertFields): void {
  if (fields.version === 2) {
    const seconds = Math.round(fields.advertIntervalUs / usPerSecond);
    assert(seconds >= 1 && seconds <= 255, "a version 2 interval is 1 to 255 seconds");
    message[4] = fields.authenticationType;
    message[5] = seconds;
    return;
  }
  const centiseconds = Math.round(fields.advertIntervalUs / usPerCs);
  assert(
    centiseconds >= 1 && centiseconds <= intervalCsMax,
    "a version 3 interval is 0.01 to 40.95 seconds",
  );
  message[4] = centiseconds >> 8;
  message[5] = centiseconds & 0xff;
}

function readVersion2(message: Uint8Array, addressLength: number): Advert {
  const end = addressLength === 4 ? message.length - authenticationLength : message.length;
  return {
    version: 2,
    virtualRouterId: message[1] ?? 0,
    priority: message[2] ?? 0,
    addressCount: message[3] ?? 0,
    addresses: hexadecimal(message, headerLength, end),
    advertIntervalUs: (message[5] ?? 0) * usPerSecond,
    authenticationType: message[4] ?? 0,
    authenticationData: hexadecimal(message, end, message.length),
  };
}

function readVersion3(message: Uint8Array): Advert {
  const intervalCs = (((message[4] ?? 0) << 8) | (message[5] ?? 0)) & intervalCsMax;
  return {
    version: 3,
    virtualRouterId: message[1] ?? 0,
    priority: message[2] ?? 0,
    addressCount: message[3] ?? 0,
    addresses: hexadecimal(message, headerLength, message.length),
    advertIntervalUs: intervalCs * usPerCs,
    authenticationType: 0,
    authenticationData: "",
  };
}

function hexadecimal(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString("hex");
}
