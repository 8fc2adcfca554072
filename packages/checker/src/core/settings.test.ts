// What global_defs says of IPVS as a whole, and ha_suspend.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckerConfig, CheckerIpvsConfig } from "@keepalived-ts/shared-config/schema/config";
import { config, realServer, second, virtualServer } from "../testing/builders.js";
import { failed, Harness, passed, targetOf } from "../testing/harness.js";
import { virtualServerSnapshots } from "./pool.js";

function withSettings(changes: Partial<CheckerIpvsConfig>): CheckerConfig {
  const plain = config(virtualServer(1, [realServer(1)]));
  return { ...plain, ipvs: { ...plain.ipvs, ...changes } };
}

test("lvs_flush empties the table before anything else, at a start only", () => {
  const harness = new Harness();
  const other = new Harness();
  other.configure(config(virtualServer(9, [realServer(1)])));
  for (const [text, one] of other.kernel.services) harness.kernel.services.set(text, one);
  harness.configure(withSettings({ lvsFlush: true }));
  assert.deepEqual([...harness.kernel.services.keys()], ["TCP 192.0.2.1 80"]);
  harness.configure(withSettings({ lvsFlush: true }));
  assert.deepEqual(harness.controls, [{ type: "flush" }]);
  const successor = new Harness();
  successor.configure(withSettings({ lvsFlush: true }), [], virtualServerSnapshots(harness.pool));
  assert.deepEqual(successor.controls, [], "a child that takes over finds its own services");
});

test("lvs_flush_on_stop empties the table at once, VS deletes the own services", () => {
  for (const [lvsFlushOnStop, orders, controls] of [
    ["all", [], [{ type: "flush" }]],
    ["VS", ["deleteService"], []],
    ["no", ["deleteService"], []],
  ] as const) {
    const harness = new Harness();
    harness.configure(withSettings({ lvsFlushOnStop }));
    harness.kernel.orders.length = 0;
    harness.feed({ type: "stopRequested" });
    const types = harness.kernel.orders.map(({ type }) => type);
    assert.deepEqual([types, harness.controls], [orders, controls]);
  }
});

test("lvs_timeouts are set at the start and when they change", () => {
  const harness = new Harness();
  harness.configure(withSettings({ lvsTcpTimeoutS: 100 }));
  harness.configure(withSettings({ lvsTcpTimeoutS: 100 }));
  harness.configure(withSettings({ lvsTcpTimeoutS: 100, lvsUdpTimeoutS: 30 }));
  assert.deepEqual(harness.controls, [
    { type: "setTimeouts", tcpS: 100, tcpFinS: 0, udpS: 0 },
    { type: "setTimeouts", tcpS: 100, tcpFinS: 0, udpS: 30 },
  ]);
});

test("lvs_sync_daemon: without an instance both daemons run until the stop", () => {
  const harness = new Harness();
  const words = { interface: "eth0", syncId: 5, port: 9000 };
  harness.configure(withSettings({ lvsSyncDaemon: words }));
  harness.configure(withSettings({ lvsSyncDaemon: words }));
  harness.feed({ type: "syncMasterChanged", isMaster: true });
  harness.feed({ type: "stopRequested" });
  assert.deepEqual(harness.controls, [
    { type: "stopDaemon", state: "MASTER" },
    { type: "startDaemon", daemon: { state: "MASTER", ...words } },
    { type: "stopDaemon", state: "BACKUP" },
    { type: "startDaemon", daemon: { state: "BACKUP", ...words } },
    { type: "stopDaemon", state: "MASTER" },
    { type: "stopDaemon", state: "BACKUP" },
  ]);
});

