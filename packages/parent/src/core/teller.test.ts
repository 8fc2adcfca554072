// What is news of all that the VRRP process says, and what is run for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  FromVrrp,
  InstanceSnapshot,
  VrrpStateName,
} from "@keepalived-ts/shared-config/ipc/messages";
import type {
  InstanceNotifyConfig,
  SyncGroupConfig,
  VrrpConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import { buildInstance, buildSnapshot } from "../testing/builders.js";
import type { Notice } from "./notice.js";
import { configureTeller, createTeller, type Teller, tell, tellRest } from "./teller.js";

const settings = { noEmailFaults: false };

const script = (name: string) => ({ argv: [name, "arg"], user: "root" });

const scripts = {
  notifyMaster: script("master"),
  notifyBackup: script("backup"),
  notifyFault: script("fault"),
  notifyStop: script("stop"),
  notifyMasterReceivedLowerPriority: script("lower"),
  notify: script("all"),
};

const group: SyncGroupConfig = {
  name: "G",
  members: ["VI_1"],
  track: buildInstance().track,
  smtpAlert: false,
  notifyPriorityChanges: false,
  trackingWeights: false,
  notifyStop: script("group-stop"),
  notify: script("group"),
};

function config(more: Partial<InstanceNotifyConfig> = {}): VrrpConfig {
  const instance = buildInstance({ ...scripts, ...more });
  return { ...emptyVrrpConfig, instances: [instance], syncGroups: [group] };
}

function tellerOf(more: Partial<InstanceNotifyConfig> = {}): Teller {
  const teller = createTeller();
  configureTeller(teller, config(more), settings);
  return teller;
}

function state(now: VrrpStateName, more: Partial<InstanceSnapshot> = {}): FromVrrp {
  return {
    type: "instanceState",
    previous: "INIT",
    snapshot: buildSnapshot({ state: now, ...more }),
  };
}

const removed: FromVrrp = { type: "instanceRemoved", instance: "VI_1" };

function groupState(now: VrrpStateName): FromVrrp {
  return { type: "groupState", group: "G", previous: "INIT", state: now };
}

/** "STATE: script words; script words". */
function summary(notice: Notice | undefined): string | undefined {
  if (notice === undefined) return undefined;
  const commands = notice.scripts.map(({ argv }) => argv.join(" ")).join("; ");
  return `${notice.title.split(" ").at(-1)}: ${commands}`;
}

function told(teller: Teller, ...messages: FromVrrp[]): (string | undefined)[] {
  return messages.map((message) => summary(tell(teller, message)));
}

test("tell() names the script of the state and the one of all, with keepalived's words", () => {
  const teller = tellerOf();
  assert.deepEqual(told(teller, state("BACKUP"), state("MASTER"), state("FAULT")), [
    "BACKUP: backup arg; all arg INSTANCE VI_1 BACKUP 100",
    "MASTER: master arg; all arg INSTANCE VI_1 MASTER 100",
    "FAULT: fault arg; all arg INSTANCE VI_1 FAULT 100",
  ]);
  teller.isStopping = true;
  assert.deepEqual(told(teller, state("INIT")), ["STOP: stop arg; all arg INSTANCE VI_1 STOP 100"]);
  assert.deepEqual(told(teller, state("INIT")), [undefined]);
});

test("tell() is silent while the state stays: at a reload, and after a child's death", () => {
  const teller = tellerOf();
  tell(teller, state("MASTER"));
  configureTeller(teller, config(), settings);
  const again = state("MASTER", { masterAddress: "192.0.2.9" });
  assert.deepEqual(told(teller, again, state("INIT"), state("MASTER")), [
    undefined,
    undefined,
    undefined,
  ]);
});

test("tell() tells FIFOs of another priority where that is wanted", () => {
  const quiet = tellerOf();
  const change = (teller: Teller): (string | undefined)[] =>
    told(
      teller,
      state("BACKUP"),
      state("BACKUP", { effectivePriority: 90 }),
      state("MASTER", { effectivePriority: 80 }),
      state("MASTER", { effectivePriority: 70 }),
      state("FAULT", { effectivePriority: 70 }),
      state("FAULT", { effectivePriority: 60 }),
    ).slice(1);
  assert.deepEqual(
    change(quiet).map((each) => each?.split(":")[0]),
    [undefined, "MASTER", undefined, "FAULT", undefined],
  );
  assert.deepEqual(change(tellerOf({ notifyPriorityChanges: true })), [
    "BACKUP_PRIORITY: ",
    "MASTER: master arg; all arg INSTANCE VI_1 MASTER 80",
    "MASTER_PRIORITY: ",
    "FAULT: fault arg; all arg INSTANCE VI_1 FAULT 70",
    undefined,
  ]);
});

test("tell() says that a MASTER has heard a lower priority, by its own script only", () => {
  const teller = tellerOf();
  const heard: FromVrrp = { type: "lowerPriorityReceived", instance: "VI_1" };
  assert.deepEqual(told(teller, heard, state("MASTER"), heard), [
    undefined,
    "MASTER: master arg; all arg INSTANCE VI_1 MASTER 100",
    "MASTER_RX_LOWER_PRI: lower arg",
  ]);
});

test("tell() calls a removed instance FAULT, or DELETED with notify_deleted", () => {
  const rows: [Partial<InstanceNotifyConfig>, string][] = [
    [{}, "FAULT: all arg INSTANCE VI_1 FAULT 100"],
    [{ reportDeleted: true }, "DELETED: all arg INSTANCE VI_1 DELETED 100"],
    [
      { reportDeleted: true, notifyDeleted: script("deleted") },
      "DELETED: deleted arg; all arg INSTANCE VI_1 DELETED 100",
    ],
  ];
  for (const [more, expected] of rows) {
    const teller = tellerOf(more);
    tell(teller, state("BACKUP"));
    configureTeller(teller, { ...emptyVrrpConfig, syncGroups: [] }, settings);
    assert.deepEqual(told(teller, removed, removed), [expected, undefined]);
    // The last instance of a configuration ends with its process.
    const last = tellerOf(more);
    tell(last, state("BACKUP"));
    configureTeller(last, undefined, settings);
    assert.deepEqual(told(last, state("INIT"), state("INIT")), [expected, undefined]);
    configureTeller(last, undefined, settings);
    assert.equal(last.instances.size, 0);
  }
});

test("tell() tells of groups without a priority", () => {
  const teller = tellerOf();
  assert.deepEqual(told(teller, groupState("BACKUP"), groupState("BACKUP"), groupState("INIT")), [
    "BACKUP: group arg GROUP G BACKUP 0",
    undefined,
    undefined,
  ]);
  teller.isStopping = true;
  assert.deepEqual(told(teller, groupState("INIT")), [
    "STOP: group-stop arg; group arg GROUP G STOP 0",
  ]);
});

test("tellRest() tells the end of what a killed child could not", () => {
  const teller = tellerOf();
  tell(teller, state("MASTER"));
  tell(teller, groupState("MASTER"));
  teller.isStopping = true;
  assert.deepEqual(tellRest(teller).map(summary), [
    "STOP: stop arg; all arg INSTANCE VI_1 STOP 100",
    "STOP: group-stop arg; group arg GROUP G STOP 0",
  ]);
  assert.deepEqual(tellRest(teller), []);
});

test("tell() writes keepalived's lines, and mail where that is wanted", () => {
  const teller = tellerOf({ smtpAlert: true });
  const mails = (["BACKUP", "MASTER", "FAULT"] as const).map((each) => tell(teller, state(each)));
  assert.deepEqual(
    mails.map((notice) => [notice?.line, notice?.mail?.subject, notice?.mail?.body]),
    [
      [
        'INSTANCE "VI_1" BACKUP 100\n',
        "VRRP Instance VI_1 - Entering BACKUP state",
        "=> VRRP Instance is no longer owning VRRP VIPs <=",
      ],
      [
        'INSTANCE "VI_1" MASTER 100\n',
        "VRRP Instance VI_1 - Entering MASTER state",
        "=> VRRP Instance is now owning VRRP VIPs <=",
      ],
      [
        'INSTANCE "VI_1" FAULT 100\n',
        "VRRP Instance VI_1 - Entering FAULT state",
        "=> VRRP Instance is no longer owning VRRP VIPs <=",
      ],
    ],
  );
  configureTeller(teller, config({ smtpAlert: true }), { noEmailFaults: true });
  tell(teller, state("BACKUP"));
  assert.equal(tell(teller, state("FAULT"))?.mail, undefined);
  assert.equal(tell(tellerOf(), state("MASTER"))?.mail, undefined);
  assert.equal(tell(teller, groupState("MASTER"))?.mail, undefined);
});
