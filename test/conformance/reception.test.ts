// RFC 9568 section 7.1 and RFC 3768 section 7.1: what must be verified of a received packet before
// it may matter, from the bytes up to the counters.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import { type Bench, backup } from "@keepalived-ts/vrrp/core/fixtures";
import { routerStatus } from "@keepalived-ts/vrrp/core/router";
import { type AdvertFields, decodeAdvert, encodeAdvert } from "@keepalived-ts/vrrp/packet/advert";
import { decodeIpv4, encodeIpv4 } from "@keepalived-ts/vrrp/packet/ipv4";

const source = Uint8Array.of(192, 0, 2, 21);
const group = Uint8Array.of(224, 0, 0, 18);

interface Reception {
  readonly clause: string;
  readonly rule: string;
  readonly config?: Partial<VrrpInstanceConfig>;
  readonly fields?: Partial<AdvertFields>;
  readonly ttl?: number;
  /** Changes the VRRP message after its checksum was made. */
  readonly damage?: (message: Uint8Array) => Uint8Array;
  /** The counter that must be 1; absent = the packet is accepted. */
  readonly counter?: string;
}

const receptions: readonly Reception[] = [
  { clause: "RFC 9568 7.1", rule: "a packet in order is accepted" },
  { clause: "RFC 9568 7.1", rule: "the TTL must be 255", ttl: 254, counter: "ttlErrors" },
  {
    clause: "RFC 9568 7.1",
    rule: "the version must be 3",
    fields: { version: 2 },
    counter: "versionErrors",
  },
  {
    clause: "RFC 9568 7.1",
    rule: "the type must be 1",
    damage: (message) => message.fill(0x32, 0, 1),
    counter: "typeErrors",
  },
  {
    clause: "RFC 9568 7.1",
    rule: "the packet must be complete",
    damage: (message) => message.subarray(0, 11),
    counter: "packetLengthErrors",
  },
  {
    clause: "RFC 9568 7.1",
    rule: "the checksum must be right",
    damage: (message) => message.fill(99, 2, 3),
    counter: "checksumErrors",
  },
  {
    clause: "RFC 9568 7.1",
    rule: "another address list is no reason to drop (MAY in the RFC, keepalived only logs)",
    fields: { addresses: [Uint8Array.of(192, 0, 2, 200)] },
  },
  {
    clause: "RFC 9568 7.1",
    rule: "another interval is learnt, not dropped",
    fields: { advertIntervalUs: 250_000 },
  },
  {
    clause: "RFC 3768 7.1",
    rule: "the interval must be our own",
    config: { version: 2 },
    fields: { version: 2, advertIntervalUs: 2_000_000 },
    counter: "advertIntervalErrors",
  },
  {
    clause: "RFC 3768 7.1",
    rule: "the authentication type must be our own",
    config: { version: 2 },
    fields: { version: 2, authenticationType: 1 },
    counter: "authenticationTypeMismatch",
  },
  {
    clause: "RFC 2338 5.3.6",
    rule: "the password must be our own",
    config: { version: 2, authentication: { type: "PASS", data: "6162636400000000" } },
    fields: { version: 2, authenticationType: 1, authenticationData: "6162636500000000" },
    counter: "authenticationFailures",
  },
  {
    clause: "RFC 2338 5.3.6",
    rule: "the right password is accepted",
    config: { version: 2, authentication: { type: "PASS", data: "6162636400000000" } },
    fields: { version: 2, authenticationType: 1, authenticationData: "6162636400000000" },
  },
];

function receive(bench: Bench, reception: Reception): void {
  const message = encodeAdvert(
    {
      version: 3,
      virtualRouterId: 51,
      priority: 200,
      addresses: [Uint8Array.of(192, 0, 2, 100)],
      advertIntervalUs: 1_000_000,
      authenticationType: 0,
      authenticationData: "",
      ...reception.fields,
    },
    source,
    group,
  );
  const payload = reception.damage?.(message) ?? message;
  const ttl = reception.ttl ?? 255;
  const packet = encodeIpv4({ source, destination: group, ttl, tos: 0xc0, protocol: 112, payload });
  const ip = decodeIpv4(packet);
  assert.ok(ip.ok);
  bench.handle({
    type: "advertReceived",
    interfaceIndex: 2,
    source: "192.0.2.21",
    destination: "224.0.0.18",
    ttl: ip.ttl,
    decoded: decodeAdvert(ip.payload, ip.source, ip.destination),
  });
}

for (const reception of receptions) {
  test(`${reception.clause}: ${reception.rule}`, () => {
    const bench = backup({ version: 3, ...reception.config });
    receive(bench, reception);
    const isAccepted = bench.snapshot().masterPriority === 200;
    assert.equal(isAccepted, reception.counter === undefined);
    if (reception.counter !== undefined) assert.equal(bench.counter(reception.counter), 1);
  });
}

test("RFC 9568 7.1: a virtual router that is not ours is counted and otherwise ignored", () => {
  const bench = backup({ version: 3 });
  receive(bench, { clause: "", rule: "", fields: { virtualRouterId: 52 } });
  assert.equal(routerStatus(bench.router).unknownVirtualRouter, 1);
  assert.deepEqual(bench.counted(), {});
});
