// Tracking: what scripts, files, processes and interfaces do to the priority and the state, as
// keepalived's vrrp/vrrp_track.c has it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TrackerKind } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  TrackReferences,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { emptyTrackReferences } from "@keepalived-ts/shared-config/schema/config-empty";
import type { VrrpAction } from "./action.js";
import { Bench, brief, briefOrders, instanceOf, linkFact, second } from "./fixtures.js";

const chk = { name: "chk", weight: 0, reverse: false };

function tracking(track: Partial<TrackReferences>): Partial<VrrpInstanceConfig> {
  return { track: { ...emptyTrackReferences, ...track } };
}

/** Configured just now, with what watchers said before. */
function bench(
  track: Partial<TrackReferences>,
  known: readonly [TrackerKind, number][] = [],
  overrides: Partial<VrrpInstanceConfig> = {},
): Bench {
  const made = new Bench(instanceOf({ ...overrides, ...tracking(track) }));
  made.trackers = known.map(([kind, value]) => ({ kind, name: "chk", value }));
  made.configure();
  return made;
}

function tell(on: Bench, kind: TrackerKind, value: number): VrrpAction[] {
  return on.handle({ type: "trackerChanged", report: { kind, name: "chk", value } });
}

test("a weight of 0 makes a failure a FAULT, from which an instance comes back as BACKUP", () => {
  const on = bench({ scripts: [chk] }, [["script", 1]]);
  on.elapse(5 * second);
  assert.equal(on.state(), "MASTER");
  assert.deepEqual(briefOrders(tell(on, "script", 0)), [
    "advert 0",
    "remove 192.0.2.100",
    "report MASTER to FAULT",
  ]);
  assert.deepEqual(briefOrders(tell(on, "script", 1)), ["report FAULT to BACKUP"]);
});

test("an instance with a script that has not reported yet stays in INIT and tells nobody", () => {
  const on = bench({ scripts: [chk] });
  assert.equal(on.state(), "INIT");
  assert.deepEqual(briefOrders(on.elapse(60 * second)), []);
  assert.deepEqual(briefOrders(tell(on, "script", 1)).slice(-1), ["report INIT to BACKUP"]);
  const failing = bench({ scripts: [chk] });
  assert.deepEqual(briefOrders(tell(failing, "script", 0)).slice(-1), ["report INIT to FAULT"]);
});

test("a positive weight counts while all is well, a negative one while it is not", () => {
  for (const [weight, well, failed] of [
    [20, 120, 100],
    [-30, 100, 70],
    [253, 254, 100],
    [-253, 100, 1],
  ] as const) {
    const on = bench({ scripts: [{ ...chk, weight }] }, [["script", 1]]);
    assert.equal(on.snapshot().effectivePriority, well, `${weight} well`);
    tell(on, "script", 0);
    assert.equal(on.snapshot().effectivePriority, failed, `${weight} failed`);
    assert.equal(on.state(), "BACKUP");
  }
});

test("reverse swaps well and failed", () => {
  const on = bench({ scripts: [{ ...chk, weight: -30, reverse: true }] }, [["script", 1]]);
  assert.equal(on.snapshot().effectivePriority, 70);
  tell(on, "script", 0);
  assert.equal(on.snapshot().effectivePriority, 100);
  const faulty = bench({ processes: [{ ...chk, reverse: true }] }, [["process", 1]]);
  assert.equal(faulty.state(), "FAULT");
});

test("the number in a file is multiplied by its weight; far below it is a FAULT", () => {
  for (const [weight, value, priority, state] of [
    [1, 10, 110, "BACKUP"],
    [1, -10, 90, "BACKUP"],
    [2, 1000, 254, "BACKUP"],
    [1, -253, 1, "BACKUP"],
    [1, -254, 100, "FAULT"],
    [-1, 254, 100, "FAULT"],
    [0, 0, 100, "BACKUP"],
    [0, 3, 100, "FAULT"],
  ] as const) {
    const on = bench({ files: [{ ...chk, weight }] }, [["file", value]]);
    assert.equal(on.snapshot().effectivePriority, priority, `${weight} x ${value}`);
    assert.equal(on.state(), state, `${weight} x ${value}`);
  }
});

