// Where promote_secondaries is wanted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { instanceOf } from "./fixtures.js";
import { promotionsOf } from "./promotion.js";

test("promotionsOf() names each interface of an instance that asks for it once", () => {
  const instances = ["eth0", "eth1", "eth0"].map((name) =>
    instanceOf({ interface: name, promoteSecondaries: true }),
  );
  const setting = { family: "ipv4", name: "promote_secondaries", value: 1 };
  assert.deepEqual(promotionsOf([...instances, instanceOf({ interface: "eth2" })]), [
    { ...setting, interface: "eth0" },
    { ...setting, interface: "eth1" },
  ]);
});
