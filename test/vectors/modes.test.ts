// Frames of IPv6, unicast and authentication headers that Debian's keepalived sent: ours must read
// them as they are meant and write the same bytes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatIp, parseIp } from "@keepalived-ts/shared-config/base/ip";
import { type Advert, decodeAdvert, encodeAdvert } from "@keepalived-ts/vrrp/packet/advert";
import {
  authenticationHeaderLength,
  encodeAuthenticated,
  isAuthenticatedWith,
  readAuthenticationHeader,
} from "@keepalived-ts/vrrp/packet/authentication-header";
import { decodeIpv4 } from "@keepalived-ts/vrrp/packet/ipv4";
import { encodeIpv6 } from "@keepalived-ts/vrrp/packet/ipv6";
import { encodeNeighbourAdvertisement } from "@keepalived-ts/vrrp/packet/ndisc";

interface AdvertVector {
  readonly name: string;
  readonly configuration: string;
  readonly frame: string;
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  readonly advert: Advert;
}

interface Vectors {
  readonly secret: string;
  readonly adverts: readonly AdvertVector[];
  readonly neighbourAdvertisements: readonly {
    readonly name: string;
    readonly frame: string;
    readonly address: string;
  }[];
}

const ethernetHeaderLength = 14;
const ipv6HeaderLength = 40;
const protocolAuthenticationHeader = 51;
const file = join(import.meta.dirname, "../../vectors/keepalived-2.2.7-modes.json");
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function address(text: string): Uint8Array {
  return parseIp(text) ?? assert.fail(text);
}

function packetOf({ frame }: { readonly frame: string }): Buffer {
  return Buffer.from(frame, "hex").subarray(ethernetHeaderLength);
}

function isIpv6({ source }: AdvertVector): boolean {
  return source.includes(":");
}

/** The VRRP message. */
function messageOf(vector: AdvertVector): Uint8Array {
  const packet = packetOf(vector);
  if (isIpv6(vector)) return packet.subarray(ipv6HeaderLength);
  const ip = decodeIpv4(packet);
  assert.ok(ip.ok);
  assert.deepEqual([formatIp(ip.source), ip.ttl], [vector.source, vector.ttl]);
  const isBehind = ip.protocol === protocolAuthenticationHeader;
  return ip.payload.subarray(isBehind ? authenticationHeaderLength : 0);
}

function addressesOf({ advert, source }: AdvertVector): Uint8Array[] {
  const length = address(source).length;
  const all = Buffer.from(advert.addresses, "hex");
  return Array.from({ length: advert.addressCount }, (_, i) =>
    all.subarray(i * length, (i + 1) * length),
  );
}

for (const vector of vectors.adverts) {
  const { name, advert, source, destination } = vector;
  test(`decodeAdvert() reads keepalived's ${name}`, () => {
    const decoded = decodeAdvert(messageOf(vector), address(source), address(destination));
    assert.deepEqual(decoded, { ok: true, advert });
  });

  test(`encodeAdvert() writes keepalived's ${name}`, () => {
    const fields = { ...advert, addresses: addressesOf(vector) };
    const encoded = encodeAdvert(fields, address(source), address(destination));
    assert.equal(hex(encoded), hex(messageOf(vector)));
  });
}

for (const vector of vectors.adverts.filter(isIpv6)) {
  test(`encodeIpv6() writes keepalived's header of ${vector.name}`, () => {
    const packet = packetOf(vector);
    const encoded = encodeIpv6({
      source: address(vector.source),
      destination: address(vector.destination),
      hopLimit: vector.ttl,
      trafficClass: 0xc0,
      nextHeader: 112,
      payload: messageOf(vector),
    });
    // The kernel makes up a flow label for keepalived's.
    packet[1] = (packet[1] ?? 0) & 0xf0;
    packet.fill(0, 2, 4);
    assert.equal(hex(encoded), hex(packet));
  });
}

for (const vector of vectors.adverts.filter(({ name }) => name.includes("AH"))) {
  test(`readAuthenticationHeader() reads keepalived's ${vector.name}`, () => {
    const packet = packetOf(vector);
    const ip = decodeIpv4(packet);
    assert.ok(ip.ok);
    const header = readAuthenticationHeader(packet, ip);
    assert.ok(header?.isKnown);
    assert.equal(isAuthenticatedWith(header, vectors.secret), true);
    assert.equal(isAuthenticatedWith(header, "7333637265750000"), false);
    const moved = { ...header, covered: header.covered.replace(/^45/, "46") };
    assert.equal(isAuthenticatedWith(moved, vectors.secret), false);
  });

  test(`encodeAuthenticated() writes keepalived's ${vector.name}`, () => {
    const packet = packetOf(vector);
    const ip = decodeIpv4(packet);
    assert.ok(ip.ok);
    const sequence = readAuthenticationHeader(packet, ip)?.sequence ?? assert.fail();
    const encoded = encodeAuthenticated({
      source: ip.source,
      destination: ip.destination,
      ttl: vector.ttl,
      tos: 0xc0,
      payload: messageOf(vector),
      sequence,
      secret: vectors.secret,
    });
    // keepalived numbers its packets as it does its adverts, like ours; the first one is 1 in both.
    assert.equal(hex(encoded), hex(packet));
  });
}

for (const vector of vectors.neighbourAdvertisements) {
  test(`encodeNeighbourAdvertisement() writes keepalived's ${vector.name}`, () => {
    const frame = Buffer.from(vector.frame, "hex");
    const encoded = encodeNeighbourAdvertisement(address(vector.address), frame.subarray(6, 12));
    const flagsAt = 58;
    if (frame[flagsAt] === 0xa0) assert.equal(hex(encoded), vector.frame);
    else {
      // Ours says that it is a router, whatever the interface does (RFC 9568 section 6.4.2).
      const other = Buffer.from(encoded);
      other[flagsAt] = 0x20;
      assert.equal(hex(other.subarray(flagsAt)), hex(frame.subarray(flagsAt)));
    }
  });
}
