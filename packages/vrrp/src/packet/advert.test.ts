// The advertisement: what is written is read back, and every way to be wrong has its code.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type AdvertFields, type ChecksumForm, decodeAdvert, encodeAdvert } from "./advert.js";

const source = Uint8Array.of(192, 0, 2, 11);
const destination = Uint8Array.of(224, 0, 0, 18);
const fields: AdvertFields = {
  version: 2,
  virtualRouterId: 51,
  priority: 100,
  addresses: [Uint8Array.of(192, 0, 2, 100)],
  advertIntervalUs: 1_000_000,
  authenticationType: 1,
  authenticationData: "7333637265740000",
};
const fields3: AdvertFields = {
  ...fields,
  version: 3,
  authenticationType: 0,
  authenticationData: "",
};

function code(payload: Uint8Array): string {
  const decoded = decodeAdvert(payload, source, destination);
  return decoded.ok ? "ok" : decoded.code;
}

function encoded(changes: Partial<AdvertFields>, offset: number, value: number): Uint8Array {
  const message = encodeAdvert({ ...fields, ...changes }, source, destination);
  message[offset] = value;
  return message;
}

test("decodeAdvert() reads what encodeAdvert() wrote", () => {
  const addressLength = fc.constantFrom(4, 16);
  const arbitrary = addressLength.chain((length) => {
    const address = fc.uint8Array({ minLength: length, maxLength: length });
    return fc.record({
      version: length === 16 ? fc.constant(3 as const) : fc.constantFrom(2 as const, 3 as const),
      source: address,
      destination: address,
      addresses: fc.array(address, { maxLength: 255 }),
      virtualRouterId: fc.integer({ min: 1, max: 255 }),
      priority: fc.integer({ min: 0, max: 255 }),
      interval: fc.integer({ min: 1, max: 255 }),
      authentication: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    });
  });
  fc.assert(
    fc.property(arbitrary, (given) => {
      const isVersion2 = given.version === 2;
      const wanted = {
        version: given.version,
        virtualRouterId: given.virtualRouterId,
        priority: given.priority,
        advertIntervalUs: given.interval * (isVersion2 ? 1_000_000 : 10_000),
        authenticationType: isVersion2 ? 1 : 0,
        authenticationData: isVersion2 ? Buffer.from(given.authentication).toString("hex") : "",
      };
      const message = encodeAdvert(
        { ...wanted, addresses: given.addresses },
        given.source,
        given.destination,
      );
      assert.deepEqual(decodeAdvert(message, given.source, given.destination), {
        ok: true,
        advert: {
          ...wanted,
          addressCount: given.addresses.length,
          addresses: Buffer.concat(given.addresses).toString("hex"),
        },
      });
    }),
  );
});

test("decodeAdvert() finds every single damaged byte", () => {
  for (const given of [fields, fields3]) {
    const message = encodeAdvert(given, source, destination);
    for (let at = 0; at < message.length; at++) {
      for (const bits of [0x01, 0x80, 0xff]) {
        const damaged = message.slice();
        damaged[at] = (damaged[at] ?? 0) ^ bits;
        assert.notEqual(code(damaged), "ok", `byte ${at} ^ ${bits}`);
      }
    }
  }
});

test("decodeAdvert() finds a wrong source or destination in version 3 only", () => {
  // The latter as a form of its own: see ChecksumForm.
  const other = Uint8Array.of(192, 0, 2, 12);
  const message3 = encodeAdvert(fields3, source, destination);
  const message2 = encodeAdvert(fields, source, destination);
  assert.equal(decodeAdvert(message3, other, destination).ok, false);
  const decoded = decodeAdvert(message3, source, other);
  assert.equal(decoded.ok && decoded.advert.checksumForm, "multicastPseudoHeader");
  assert.equal(decodeAdvert(message2, other, destination).ok, true);
});

