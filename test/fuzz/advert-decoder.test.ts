// The advert fuzzer as a test: three seconds, and proof that it reaches every stage.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzzAdverts } from "./advert-decoder.js";

test("decodeIpv4(), decodeAdvert() and handle() survive mutated packets", (t) => {
  const { packets, outcomes } = fuzzAdverts(3, 20261123);
  t.diagnostic(`${packets} packets: ${JSON.stringify(outcomes)}`);
  const wanted = [
    "decoded",
    "ADVERT_TOO_SHORT",
    "ADVERT_BAD_LENGTH",
    "ADVERT_BAD_VERSION",
    "ADVERT_BAD_TYPE",
    "ADVERT_BAD_CHECKSUM",
    "IPV4_TOO_SHORT",
    "IPV4_BAD_VERSION",
    "IPV4_BAD_HEADER_LENGTH",
    "IPV4_BAD_TOTAL_LENGTH",
    "IPV4_FRAGMENT",
  ];
  for (const outcome of wanted) assert.ok((outcomes[outcome] ?? 0) > 0, `${outcome} was reached`);
});
