// The VRRP process on a real kernel, with this test as its parent: addresses, announcements,
// signals, stop, death and resumption, links that come and go. What peers make of its packets is
// test/interop's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import { startCapture } from "../lab/capture.js";
import { adverts, gratuitousArps } from "../lab/frames.js";
import type { Host } from "../lab/host.js";
import { createLab, type Lab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";
import { instanceConfig, VrrpChild, virtualAddress, vrrpConfig } from "./vrrp-process-driver.js";

const vip = "192.0.2.100";
const fast = { version: 3, advertIntervalUs: 100_000 } as const;

interface Scene {
  readonly lab: Lab;
  readonly host: Host;
}

async function withHost(play: (scene: Scene) => Promise<void>): Promise<void> {
  const lab = await createLab("vrrp-process");
  try {
    const host = await lab.addHost("router", { address: "192.0.2.1/24" });
    await play({ lab, host });
  } finally {
    await lab.close();
  }
}

async function startMaster(host: Host, config = instanceConfig(fast)): Promise<VrrpChild> {
  const child = new VrrpChild(host);
  await child.configure(vrrpConfig(config));
  await child.waitForState("MASTER");
  await waitFor("the virtual address", () => host.holds(vip));
  return child;
}

function gone(host: Host): Promise<unknown> {
  return waitFor("the virtual address gone", async () => !(await host.holds(vip)));
}

test("the VRRP process adds addresses with all their attributes", async () => {
  await withHost(async ({ host }) => {
    const config = instanceConfig({
      ...fast,
      virtualAddresses: [
        virtualAddress(vip, { label: "eth0:vip", broadcast: "192.0.2.255" }),
        virtualAddress("198.51.100.7", { prefixLength: 32, scope: 253 }),
      ],
      excludedAddresses: [virtualAddress("203.0.113.9", { device: "lo", prefixLength: 32 })],
    });
    const child = await startMaster(host, config);
    await waitFor("the last address", () => host.holds("203.0.113.9"));
    const shown = (await host.ip("-o", "address", "show")).replaceAll(/ +/g, " ");
    assert.match(shown, /eth0 inet 192\.0\.2\.100\/24 brd 192\.0\.2\.255 scope global .*eth0:vip/);
    assert.match(shown, /eth0 inet 198\.51\.100\.7\/32 scope link/);
    assert.match(shown, /lo inet 203\.0\.113\.9\/32 scope global/);
    assert.equal(await child.stop(), 0);
    const left = await host.addresses();
    assert.deepEqual(
      left.filter((address) => /^(192\.0\.2|198|203)/.test(address)),
      ["192.0.2.1/24"],
    );
  });
});

test("the VRRP process sends advert, five gratuitous ARPs, priority 0", async () => {
  await withHost(async ({ lab, host }) => {
    const capture = await startCapture(lab.lan);
    const child = await startMaster(host);
    await waitFor("the burst", async () => gratuitousArps(capture.frames()).length === 5);
    assert.equal(await child.stop(), 0);
    await waitFor("priority 0", async () => adverts(capture.frames()).at(-1)?.priority === 0);
    const frames = await capture.stop();
    const hardware = await host.hardwareAddress("eth0");
    const announced = gratuitousArps(frames);
    assert.deepEqual(
      announced.map(({ address, hardwareAddress }) => `${address} ${hardwareAddress}`),
      Array<string>(5).fill(`${vip} ${hardware}`),
    );
    const sent = adverts(frames);
    assert((sent[0]?.atUs ?? 0) < (announced[0]?.atUs ?? 0));
    assert.deepEqual([...new Set(sent.map(({ priority }) => priority))], [100, 0]);
    const [advert] = sent;
    assert.deepEqual(
      [advert?.source, advert?.destination, advert?.ttl, advert?.addressCount],
      ["192.0.2.1", "224.0.0.18", 255, 1],
    );
    const frame = frames.find(({ bytes }) => bytes.readUInt16BE(12) === 0x0806);
    const mac = hardware.replaceAll(":", "");
    assert.equal(
      frame?.bytes.subarray(0, 42).toString("hex"),
      `ffffffffffff${mac}08060001080006040001${mac}c0000264ffffffffffffc0000264`,
    );
  });
});

test("the VRRP process that was killed is followed by one that goes on as MASTER", async () => {
  await withHost(async ({ lab, host }) => {
    const first = await startMaster(host);
    await first.kill();
    assert.equal(await host.holds(vip), true);
    const capture = await startCapture(lab.lan);
    const second = new VrrpChild(host);
    await second.configure(vrrpConfig(instanceConfig(fast)), first.snapshots());
    const snapshot = await second.waitForState("MASTER");
    await waitFor("an advert", async () => adverts(capture.frames()).length > 0);
    assert.equal(await host.holds(vip), true);
    assert.equal(
      second.messages.some((m) => m.type === "instanceState" && m.previous !== "MASTER"),
      false,
    );
    assert.equal(snapshot.effectivePriority, 100);
    await capture.stop();
    assert.equal(await second.stop(), 0);
    assert.equal(await host.holds(vip), false);
  });
});

test("the VRRP process removes what a predecessor left when it starts as BACKUP", async () => {
  await withHost(async ({ host }) => {
    const first = await startMaster(host);
    await first.kill();
    const second = new VrrpChild(host);
    await second.configure(vrrpConfig(instanceConfig()));
    await gone(host);
    assert.equal(await second.stop(), 0);
  });
});

test("the VRRP process follows its interface down and up", async () => {
  await withHost(async ({ host }) => {
    const child = await startMaster(host);
    let from = child.messages.length;
    await host.setLink("eth0", "down");
    await child.waitForState("FAULT", "VI_1", from);
    await gone(host);
    from = child.messages.length;
    await host.setLink("eth0", "up");
    await child.waitForState("BACKUP", "VI_1", from);
    await child.waitForState("MASTER", "VI_1", from);
    from = child.messages.length;
    await host.setPlugged("eth0", false);
    await child.waitForState("FAULT", "VI_1", from);
    from = child.messages.length;
    await host.setPlugged("eth0", true);
    await child.waitForState("MASTER", "VI_1", from);
    await waitFor("the virtual address", () => host.holds(vip));
    assert.equal(await child.stop(), 0);
  });
});

test("the VRRP process uses the interface that comes in place of a deleted one", async () => {
  await withHost(async ({ lab, host }) => {
    const child = await startMaster(host);
    let from = child.messages.length;
    await host.ip("link", "delete", "eth0");
    await child.waitForState("FAULT", "VI_1", from);
    from = child.messages.length;
    await host.attach({ segment: lab.lan, interface: "eth0", addresses: ["192.0.2.1/24"] });
    await child.waitForState("MASTER", "VI_1", from);
    await waitFor("the virtual address", () => host.holds(vip));
    const capture = await startCapture(lab.lan);
    await waitFor("an advert", async () => adverts(capture.frames()).length > 0);
    await capture.stop();
    assert.equal(await child.stop(), 0);
  });
});

test("the VRRP process takes its addresses off an interface that gets another name", async () => {
  await withHost(async ({ host }) => {
    const labelled = virtualAddress("192.0.2.101", { label: "eth0:vip" });
    const many = Array.from({ length: 100 }, (_, i) => virtualAddress(`198.51.100.${i + 1}`));
    const virtualAddresses = [virtualAddress(vip), labelled, ...many];
    const child = await startMaster(host, instanceConfig({ ...fast, virtualAddresses }));
    await waitFor("the last address", () => host.holds("198.51.100.100"));
    let from = child.messages.length;
    await host.rename("eth0", "wan0");
    await child.waitForState("FAULT", "VI_1", from);
    await waitFor("none but its own", async () => {
      const held = await host.addresses();
      return held.filter((address) => /^(192|198)/.test(address)).join() === "192.0.2.1/24";
    });
    from = child.messages.length;
    await host.rename("wan0", "eth0");
    await child.waitForState("MASTER", "VI_1", from);
    await waitFor("the last address", () => host.holds("198.51.100.100"));
    assert.equal(await child.stop(), 0);
  });
});

test("the VRRP process starts without its interface and takes part when it appears", async () => {
  await withHost(async ({ lab, host }) => {
    const child = new VrrpChild(host);
    const config = instanceConfig({ ...fast, interface: "eth7" });
    await child.configure(vrrpConfig(config));
    await child.waitForState("FAULT");
    await host.attach({ segment: lab.lan, interface: "eth7", addresses: ["192.0.2.7/24"] });
    await child.waitForState("MASTER");
    await waitFor("the virtual address", () => host.holds(vip));
    assert.equal(await child.stop(), 0);
  });
});

test("the VRRP process moves only the difference at a reload and stays MASTER", async () => {
  await withHost(async ({ host }) => {
    const child = await startMaster(host);
    const from = child.messages.length;
    const config = instanceConfig({
      ...fast,
      virtualAddresses: [virtualAddress(vip), virtualAddress("192.0.2.101")],
    });
    await child.configure(vrrpConfig(config));
    await waitFor("the second address", () => host.holds("192.0.2.101"));
    await child.configure(vrrpConfig(instanceConfig(fast)));
    await waitFor("one address", async () => !(await host.holds("192.0.2.101")));
    assert.equal(await host.holds(vip), true);
    const states = child.messages
      .slice(from)
      .flatMap((message) => (message.type === "instanceState" ? [message.snapshot.state] : []));
    assert.equal(
      states.some((state) => state !== "MASTER"),
      false,
    );
    await child.configure(vrrpConfig());
    await child.waitFor((message) => message.type === "instanceRemoved");
    await gone(host);
    assert.equal(await child.stop(), 0);
  });
});

test("the VRRP process puts back, with vip_repair, what somebody else removes", async () => {
  await withHost(async ({ host }) => {
    const child = await startMaster(host, instanceConfig({ ...fast, vipRepair: true }));
    const change = await host.ip("address", "delete", `${vip}/24`, "dev", "eth0");
    assert.equal(change, "");
    const told = /192\.0\.2\.100 of eth0 was removed, by netlink port \d+ .*; put back/;
    await waitFor("word of it", async () => told.test(child.logTexts().join("\n")));
    await waitFor("the address to be back", () => host.holds(vip));
    assert.equal(await child.stop(), 0);
    assert.equal(await host.holds(vip), false);
  });
});

test("the VRRP process keeps the others of a subnet when a reload drops the first", async () => {
  await withHost(async ({ host }) => {
    const [first, second] = ["198.51.100.1", "198.51.100.2"].map((address) =>
      virtualAddress(address),
    );
    assert.ok(first !== undefined && second !== undefined);
    const config = instanceConfig({ ...fast, virtualAddresses: [virtualAddress(vip)] });
    const child = await startMaster(host, { ...config, excludedAddresses: [first, second] });
    await waitFor("the second address", () => host.holds(second.address));
    await child.configure(vrrpConfig({ ...config, excludedAddresses: [second] }));
    await waitFor("the first address gone", async () => !(await host.holds(first.address)));
    await waitFor("the second address", () => host.holds(second.address));
    assert.equal(await child.stop(), 0);
  });
});

test("the VRRP process leaves an owner its own address, at a fault and at the end", async () => {
  await withHost(async ({ host }) => {
    const own = virtualAddress("192.0.2.1");
    const config = instanceConfig({ ...fast, basePriority: 255, virtualAddresses: [own] });
    const child = new VrrpChild(host);
    await child.configure(vrrpConfig({ ...config, wantedState: "MASTER" }));
    await child.waitForState("MASTER");
    await host.ip("link", "set", "eth0", "down");
    await child.waitForState("FAULT");
    const from = child.messages.length;
    await host.ip("link", "set", "eth0", "up");
    await child.waitForState("MASTER", "VI_1", from);
    assert.equal(await child.stop(), 0);
    assert.equal(await host.holds("192.0.2.1"), true);
  });
});

test("the VRRP process is not ended by signals that are meant for its parent", async () => {
  await withHost(async ({ host }) => {
    const child = await startMaster(host);
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const) {
      child.process.kill(signal);
    }
    await host.must(["kill", "-36", String(child.pid)]);
    child.send({ type: "reportStatistics", clears: false });
    const statistics = await child.waitFor((message) => message.type === "statistics");
    assert(statistics.type === "statistics");
    assert((statistics.instances[0]?.counters["advertisementsSent"] ?? 0) > 0);
    assert.equal(await host.holds(vip), true);
    assert.equal(await child.stop(), 0);
  });
});

