// Adverts of unicast peers, IPv6, authentication headers and auth_hmac: who is heard, what is
// counted for the others, and how our own change.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import { authenticationHeader, headerSecret, hmacKey, trailer } from "../testing/signing.js";
import type { SendAdvertAction, VrrpAction } from "./action.js";
import {
  Bench,
  backup,
  brief,
  briefOrders,
  higherAddress,
  instanceOf,
  linkFact,
  lowerAddress,
  master,
  ownAddress,
  type Received,
  virtualAddress,
} from "./fixtures.js";
import { snapshots } from "./router.js";

const peer = { address: higherAddress, minTtl: 0, maxTtl: 255 };
const unicast: Partial<VrrpInstanceConfig> = { unicastPeers: [peer] };
const toUs: Received = { destination: ownAddress, priority: 150 };
const ipv6: Partial<VrrpInstanceConfig> = {
  family: 6,
  version: 3,
  multicastGroup: "ff02::12",
  virtualAddresses: [virtualAddress("fe80::100", { prefixLength: 64 })],
};
const now = 1_700_000_000;

function advertsIn(actions: readonly VrrpAction[]): SendAdvertAction[] {
  return actions.filter((action) => action.type === "sendAdvert");
}

function counted(overrides: Partial<VrrpInstanceConfig>, what: Received): Record<string, number> {
  const bench = backup(overrides);
  bench.receive(what);
  const { advertisementsReceived: _, ...causes } = bench.counted();
  return causes;
}

test("with peers only adverts to an address are heard, without only those to the group", () => {
  assert.deepEqual(counted(unicast, toUs), {});
  assert.deepEqual(counted(unicast, { priority: 150 }), { destinationErrors: 1 });
  assert.deepEqual(counted({}, toUs), { destinationErrors: 1 });
});

test("a unicast advert may have come through routers, unless a range is given", () => {
  assert.deepEqual(counted(unicast, { ...toUs, ttl: 3 }), {});
  const ranged = {
    unicastPeers: [{ ...peer, minTtl: 250, maxTtl: 254 }],
    checkUnicastSource: true,
  };
  assert.deepEqual(counted(ranged, { ...toUs, ttl: 250 }), {});
  assert.deepEqual(counted(ranged, { ...toUs, ttl: 249 }), { ttlErrors: 1 });
  assert.deepEqual(counted(ranged, { ...toUs, ttl: 255 }), { ttlErrors: 1 });
});

test("check_unicast_src: only peers are heard", () => {
  const stranger = { ...toUs, source: "192.0.2.99" };
  assert.deepEqual(counted(unicast, stranger), {});
  const checked = { ...unicast, checkUnicastSource: true };
  assert.deepEqual(counted(checked, toUs), {});
  assert.deepEqual(counted(checked, stranger), { unicastSourceErrors: 1 });
  const bench = backup(checked);
  const [first, second] = [bench.receive(stranger), bench.receive(stranger)];
  assert.match(brief(first).join(), /received an advert from 192.0.2.99, which is no unicast_peer/);
  assert.deepEqual(second, []);
});

test("an old peer's checksum is answered in its form, for good", () => {
  const old: Received = {
    ...toUs,
    priority: 50,
    advert: { checksumForm: "multicastPseudoHeader" },
  };
  const bench = master({ ...unicast, version: 3 });
  const answer = advertsIn(bench.receive(old));
  assert.equal(answer[0]?.checksumForm, "multicastPseudoHeader");
  assert.deepEqual(counted({ ...unicast, version: 3, oldUnicastChecksum: "never" }, old), {
    checksumErrors: 1,
  });
  assert.deepEqual(counted({ version: 3 }, { ...old, destination: "224.0.0.18" }), {
    checksumErrors: 1,
  });
});

test("old_unicast_checksum and v3_checksum_as_v2 choose the form of our adverts", () => {
  const formOf = (overrides: Partial<VrrpInstanceConfig>): string | undefined =>
    advertsIn(master({ version: 3, ...overrides }).fire())[0]?.checksumForm;
  assert.equal(formOf({ ...unicast, oldUnicastChecksum: "always" }), "multicastPseudoHeader");
  assert.equal(formOf({ v3ChecksumAsV2: true }), "noPseudoHeader");
  assert.equal(formOf(unicast), undefined);
  const asVersion2: Received = { advert: { checksumForm: "noPseudoHeader" } };
  assert.deepEqual(counted({ version: 3, v3ChecksumAsV2: true }, asVersion2), {});
  assert.deepEqual(counted({ version: 3 }, asVersion2), { checksumErrors: 1 });
});

