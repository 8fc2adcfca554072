// Frames that Debian's keepalived sent: ours must read them as they are meant and write the same
// bytes. Each file says how its frames were recorded.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatIp, parseIp } from "@keepalived-ts/shared-config/base/ip";
import { type Advert, decodeAdvert, encodeAdvert } from "@keepalived-ts/vrrp/packet/advert";
import { encodeGratuitousArp } from "@keepalived-ts/vrrp/packet/garp";
import { decodeIpv4, encodeIpv4, type Ipv4Packet } from "@keepalived-ts/vrrp/packet/ipv4";

interface Vectors {
  readonly source: string;
  readonly destination: string;
  readonly adverts: readonly { readonly name: string; frame: string; readonly advert: Advert }[];
  readonly gratuitousArps: readonly { readonly name: string; frame: string; address: string }[];
}

const ethernetHeaderLength = 14;
const file = join(import.meta.dirname, "../../vectors/keepalived-2.2.7.json");
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;

function ipOf(frame: string): Ipv4Packet {
  const decoded = decodeIpv4(Buffer.from(frame, "hex").subarray(ethernetHeaderLength));
  assert.ok(decoded.ok);
  return decoded;
}

for (const { name, frame, advert } of vectors.adverts) {
  test(`decodeAdvert() reads keepalived's ${name}`, () => {
    const ip = ipOf(frame);
    assert.equal(formatIp(ip.source), vectors.source);
    assert.equal(formatIp(ip.destination), vectors.destination);
    assert.deepEqual([ip.ttl, ip.protocol], [255, 112]);
    assert.deepEqual(decodeAdvert(ip.payload, ip.source, ip.destination), { ok: true, advert });
  });

  test(`encodeAdvert() writes keepalived's ${name}`, () => {
    const { source, destination, payload } = ipOf(frame);
    const addresses = ["192.0.2.100", "198.51.100.7"].map((text) => parseIp(text) ?? assert.fail());
    const encoded = encodeAdvert({ ...advert, addresses }, source, destination);
    assert.equal(Buffer.from(encoded).toString("hex"), Buffer.from(payload).toString("hex"));
  });

  test(`encodeIpv4() writes keepalived's header of ${name}`, () => {
    const { source, destination, payload } = ipOf(frame);
    const fields = { source, destination, payload, ttl: 255, tos: 0xc0, protocol: 112 };
    const ours = Buffer.from(encodeIpv4(fields));
    const theirs = Buffer.from(frame, "hex").subarray(ethernetHeaderLength);
    // The identification and with it the checksum differ: the kernel fills them in for both.
    const comparable = (packet: Buffer): string =>
      Buffer.concat([packet.subarray(0, 4), packet.subarray(6, 10), packet.subarray(12)]).toString(
        "hex",
      );
    assert.equal(comparable(ours), comparable(theirs));
  });
}

for (const { name, frame, address } of vectors.gratuitousArps) {
  test(`encodeGratuitousArp() writes keepalived's ${name}`, () => {
    const hardwareAddress = Buffer.from(frame, "hex").subarray(6, 12);
    const encoded = encodeGratuitousArp(parseIp(address) ?? assert.fail(), hardwareAddress);
    assert.equal(Buffer.from(encoded).toString("hex"), frame);
  });
}
