// mirror.ts: what is remembered of the children, and what a new child is told to go on with.

import assert from "node:assert/strict";
import { test } from "node:test";
import { buildChecker, buildInstance, buildSnapshot, buildVrrp } from "../testing/builders.js";
import {
  createMirror,
  forgetVrrp,
  recordChecker,
  recordVrrp,
  resumeChecker,
  resumeVrrp,
} from "./mirror.js";

const up = {
  virtualServer: "[192.0.2.1]:tcp:80",
  realServer: "[10.0.0.1]:tcp:80",
  isUp: true,
  weight: 1,
  checks: [true],
};

test("resumeVrrp() gives the last snapshot of each configured instance", () => {
  const mirror = createMirror();
  const last = buildSnapshot({ enteredAt: 7 });
  recordVrrp(mirror, { type: "instanceState", previous: "BACKUP", snapshot: buildSnapshot() });
  recordVrrp(mirror, { type: "instanceState", previous: "MASTER", snapshot: last });
  const other = buildSnapshot({ instance: "VI_2" });
  recordVrrp(mirror, { type: "instanceState", previous: "INIT", snapshot: other });
  const gone = buildSnapshot({ instance: "VI_3" });
  recordVrrp(mirror, { type: "instanceState", previous: "INIT", snapshot: gone });
  recordVrrp(mirror, { type: "instanceRemoved", instance: "VI_3" });
  const config = buildVrrp(buildInstance(), buildInstance({ name: "VI_3" }));
  assert.deepEqual(resumeVrrp(mirror, config, 0), [last]);
  forgetVrrp(mirror);
  assert.deepEqual(resumeVrrp(mirror, config, 0), []);
});

test("resumeVrrp() brings a MASTER back as BACKUP once its peers have given it up", () => {
  const mirror = createMirror();
  const master = buildSnapshot();
  recordVrrp(mirror, { type: "instanceState", previous: "BACKUP", snapshot: master });
  const config = buildVrrp(buildInstance({ downTimerAdverts: 3, advertIntervalUs: 1_000_000 }));
  assert.deepEqual(resumeVrrp(mirror, config, 2_999_999), [master]);
  assert.deepEqual(resumeVrrp(mirror, config, 3_000_000), [{ ...master, state: "BACKUP" }]);
});

test("resumeVrrp() leaves BACKUP and FAULT as they were, however long the outage", () => {
  for (const state of ["BACKUP", "FAULT"] as const) {
    const mirror = createMirror();
    const snapshot = buildSnapshot({ state, masterAddress: "192.0.2.9", masterPriority: 200 });
    recordVrrp(mirror, { type: "instanceState", previous: "INIT", snapshot });
    assert.deepEqual(resumeVrrp(mirror, buildVrrp(), 90_000_000), [snapshot]);
  }
});

test("resumeChecker() gives the last snapshots of the configured services", () => {
  const mirror = createMirror();
  const down = { ...up, isUp: false, checks: [false] };
  recordChecker(mirror, { type: "realServerState", snapshot: up, notice: null });
  recordChecker(mirror, { type: "realServerState", snapshot: down, notice: null });
  recordChecker(mirror, {
    type: "realServerState",
    snapshot: { ...up, realServer: "gone" },
    notice: null,
  });
  const { virtualServer } = up;
  recordChecker(mirror, { type: "realServerRemoved", virtualServer, realServer: "gone" });
  recordChecker(mirror, {
    type: "realServerState",
    snapshot: { ...up, virtualServer: "FWM 9" },
    notice: null,
  });
  assert.deepEqual(resumeChecker(mirror, buildChecker()), [down]);
});

test("recordChecker() takes the removal of a server that was never reported", () => {
  const mirror = createMirror();
  recordChecker(mirror, { type: "realServerRemoved", virtualServer: "a", realServer: "b" });
  assert.equal(mirror.realServers.size, 0);
});