test("an IPv6 instance speaks from the link-local address, and is in FAULT without one", () => {
  const bench = master(ipv6);
  assert.equal(advertsIn(bench.fire())[0]?.source, "fe80::11");
  bench.link({ ipv6Address: null });
  assert.equal(bench.state(), "FAULT");
  bench.link({ ipv6Address: "fe80::12" });
  assert.equal(bench.state(), "BACKUP");
  const higher = { source: "fe80::21", priority: 150 };
  bench.receive(higher);
  assert.equal(bench.snapshot().masterAddress, "fe80::21");
});

test("track_src_ip: FAULT while the source is not there", () => {
  const config = instanceOf({ sourceAddress: "192.0.2.77", trackSourceAddress: true });
  const bench = new Bench(config);
  bench.configure();
  assert.equal(bench.state(), "FAULT");
  bench.link({ presentSources: ["192.0.2.77"] });
  assert.equal(bench.state(), "BACKUP");
});

test("leaving FAULT a unicast instance announces its source, a multicast one nothing", () => {
  for (const [overrides, wanted] of [
    [unicast, [`announce source ${ownAddress}`]],
    [{}, []],
  ] as const) {
    const bench = backup(overrides);
    bench.link({ isRunning: false });
    const orders = briefOrders(bench.link({ isRunning: true }));
    assert.deepEqual(orders, ["report FAULT to BACKUP", ...wanted]);
  }
});

test("unicast_fault_no_peer and the like: FAULT for ever", () => {
  const bench = backup({ staysInFault: true });
  assert.equal(bench.state(), "FAULT");
  bench.link({ isRunning: false });
  bench.link({ isRunning: true });
  assert.equal(bench.state(), "FAULT");
});

test("instances without an interface are known by the address that adverts come to", () => {
  const own = (name: string, sourceAddress: string): VrrpInstanceConfig =>
    instanceOf({ ...unicast, name, interface: "", sourceAddress });
  const anywhere = linkFact({ index: 0, name: "", ipv4Address: null });
  const bench = new Bench(own("A", "192.0.2.31"));
  bench.configure([bench.config, own("B", "192.0.2.32")], [linkFact(), anywhere]);
  bench.now += 1;
  bench.receive({ destination: "192.0.2.32", interfaceIndex: 0, priority: 150 });
  bench.receive({ destination: "192.0.2.33", interfaceIndex: 0, priority: 150 });
  const masters = snapshots(bench.router).map(({ masterAddress }) => masterAddress);
  assert.deepEqual(masters, [null, higherAddress]);
  assert.equal(bench.router.unknownVirtualRouter, 1);
  const orders = advertsIn(bench.fire());
  const places = orders.map(({ instance, source, interfaceIndex }) =>
    [instance, source, interfaceIndex].join(" "),
  );
  assert.deepEqual(places, ["A 192.0.2.31 0"]);
});

const header: Partial<VrrpInstanceConfig> = { headerAuthentication: { secret: headerSecret } };
const withHeader = (sequence: number, secret = headerSecret): Received => ({
  priority: 150,
  advert: { authenticationType: 2 },
  event: { authenticationHeader: authenticationHeader(sequence, secret) },
});

test("AH: a header that fits is heard, others are counted by cause", () => {
  assert.deepEqual(counted(header, withHeader(1)), {});
  assert.deepEqual(counted(header, { priority: 150, advert: { authenticationType: 2 } }), {
    authenticationTypeMismatch: 1,
  });
  assert.deepEqual(counted({}, withHeader(1)), { authenticationTypeMismatch: 1 });
  assert.deepEqual(counted(header, withHeader(1, "0000000000000001")), {
    authenticationFailures: 1,
  });
  const bench = backup(header);
  for (const sequence of [5, 5, 4, 6]) bench.receive(withHeader(sequence));
  assert.equal(bench.counter("authenticationReplays"), 2);
});

