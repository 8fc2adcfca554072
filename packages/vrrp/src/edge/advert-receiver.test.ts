// From the bytes of a raw socket to an event.

import assert from "node:assert/strict";
import { test } from "node:test";
import { instanceOf } from "../core/fixtures.js";
import { AdvertCache } from "./advert-cache.js";
import { AdvertReceiver } from "./advert-receiver.js";

function packet(source: string): Uint8Array {
  const config = instanceOf();
  const order = {
    type: "sendAdvert",
    instance: "VI_1",
    priority: 120,
    interfaceIndex: 2,
    source,
    config,
  } as const;
  const [datagram] = new AdvertCache().encoded(order).packets;
  return datagram?.data ?? assert.fail("an advert is one packet");
}

test("AdvertReceiver.event() gives source, destination, TTL and what was decoded", () => {
  const event = new AdvertReceiver().event(2, packet("192.0.2.21"));
  assert(event?.type === "advertReceived" && event.decoded.ok);
  assert.deepEqual(
    [event.interfaceIndex, event.source, event.destination, event.ttl],
    [2, "192.0.2.21", "224.0.0.18", 255],
  );
  assert.equal(event.decoded.advert.priority, 120);
});

test("AdvertReceiver.event() tells addresses apart that differ in one byte", () => {
  const receiver = new AdvertReceiver();
  const sources = ["192.0.2.1", "192.0.3.1", "192.1.2.1", "193.0.2.1", "192.0.2.129"];
  const heard = sources.map((source) => {
    const event = receiver.event(2, packet(source));
    return event?.type === "advertReceived" ? event.source : undefined;
  });
  assert.deepEqual(heard, sources);
});

test("AdvertReceiver.event() believes an age of some milliseconds and no more", () => {
  const receiver = new AdvertReceiver();
  const ages = [0, 300, -7_000_000, 2_000_000].map((ageUs) => {
    return receiver.event(2, packet("192.0.2.21"), ageUs)?.ageUs;
  });
  assert.deepEqual(ages, [0, 300, 0, 5_000]);
});

test("AdvertReceiver.event() hands a damaged advert on and counts what is no IPv4", () => {
  const receiver = new AdvertReceiver();
  const damaged = packet("192.0.2.21").slice();
  damaged[22] = 99;
  const event = receiver.event(2, damaged);
  assert(event?.type === "advertReceived" && !event.decoded.ok);
  assert.equal(event.decoded.code, "ADVERT_BAD_CHECKSUM");
  assert.equal(receiver.event(2, new Uint8Array(5)), undefined);
  const other = packet("192.0.2.21").slice();
  other[9] = 17;
  assert.equal(receiver.event(2, other), undefined);
  assert.equal(receiver.unreadable, 2);
});
