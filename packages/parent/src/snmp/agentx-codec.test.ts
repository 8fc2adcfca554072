// AgentX messages as bytes: what Net-SNMP 5.9.3's snmpd and its subagents sent one another, what
// comes back after a round, and what must not be believed.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Decoded, decodePdu, payloadBytesMax } from "./agentx-decode.js";
import { encodePdu } from "./agentx-encode.js";
import type { SnmpValue, VarBind } from "./agentx-types.js";
import { oidOf } from "./oid.js";

const header = { sessionId: 7, transactionId: 8, packetId: 9 };
const head = "0000000700000008" + "00000009";

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

test("encodePdu() writes a registration as RFC 2741 section 6.2.3 draws it", () => {
  const pdu = { type: "register", subtree: oidOf("1.3.6.1.4.1.9586.100.5") } as const;
  assert.equal(
    encodePdu(header, pdu).toString("hex"),
    `01031000${head}00000018` +
      "007f0000" +
      "04040000" +
      "00000001" +
      "00002572" +
      "0000006400000005",
  );
});

test("decodePdu() reads a getNext in either byte order, and how far it goes", () => {
  const network = bytes(`01061000${head}00000014 02020100 00000001 00000044 01020000 00000002`);
  const host = bytes(
    "01060000 07000000 08000000 09000000 14000000 02020100 01000000 44000000 01020000 02000000",
  );
  for (const message of [network, host]) {
    const decoded = decodePdu(Buffer.concat([message, Buffer.from([1])]));
    assert.deepEqual(decoded, {
      kind: "pdu",
      length: message.length,
      pdu: {
        type: "getNext",
        header,
        ranges: [{ start: oidOf("1.3.6.1.2.1.68"), isIncluded: true, end: oidOf("1.3.6.1.2.2") }],
      },
    });
  }
});

test("decodePdu() asks for more of what is cut off, wherever that is", () => {
  const whole = bytes(`01061000${head}00000014 02020100 00000001 00000044 01020000 00000002`);
  for (let length = 1; length < whole.length; length++) {
    const { kind } = decodePdu(whole.subarray(0, length));
    assert.equal(kind, "incomplete", `${length} bytes`);
  }
});

test("decodePdu() gives up a stream whose lengths cannot be believed", () => {
  const cases = ["00", `02061000${head}00000000`, `01061000${head}00000003`];
  const tooLong = (payloadBytesMax + 4).toString(16).padStart(8, "0");
  for (const hex of [...cases, `01061000${head}${tooLong}`]) {
    assert.equal(decodePdu(bytes(hex)).kind, "lost", hex);
  }
});

test("decodePdu() refuses a body that makes no sense, and goes on behind it", () => {
  const cases: readonly [hex: string, why: string][] = [
    [`01051000${head}00000004 ff000000`, "malformed"],
    [`01081000${head}0000000c 00040000 00000000 ffffffff`, "malformed"],
    [`01081000${head}00000008 00030000 00000000`, "malformed"],
    [`01091000${head}00000004 00000000`, "malformed"],
    [`01051800${head}00000008 00000004 61626364`, "context"],
    [`01631000${head}00000000`, "type"],
  ];
  for (const [hex, why] of cases) {
    const message = bytes(hex);
    assert.deepEqual(
      decodePdu(message),
      { kind: "unusable", length: message.length, header, why },
      hex,
    );
  }
});

/** Records compare with literals. */
function plain<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const oid = fc.array(uint32, { maxLength: 20 });
const value: fc.Arbitrary<SnmpValue> = fc.oneof(
  plain({
    type: fc.constant("integer" as const),
    value: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  }),
  plain({
    type: fc.constantFrom("gauge" as const, "counter32" as const, "timeTicks" as const),
    value: uint32,
  }),
  plain({ type: fc.constant("counter64" as const), value: fc.bigInt(0n, 2n ** 64n - 1n) }),
  plain({
    type: fc.constantFrom("octets" as const, "ipAddress" as const),
    value: fc.uint8Array({ maxLength: 40 }),
  }),
  plain({ type: fc.constant("oid" as const), value: oid }),
  plain({ type: fc.constant("null" as const) }),
);

/** As a master's testSet, whose body is that of a notify. */
function throughBytes(varbinds: readonly VarBind[]): Decoded {
  const message = encodePdu(header, { type: "notify", varbinds });
  message[1] = 8;
  return decodePdu(message);
}

test("what encodePdu() writes, decodePdu() reads", () => {
  fc.assert(
    fc.property(fc.array(plain({ oid, value }), { maxLength: 5 }), (varbinds) => {
      const decoded = throughBytes(varbinds);
      assert.equal(decoded.kind, "pdu");
      assert.deepEqual(decoded.kind === "pdu" && decoded.pdu, {
        type: "testSet",
        header,
        varbinds,
      });
    }),
    { numRuns: 300 },
  );
});

test("decodePdu() survives any bytes behind a header", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 255 }),
      fc.uint8Array({ maxLength: 200 }),
      (type, rest) => {
        const body = Buffer.from(rest.subarray(0, rest.length - (rest.length % 4)));
        const message = bytes(`01001000${head}00000000`);
        message[1] = type;
        message.writeUInt32BE(body.length, 16);
        const decoded = decodePdu(Buffer.concat([message, body]));
        assert.ok(decoded.kind === "pdu" || decoded.kind === "unusable");
      },
    ),
    { numRuns: 2_000 },
  );
});