test("decodeAdvert() has a code for each way to be wrong", () => {
  const message = encodeAdvert(fields, source, destination);
  assert.equal(code(new Uint8Array(0)), "ADVERT_TOO_SHORT");
  assert.equal(code(message.subarray(0, 7)), "ADVERT_TOO_SHORT");
  assert.equal(code(message.subarray(0, 19)), "ADVERT_BAD_LENGTH");
  assert.equal(code(encoded({}, 3, 2)), "ADVERT_BAD_LENGTH");
  assert.equal(code(encoded({}, 0, 0x41)), "ADVERT_BAD_VERSION");
  assert.equal(code(encoded({}, 0, 0x11)), "ADVERT_BAD_VERSION");
  assert.equal(code(encoded({}, 0, 0x22)), "ADVERT_BAD_TYPE");
  assert.equal(code(encoded({}, 6, 0)), "ADVERT_BAD_CHECKSUM");
});

test("decodeAdvert() names the virtual router of a bad packet as far as it can be read", () => {
  const message = encodeAdvert(fields, source, destination);
  const routerOf = (payload: Uint8Array): number | null => {
    const decoded = decodeAdvert(payload, source, destination);
    return decoded.ok ? decoded.advert.virtualRouterId : decoded.virtualRouterId;
  };
  assert.equal(routerOf(message.subarray(0, 2)), 51);
  assert.equal(routerOf(message.subarray(0, 1)), null);
});

test("decodeAdvert() tolerates the padding of a short Ethernet frame, and no more", () => {
  for (const given of [fields, fields3]) {
    const message = encodeAdvert(given, source, destination);
    const padded = (length: number): Uint8Array => {
      const bytes = new Uint8Array(length).fill(0xaa);
      bytes.set(message);
      return bytes;
    };
    assert.equal(code(padded(26)), "ok");
    assert.equal(code(padded(27)), "ADVERT_BAD_LENGTH");
  }
});

test("version 2 over IPv6 has no authentication data, and its checksum the pseudo-header", () => {
  const router = Uint8Array.from({ length: 16 }, (_, i) => i);
  const given = { ...fields, addresses: [router], authenticationType: 0 };
  const message = encodeAdvert(given, router, router);
  assert.equal(message.length, 24);
  const decoded = decodeAdvert(message, router, router);
  assert.ok(decoded.ok);
  assert.deepEqual([decoded.advert.version, decoded.advert.authenticationData], [2, ""]);
  const other = Uint8Array.from({ length: 16 }, (_, i) => 2 * i);
  assert.equal(decodeAdvert(message, other, router).ok, false);
});

test("decodeAdvert() says in which form the checksum of version 3 over IPv4 is right", () => {
  const router = Uint8Array.of(192, 0, 2, 12);
  const formOf = (checksumForm: ChecksumForm): string => {
    const message = encodeAdvert({ ...fields3, checksumForm }, source, router);
    const decoded = decodeAdvert(message, source, router);
    return decoded.ok ? (decoded.advert.checksumForm ?? "standard") : decoded.code;
  };
  const forms = ["standard", "multicastPseudoHeader", "noPseudoHeader"] as const;
  assert.deepEqual(forms.map(formOf), forms);
});

test("decodeAdvert() ignores the reserved bits of version 3 (RFC 9568 section 5.2.6)", () => {
  const message = encodeAdvert(fields3, source, destination);
  message[4] = (message[4] ?? 0) | 0xf0;
  // The same sum as before in one's complement: 0xf000 more there, 0xf000 less here.
  const view = new DataView(message.buffer);
  view.setUint16(6, (view.getUint16(6) + 0xffff - 0xf000) % 0xffff);
  const decoded = decodeAdvert(message, source, destination);
  assert.equal(decoded.ok && decoded.advert.advertIntervalUs, 1_000_000);
});

test("encodeAdvert() refuses what has no place on the wire", () => {
  const refuse = (changes: Partial<AdvertFields>, pattern: RegExp): void => {
    assert.throws(() => encodeAdvert({ ...fields3, ...changes }, source, destination), pattern);
  };
  refuse({ advertIntervalUs: 40_960_000 }, /0.01 to 40.95 seconds/);
  refuse({ advertIntervalUs: 1_000 }, /0.01 to 40.95 seconds/);
  refuse({ version: 2, advertIntervalUs: 100_000 }, /1 to 255 seconds/);
  refuse({ addresses: Array(256).fill(source) }, /at most 255/);
  refuse({ addresses: [new Uint8Array(16)] }, /of its own family/);
});

test("decodeAdvert() never throws on random bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      decodeAdvert(bytes, source, destination);
    }),
  );
});