test("AH: no sequence number is sent twice, and ours go on above those heard", () => {
  const bench = backup(header);
  bench.receive(withHeader(41));
  const first = advertsIn(bench.fire());
  const rest = [...advertsIn(bench.fire()), ...advertsIn(bench.fire())];
  const sequences = [...first, ...rest].map(({ sequence }) => sequence);
  assert.deepEqual(sequences, [42, 43, 44]);
});

test("AH: a successor begins above all that its predecessor may have used", () => {
  const bench = master(header);
  const snapshot = bench.snapshot();
  assert.ok((snapshot.sequenceFrom ?? 0) > 1_000);
  const successor = new Bench(bench.config);
  const [advert] = advertsIn(successor.configure([bench.config], [linkFact()], [snapshot]));
  assert.equal(advert?.sequence, (snapshot.sequenceFrom ?? 0) + 1);
});

test("AH: the parent is told before reserved numbers run out", () => {
  const bench = master(header);
  const reserved = bench.snapshot().sequenceFrom ?? 0;
  bench.receive({ ...withHeader(reserved), priority: 1 });
  const reports = bench.fire().filter(({ type }) => type === "reportInstance");
  assert.equal(reports.length, 1);
  assert.ok((bench.snapshot().sequenceFrom ?? 0) > reserved);
});

const hmac: Partial<VrrpInstanceConfig> = {
  version: 3,
  hmacAuthentication: {
    keys: [hmacKey(1), hmacKey(2)],
    activeKey: 1,
    timeWindowUs: 5_000_000,
    antiReplay: "time",
    mode: "enforce",
  },
};
const signed = (seconds: number, keyId = 1, secretOf = keyId): Received => ({
  priority: 150,
  advert: { trailer: trailer({ seconds, ticks: 0 }, keyId, secretOf) },
  event: { wallClockS: now },
});

test("auth_hmac: any key of ours is taken, others are counted by cause", () => {
  assert.deepEqual(counted(hmac, signed(now)), {});
  assert.deepEqual(counted(hmac, signed(now, 2)), {});
  assert.deepEqual(counted(hmac, signed(now, 3)), { authenticationKeyUnknown: 1 });
  assert.deepEqual(counted(hmac, signed(now, 1, 2)), { authenticationFailures: 1 });
  assert.deepEqual(counted(hmac, { priority: 150 }), { authenticationMissing: 1 });
  assert.deepEqual(counted({ version: 3 }, signed(now)), { authenticationTypeMismatch: 1 });
});

test("auth_hmac: old and early time stamps are refused, and none is taken twice", () => {
  for (const offset of [-6, 6]) {
    assert.deepEqual(counted(hmac, signed(now + offset)), { authenticationStale: 1 });
  }
  const bench = backup(hmac);
  for (const seconds of [now, now, now - 1, now + 1]) bench.receive(signed(seconds));
  assert.equal(bench.counter("authenticationReplays"), 2);
  // Another sender has a time stamp of its own.
  bench.receive({ ...signed(now), source: lowerAddress });
  assert.equal(bench.counter("authenticationReplays"), 2);
});

test("auth_hmac: with anti_replay monotonic only the order counts", () => {
  const { hmacAuthentication } = hmac;
  assert.ok(hmacAuthentication !== undefined);
  const monotonic = { ...hmacAuthentication, antiReplay: "monotonic" } as const;
  const bench = backup({ ...hmac, hmacAuthentication: monotonic });
  for (const seconds of [100, 99, 101]) bench.receive(signed(seconds));
  assert.equal(bench.counter("authenticationReplays"), 1);
  assert.equal(bench.counter("authenticationStale"), 0);
});

test("auth_hmac: permissive and receive-only take unsigned adverts, but no wrong signature", () => {
  const { hmacAuthentication } = hmac;
  assert.ok(hmacAuthentication !== undefined);
  for (const mode of ["permissive", "receive-only"] as const) {
    const lenient: Partial<VrrpInstanceConfig> = {
      ...hmac,
      hmacAuthentication: { ...hmacAuthentication, mode },
    };
    assert.deepEqual(counted(lenient, { priority: 150 }), {});
    assert.deepEqual(counted(lenient, signed(now, 1, 2)), { authenticationFailures: 1 });
  }
});
