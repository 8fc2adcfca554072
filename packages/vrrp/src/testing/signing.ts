// For tests: what comes of adverts that were signed with keys of the tests' own.

import {
  type AuthenticationHeader,
  encodeAuthenticated,
  readAuthenticationHeader,
} from "../packet/authentication-header.js";
import {
  appendTrailer,
  type HmacSequence,
  type HmacTrailer,
  readTrailer,
} from "../packet/hmac-trailer.js";
import { decodeIpv4 } from "../packet/ipv4.js";

export const headerSecret = "7333637265740000";
const source = Uint8Array.of(192, 0, 2, 21);

export function hmacKey(id: number): { id: number; secret: string } {
  return { id, secret: `0${id}`.repeat(32) };
}

export function authenticationHeader(sequence: number, secret: string): AuthenticationHeader {
  const packet = encodeAuthenticated({
    source,
    destination: Uint8Array.of(224, 0, 0, 18),
    ttl: 255,
    tos: 0xc0,
    payload: new Uint8Array(20),
    sequence,
    secret,
  });
  const ip = decodeIpv4(packet);
  const header = ip.ok ? readAuthenticationHeader(packet, ip) : undefined;
  if (header === undefined) throw new Error("the packet has no authentication header");
  return header;
}

/** Says that key `keyId` signed it, though it was that of `secretOf`. */
export function trailer(sequence: HmacSequence, keyId: number, secretOf: number): HmacTrailer {
  const key = { id: keyId, secret: hmacKey(secretOf).secret };
  return readTrailer(appendTrailer(new Uint8Array(12), source, key, sequence), source);
}