test("the VRRP process resigns in good order when its parent is gone", async () => {
  await withHost(async ({ lab, host }) => {
    const child = await startMaster(host);
    const capture = await startCapture(lab.lan);
    child.process.disconnect();
    assert.deepEqual(await child.exited, { code: 0, signal: null });
    assert.equal(await host.holds(vip), false);
    await waitFor("priority 0", async () => adverts(capture.frames()).at(-1)?.priority === 0);
    await capture.stop();
  });
});

test("the VRRP process that stands still during its stop leaves no address", async () => {
  await withHost(async ({ host }) => {
    const many = Array.from({ length: 3_000 }, (_, i) =>
      virtualAddress(`10.${1 + (i >> 8)}.${i & 255}.1`, { prefixLength: 32 }),
    );
    const child = await startMaster(host, instanceConfig({ ...fast, excludedAddresses: many }));
    await waitFor("all addresses", async () => (await host.addresses()).length > 3_000);
    child.send({ type: "stop" });
    await waitFor("the first one gone", async () => (await host.addresses()).length < 3_000);
    child.process.kill("SIGSTOP");
    await new Promise((wake) => setTimeout(wake, 1_500));
    child.process.kill("SIGCONT");
    assert.deepEqual(await child.exited, { code: 0, signal: null });
    assert.deepEqual(
      (await host.addresses()).filter((address) => /^10\./.test(address)),
      [],
    );
  });
});