test("lvs_sync_daemon follows its instance, and a reload that changes it starts it anew", () => {
  const harness = new Harness();
  const words = { interface: "eth0", syncId: 5 };
  const steps = (): string[] =>
    harness.controls.splice(0).flatMap((one) => {
      if (one.type === "startDaemon") return [`start ${one.daemon.state} ${one.daemon.syncId}`];
      return one.type === "stopDaemon" ? [`stop ${one.state}`] : [];
    });
  harness.configure(withSettings({ lvsSyncDaemon: { ...words, instance: "VI_1" } }));
  assert.deepEqual(steps(), ["stop BACKUP", "start BACKUP 5"]);
  harness.feed({ type: "syncMasterChanged", isMaster: true });
  assert.deepEqual(steps(), ["stop BACKUP", "stop MASTER", "start MASTER 5"]);
  harness.feed({ type: "syncMasterChanged", isMaster: true });
  assert.deepEqual(steps(), []);
  harness.feed({ type: "syncMasterChanged", isMaster: false });
  assert.deepEqual(steps(), ["stop MASTER", "stop BACKUP", "start BACKUP 5"]);
  harness.configure(withSettings({ lvsSyncDaemon: { ...words, syncId: 6, instance: "VI_1" } }));
  assert.deepEqual(steps(), ["stop BACKUP", "stop BACKUP", "start BACKUP 6"]);
  harness.configure(withSettings({}));
  assert.deepEqual(steps(), ["stop BACKUP"]);
});

test("what the kernel refuses is told, a daemon that did not run is not", () => {
  const harness = new Harness();
  harness.configure(withSettings({}));
  harness.told = [];
  const stop = { type: "stopDaemon", state: "MASTER" } as const;
  harness.feed({ type: "ipvsControlFailed", control: stop, error: "ESRCH" });
  const daemon = { state: "BACKUP", interface: "eth7", syncId: 0 } as const;
  const start = { type: "startDaemon", daemon } as const;
  harness.feed({ type: "ipvsControlFailed", control: start, error: "ENODEV" });
  assert.deepEqual(harness.logs(), ["Cannot start the IPVS sync daemon BACKUP on eth7: ENODEV"]);
});

test("rs_init_notifies tells of every server that is up at the start", () => {
  const harness = new Harness();
  harness.configure(withSettings({ rsInitNotifies: true }));
  assert.deepEqual(
    harness.notices().map(({ fifoLine }) => fifoLine),
    ["RS [10.0.0.1]:tcp:80 [192.0.2.1]:tcp:80 UP", "VS [192.0.2.1]:tcp:80 UP"].sort(),
  );
});

test("ha_suspend: checks run only while this host has the address", () => {
  const harness = new Harness();
  const suspended = virtualServer(1, [realServer(1)], { haSuspend: true });
  harness.configure(config(suspended, virtualServer(2, [realServer(2)])));
  assert.equal(harness.told.filter(({ type }) => type === "watchAddresses").length, 1);
  harness.advance(60 * second);
  const targets = (): string[] => [...harness.probes.values()].map(({ check }) => targetOf(check));
  assert.deepEqual(targets(), ["10.0.0.2"]);
  assert.deepEqual(harness.addresses(1), ["10.0.0.1"], "its servers are in the table all the same");
  harness.feed({ type: "addressesChanged", addresses: ["192.0.2.7", "192.0.2.1"] });
  assert.ok(
    harness
      .logs()
      .includes("Activating healthchecker for service [10.0.0.1]:tcp:80 for VS [192.0.2.1]:tcp:80"),
  );
  harness.probe("10.0.0.1", passed);
  while (!targets().includes("10.0.0.1")) harness.step();
  harness.feed({ type: "addressesChanged", addresses: [] });
  harness.finish("10.0.0.1", failed);
  harness.advance(60 * second);
  assert.ok(!targets().includes("10.0.0.1"));
  harness.configure(config(virtualServer(1, [realServer(1)]), virtualServer(2, [realServer(2)])));
  harness.probe("10.0.0.1", passed);
});

test("ha_suspend of a group: one of its addresses is enough", () => {
  const harness = new Harness();
  const entries = [{ kind: "addresses", first: "192.0.2.1", last: "192.0.2.9", port: 80 }] as const;
  const key = { kind: "group", group: "web", family: 4, protocol: "TCP" } as const;
  const suspended = virtualServer(1, [realServer(1)], { haSuspend: true, key, name: "[web]:0" });
  harness.configure({ ...config(suspended), groups: [{ name: "web", entries }] });
  harness.advance(60 * second);
  assert.equal(harness.probes.size, 0);
  harness.feed({ type: "addressesChanged", addresses: ["192.0.2.5"] });
  harness.probe("10.0.0.1", passed);
});
