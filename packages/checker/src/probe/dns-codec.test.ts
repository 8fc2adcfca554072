// DNS questions byte for byte, after the layout of RFC 1035 section 4.1.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answerCode, encodeQuestion } from "./dns-codec.js";

const vectors = [
  { name: ".", type: "SOA", hex: "a1b20100000100000000000000" + "00060001" },
  {
    name: "www.example.org",
    type: "AAAA",
    hex: "a1b20100000100000000000003777777076578616d706c65036f726700001c0001",
  },
  { name: "a.b", type: "DNSKEY", hex: "a1b2010000010000000000000161016200" + "00300001" },
] as const;

for (const { name, type, hex } of vectors) {
  test(`encodeQuestion() asks for ${type} of ${name} as RFC 1035 has it`, () => {
    assert.equal(encodeQuestion(0xa1b2, name, type).toString("hex"), hex);
  });
}

test("answerCode() takes answers to the question only", () => {
  const answer = Buffer.from("a1b28183000100000000000000", "hex");
  assert.equal(answerCode(0xa1b2, answer), 3);
  assert.equal(answerCode(0xa1b3, answer), undefined);
  assert.equal(answerCode(0xa1b2, answer.subarray(0, 11)), undefined);
  assert.equal(answerCode(0xa1b2, Buffer.from("a1b20100000100000000000000", "hex")), undefined);
});