test("the VRRP process says what is missing when it has no privileges", async () => {
  await withHost(async ({ host }) => {
    const child = new VrrpChild(host, [
      "setpriv",
      "--bounding-set=-net_raw",
      "--inh-caps=-net_raw",
    ]);
    child.send({
      type: "configure",
      generation: 1,
      config: vrrpConfig(instanceConfig()),
      resume: [],
      trackers: [],
    });
    const failed = await child.waitFor((message) => message.type === "failed");
    assert(failed.type === "failed");
    assert.equal(failed.exitCode, 4);
    assert.match(failed.error.message, /^Cannot run VRRP: .*EPERM.*CAP_NET_RAW/);
    assert.equal((await child.exited).code, 4);
  });
});

test("the VRRP process has the nice value of its configuration and its own name", async () => {
  await withHost(async ({ host }) => {
    const child = new VrrpChild(host);
    await child.configure({
      ...emptyVrrpConfig,
      process: { ...emptyVrrpConfig.process, nicePriority: -7 },
      instances: [instanceConfig()],
    });
    const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    assert.equal(fields[16], "-7");
    assert.equal(readFileSync(`/proc/${child.pid}/comm`, "utf8"), "keepalived_vrrp\n");
    assert.equal(await child.stop(), 0);
  });
});

test("the VRRP process logs a message of unknown shape and goes on", async () => {
  await withHost(async ({ host }) => {
    const child = await startMaster(host);
    child.process.send({ type: "configure", generation: "two" });
    await child.waitFor(
      (message) => message.type === "log" && message.record.text.startsWith("Cannot accept IPC"),
    );
    assert.equal(await child.stop(), 0);
  });
});
