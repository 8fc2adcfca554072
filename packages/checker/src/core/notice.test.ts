// The words that mails and FIFOs get.

import assert from "node:assert/strict";
import { test } from "node:test";
import { httpCheck, tcpCheck } from "../testing/builders.js";
import { checkMailText } from "./notice.js";

test("checkMailText() has keepalived's words for each kind of check", () => {
  const tcp = { config: tcpCheck() };
  assert.equal(checkMailText({ ...tcp, result: true }), "TCP CHECK succeed on service");
  assert.equal(checkMailText({ ...tcp, result: false }), "TCP CHECK failed on service");
  const ssl = { config: httpCheck({ kind: "SSL_GET" }) };
  assert.equal(checkMailText({ ...ssl, result: true }), "CHECK succeed on service");
  assert.equal(
    checkMailText({ ...ssl, result: false }),
    "CHECK failed on service : SSL request failed",
  );
});
