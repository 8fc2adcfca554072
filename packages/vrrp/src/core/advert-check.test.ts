// The checks of a received advert: order, counters, and one log line a cause.

import assert from "node:assert/strict";
import { test } from "node:test";
import { backup, brief, lowerAddress, type Received, second, virtualAddress } from "./fixtures.js";
import { routerStatus } from "./router.js";

const pass = { type: "PASS", data: "7333637265740000" } as const;

interface Rejection {
  readonly what: Received;
  readonly counted: Record<string, number>;
  readonly overrides?: Parameters<typeof backup>[0];
}

const rejections: readonly Rejection[] = [
  { what: { failure: "ADVERT_TOO_SHORT" }, counted: { packetLengthErrors: 1 } },
  { what: { failure: "ADVERT_BAD_LENGTH", ttl: 1 }, counted: { packetLengthErrors: 1 } },
  { what: { failure: "ADVERT_BAD_CHECKSUM" }, counted: { checksumErrors: 1 } },
  { what: { failure: "ADVERT_BAD_CHECKSUM", ttl: 1 }, counted: { ttlErrors: 1 } },
  { what: { failure: "ADVERT_BAD_VERSION" }, counted: { versionErrors: 1 } },
  { what: { failure: "ADVERT_BAD_TYPE" }, counted: { typeErrors: 1 } },
  { what: { ttl: 254 }, counted: { ttlErrors: 1 } },
  { what: { ttl: -1 }, counted: { ttlErrors: 1 } },
  { what: { advert: { version: 3 } }, counted: { versionErrors: 1 } },
  {
    what: { advert: { authenticationType: 1 } },
    counted: { authenticationTypeMismatch: 1 },
  },
  {
    what: { advert: { authenticationType: 3 } },
    counted: { authenticationTypeInvalid: 1 },
  },
  {
    what: { advert: { authenticationType: 0 } },
    overrides: { authentication: pass },
    counted: { authenticationTypeMismatch: 1 },
  },
  {
    what: { advert: { authenticationData: "7333637265740001" } },
    overrides: { authentication: pass },
    counted: { authenticationFailures: 1 },
  },
  {
    what: { advert: { authenticationData: "" } },
    overrides: { authentication: pass },
    counted: { authenticationFailures: 1 },
  },
  {
    what: { advert: { advertIntervalUs: 2 * second } },
    counted: { advertIntervalErrors: 1 },
  },
  {
    what: { advert: { advertIntervalUs: 0 } },
    overrides: { version: 3 },
    counted: { advertIntervalErrors: 1 },
  },
  { what: { destination: "192.0.2.11" }, counted: { destinationErrors: 1 } },
];

test("checkAdvert() rejects, counts and logs once each cause, and the timer runs on", () => {
  for (const { what, counted, overrides } of rejections) {
    const bench = backup(overrides);
    bench.now += second;
    const before = bench.remaining();
    const [line, ...rest] = brief(bench.receive({ priority: 200, ...what }));
    assert.match(line ?? "", /^warn: \(VI_1\) received /, JSON.stringify(what));
    assert.ok(
      rest.every((text) => text.startsWith("refused ")),
      rest.join(),
    );
    assert.equal(bench.remaining(), before);
    assert.deepEqual(bench.counted(), counted, JSON.stringify(what));
    assert.deepEqual(bench.receive({ priority: 200, ...what }), []);
  }
});

test("checkAdvert() says how many refusals it left out: every ten minutes and at the end", () => {
  const bench = backup();
  const bad = { priority: 200, advert: { advertIntervalUs: 2 * second } };
  const hear = (): string[] => brief(bench.receive(bad));
  const [first = ""] = hear();
  for (let i = 0; i < 4; i++) assert.deepEqual(hear(), []);
  bench.now += 600 * second;
  assert.deepEqual(hear(), [`${first} (5 times since this was said last)`]);
  assert.deepEqual(hear(), []);
  const atTheEnd = brief(bench.receive({ priority: 200 }));
  assert.ok(atTheEnd.includes(`${first} (1 time since this was said last)`), atTheEnd.join("\n"));
});

