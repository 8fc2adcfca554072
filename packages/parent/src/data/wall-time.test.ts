// The form of instants: what VyOS and the exporters read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { instantText } from "./wall-time.js";

test("instantText() shows seconds with six digits and the local time", () => {
  const text = instantText(1_795_653_076_916_765);
  assert.match(text, /^1795653076\.916765 \(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d\.916765 \d{4}\)$/);
  assert.match(instantText(1_000_000_000_000_001), /^1000000000\.000001 /);
});
