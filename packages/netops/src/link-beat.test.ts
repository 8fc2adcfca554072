// The state of a medium by ioctl(2), in a network namespace of the test's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { linkBeat, linkBeatMethods } from "./link-beat.js";

test("linkBeat() tells what the interface answers, or why it does not", () => {
  // The loopback interface is there on every host.
  assert.equal(linkBeat("lo", "IOCTL"), true);
  assert.equal(linkBeat("lo", "ETHTOOL"), true);
  assert.match(String(linkBeat("lo", "MII")), /^(EOPNOTSUPP|EINVAL|ENOTTY)$/);
  for (const method of linkBeatMethods) {
    for (const name of ["no-such-link", "longer-than-any-interface", ""]) {
      assert.match(String(linkBeat(name, method)), /^(ENODEV|EINVAL)$/, `${method} ${name}`);
    }
  }
});