test("checkAdvert() tells managers once a second and cause of what RFC 2787 and 6527 name", () => {
  const bench = backup({ authentication: pass });
  const told = (what: Received): string[] =>
    brief(bench.receive({ priority: 200, ...what })).filter((text) => text.startsWith("refused"));
  const causes: readonly (readonly [Received, string])[] = [
    [{ ttl: 254 }, "ttl"],
    [{ advert: { version: 3 } }, "version"],
    [{ failure: "ADVERT_BAD_CHECKSUM" }, "checksum"],
    [{ advert: { authenticationType: 3 } }, "authenticationType"],
    [{ advert: { authenticationType: 0 } }, "authenticationMismatch"],
    [{ advert: { authenticationType: 1, authenticationData: "" } }, "authentication"],
  ];
  for (const [what, cause] of causes) {
    assert.equal(told(what).length, 1, cause);
    assert.deepEqual(told(what), [], cause);
  }
  bench.now += second;
  for (const [what, cause] of causes) {
    const [text = ""] = told(what);
    assert.match(text, new RegExp(`^refused 192\\.0\\.2\\.\\d+ by VI_1: ${cause}$`));
  }
  assert.deepEqual(told({ failure: "ADVERT_TOO_SHORT" }), []);
});

test("checkAdvert() never writes a password into a log line", () => {
  const bench = backup({ authentication: pass });
  const [line = ""] = brief(bench.receive({ advert: { authenticationData: "6162636465666768" } }));
  assert.doesNotMatch(line, /7333|6162|s3cret|abcd/);
});

test("checkAdvert() accepts the right password", () => {
  const bench = backup({ authentication: pass });
  bench.receive({ priority: 200 });
  assert.equal(bench.snapshot().masterPriority, 200);
});

test("checkAdvert() does not mind interval 0 when the master leaves", () => {
  const bench = backup({ version: 3 });
  bench.receive({ priority: 0, advert: { advertIntervalUs: 0 } });
  assert.equal(bench.counter("priorityZeroReceived"), 1);
});

test("checkAdvert() counts another address list but accepts the advert", () => {
  const addresses = ["c0000265", "", "c0000264c0000265"];
  for (const text of addresses) {
    const bench = backup();
    bench.receive({ priority: 200, advert: { addresses: text, addressCount: text.length / 8 } });
    assert.equal(bench.counter("addressListErrors"), 1);
    assert.equal(bench.snapshot().masterPriority, 200);
  }
});

test("checkAdvert() takes the addresses in any order", () => {
  const virtualAddresses = [virtualAddress("192.0.2.100"), virtualAddress("198.51.100.7")];
  const bench = backup({ virtualAddresses });
  bench.receive({ priority: 200, advert: { addresses: "c6336407c0000264" } });
  bench.receive({ priority: 200, advert: { addresses: "c6336407c0000264" } });
  assert.equal(bench.counter("addressListErrors"), 0);
  bench.receive({ priority: 200, advert: { addresses: "c6336407c6336407" } });
  assert.equal(bench.counter("addressListErrors"), 1);
});

test("checkAdvert() trusts the known master's list with skip_check_adv_addr", () => {
  const bench = backup({ skipCheckAdvertAddresses: true });
  const other = { priority: 200, advert: { addresses: "c0000265" } };
  bench.receive(other);
  bench.receive(other);
  assert.equal(bench.counter("addressListErrors"), 1);
});

test("checkAdvert() logs a cause again after a new master or another state", () => {
  const bench = backup();
  const wrong = { ttl: 1 };
  const lines = (): number =>
    brief(bench.receive(wrong)).filter((text) => text.startsWith("warn:")).length;
  assert.deepEqual([lines(), lines()], [1, 0]);
  bench.receive({ priority: 200 });
  assert.deepEqual([lines(), lines()], [1, 0]);
  bench.receive({ priority: 200, source: lowerAddress });
  assert.equal(lines(), 0, "not for each of those who take turns");
  bench.elapse(second);
  bench.receive({ priority: 200 });
  assert.equal(lines(), 1);
  bench.fire();
  assert.equal(lines(), 1);
});

test("handle() counts what is for no virtual router of ours", () => {
  const bench = backup();
  bench.receive({ advert: { virtualRouterId: 52 } });
  bench.receive({ interfaceIndex: 3 });
  bench.receive({ source: "fe80::1" });
  bench.handle({
    type: "advertReceived",
    interfaceIndex: 2,
    source: lowerAddress,
    destination: "224.0.0.18",
    ttl: 255,
    decoded: { ok: false, code: "ADVERT_TOO_SHORT", virtualRouterId: null },
  });
  assert.equal(routerStatus(bench.router).unknownVirtualRouter, 4);
  assert.deepEqual(bench.counted(), {});
});