test("weights add up and the sum is kept within 1 and 254", () => {
  const scripts = [{ ...chk, weight: 100 }];
  const files = [{ ...chk, weight: 1 }];
  const on = bench({ scripts, files }, [
    ["script", 1],
    ["file", 100],
  ]);
  assert.equal(on.snapshot().effectivePriority, 254);
  tell(on, "file", -150);
  assert.equal(on.snapshot().effectivePriority, 50);
});

test("an owner keeps its priority", () => {
  const scripts = [{ ...chk, weight: -100 }];
  const on = bench({ scripts }, [["script", 0]], { basePriority: 255 });
  assert.equal(on.snapshot().effectivePriority, 255);
});

test("a change of the priority moves the running timer of a BACKUP and is told", () => {
  const on = bench({ scripts: [{ ...chk, weight: -64 }] }, [["script", 1]]);
  const before = on.remaining();
  assert.deepEqual(brief(tell(on, "script", 0)), [
    "info: (VI_1) Changing effective priority from 100 to 36",
    "report BACKUP to BACKUP",
  ]);
  assert.equal(on.remaining() - before, second / 4);
  assert.deepEqual(brief(tell(on, "script", 0)), []);
});

test("a MASTER goes on with the new priority in its next advert", () => {
  const on = bench({ scripts: [{ ...chk, weight: -64 }] }, [["script", 1]]);
  on.elapse(5 * second);
  tell(on, "script", 0);
  assert.deepEqual(briefOrders(on.fire()), ["advert 36"]);
});

test("a tracked interface that is down or missing counts as failed", () => {
  const interfaces = [{ interface: "eth1", weight: 0, reverse: false }];
  const on = bench({ interfaces });
  assert.equal(on.state(), "FAULT");
  const link = linkFact({ index: 3, name: "eth1" });
  on.handle({ type: "linkChanged", link });
  assert.equal(on.state(), "BACKUP");
  on.handle({ type: "linkChanged", link: { ...link, isRunning: false } });
  assert.equal(on.state(), "FAULT");
  on.handle({ type: "linkRemoved", index: 3 });
  assert.equal(on.state(), "FAULT");
});

test("a tracked interface with a weight moves the priority only", () => {
  const on = bench({ interfaces: [{ interface: "eth1", weight: -40, reverse: false }] });
  assert.equal(on.snapshot().effectivePriority, 60);
  on.handle({ type: "linkChanged", link: linkFact({ index: 3, name: "eth1" }) });
  assert.equal(on.snapshot().effectivePriority, 100);
});

test("what a tracker said is forgotten when nothing tracks it any more", () => {
  const on = bench({ scripts: [chk] }, [["script", 0]]);
  assert.equal(on.state(), "FAULT");
  on.trackers = [];
  on.configure([instanceOf(tracking({}))]);
  on.elapse(5 * second);
  assert.equal(on.state(), "MASTER");
  on.configure([instanceOf(tracking({ scripts: [chk] }))]);
  assert.equal(on.state(), "MASTER", "until the script has said something new");
});

test("a priority that goes up and down puts no takeover off", () => {
  const on = bench({ scripts: [{ ...chk, weight: -10 }] }, [["script", 1]]);
  const start = on.now;
  on.elapse(3.4 * second);
  for (let value = 0; on.state() === "BACKUP" && on.now < start + 20 * second; value = 1 - value) {
    tell(on, "script", value);
    on.elapse(0.3 * second);
  }
  assert.equal(on.state(), "MASTER");
  assert.ok(on.now < start + 5 * second, `${on.now - start} us`);
});

test("a tracker that reports before it is tracked is remembered", () => {
  const on = bench({});
  tell(on, "script", 0);
  on.configure([{ ...on.config, ...tracking({ scripts: [{ ...chk, weight: -10 }] }) }]);
  assert.equal(on.snapshot().effectivePriority, 90);
});
