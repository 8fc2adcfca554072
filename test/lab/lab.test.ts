// Proves the laboratory itself against Debian's keepalived alone, before anything of ours is judged
// by it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { AddressWatch, holderSpans } from "./address-watch.js";
import { startCapture } from "./capture.js";
import { run } from "./command.js";
import { vrrpConfigText } from "./config-text.js";
import { isRunning, readStatistics, runDebianKeepalived } from "./daemon.js";
import { adverts, gratuitousArps } from "./frames.js";
import { createLab, type Lab } from "./lab.js";
import { realtimeUs, waitFor } from "./wait.js";

const VIP = "192.0.2.100";

function conf(priority: number): string {
  return vrrpConfigText([{ version: 3, advertInterval: 0.1, priority, addresses: [`${VIP}/24`] }]);
}

function namespacesOf(lab: Lab): string[] {
  return readdirSync("/run/netns").filter((name) => name.startsWith(lab.id));
}

test("createLab() connects hosts through the switch and close() leaves nothing", async () => {
  const lab = await createLab("plain");
  const left = await lab.addHost("left", { address: "192.0.2.1/24" });
  await lab.addHost("right", { address: "192.0.2.2/24" });
  const knock = await left.exec(["bash", "-c", "echo > /dev/tcp/192.0.2.2/9"]);
  assert.match(knock.stderr, /Connection refused/, "the other host's kernel has answered");
  assert.equal(await left.holds("192.0.2.1"), true);
  assert.equal(namespacesOf(lab).length, 3);
  await lab.close();
  assert.deepEqual(namespacesOf(lab), []);
  assert.equal(existsSync(lab.scratch), false);
});

test("setPlugged() takes the carrier away and gives it back", async (t) => {
  const lab = await createLab("plug");
  t.after(() => lab.close());
  const host = await lab.addHost("host", { address: "192.0.2.1/24" });
  const carrier = async (): Promise<boolean> =>
    (await host.ip("-o", "link", "show", "eth0")).includes("LOWER_UP");
  await waitFor("the carrier", carrier);
  await host.setPlugged("eth0", false);
  await waitFor("the carrier's loss", async () => !(await carrier()));
  await host.setPlugged("eth0", true);
  await waitFor("the carrier's return", carrier);
});

test("two Debian keepalived elect, fail over at SIGKILL and resign at SIGTERM", async (t) => {
  const lab = await createLab("debian");
  t.after(() => lab.close());
  const first = await lab.addHost("first", { address: "192.0.2.1/24" });
  const second = await lab.addHost("second", { address: "192.0.2.2/24" });
  const watches = [await AddressWatch.start(first), await AddressWatch.start(second)] as const;
  const capture = await startCapture(lab.lan);

  const master = runDebianKeepalived(first, conf(150));
  await watches[0].waitFor(VIP, true);
  const backup = runDebianKeepalived(second, conf(100));
  await waitFor(
    "the backup to hear",
    async () => ((await readStatistics(backup)).get("VI_1/Advertisements/Received") ?? 0) > 2,
  );
  assert.equal(await second.holds(VIP), false);
  const killedAtUs = realtimeUs();
  const processes = master.processes();
  assert.ok(processes.length >= 2, "a parent and a VRRP child");
  await master.kill();
  await watches[1].waitFor(VIP, true);
  for (const { pid } of processes) assert.equal(isRunning(pid), false);
  assert.equal((await backup.stop()).status, 0);
  await watches[1].waitFor(VIP, false);

  const frames = await capture.stop();
  const sent = adverts(frames);
  const takeover = sent.find((advert) => advert.source === "192.0.2.2");
  assert.ok(takeover !== undefined && takeover.atUs > killedAtUs);
  assert.equal(takeover.priority, 100);
  assert.equal(takeover.advertIntervalUs, 100_000);
  assert.equal(takeover.ttl, 255);
  assert.equal(sent.at(-1)?.priority, 0, "SIGTERM resigns with priority 0");
  const announced = gratuitousArps(frames).filter((arp) => arp.atUs >= takeover.atUs);
  assert.equal(announced[0]?.address, VIP);
  assert.equal(announced[0]?.hardwareAddress, await second.hardwareAddress("eth0"));
  const changes = watches.flatMap((watch) => watch.changes());
  const spans = holderSpans(changes, VIP, realtimeUs());
  assert.deepEqual(
    spans.map((span) => span.holders),
    [["first"], ["first", "second"], ["first"]],
    "a killed router keeps the address in its kernel",
  );
  for (const watch of watches) watch.stop();
});

test("createLab() removes what a dead test process has left, and nothing else", async (t) => {
  const own = await createLab("living");
  t.after(() => own.close());
  const folder = dirname(fileURLToPath(import.meta.url));
  const orphanMaker = spawn(process.execPath, [join(folder, "orphan-maker.js")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = await new Promise<string>((resolve) => {
    orphanMaker.stdout.once("data", (text: Buffer) => resolve(text.toString()));
  });
  const orphan = JSON.parse(output) as { readonly id: string; readonly daemon: number };
  const ended = new Promise((resolve) => orphanMaker.once("exit", resolve));
  orphanMaker.kill("SIGKILL");
  await ended;
  assert.ok(existsSync(`/run/netns/${orphan.id}.host`));
  assert.ok(isRunning(orphan.daemon), "its daemon outlives it");

  const next = await createLab("next");
  t.after(() => next.close());
  assert.equal(existsSync(`/run/netns/${orphan.id}.host`), false);
  assert.equal(existsSync(`/run/netns/${orphan.id}.switch`), false);
  assert.equal(isRunning(orphan.daemon), false);
  assert.equal(namespacesOf(own).length, 1);
});

test("startDaemon() gives an empty /tmp and /run, and the host keeps no mount", async (t) => {
  const lab = await createLab("mounts");
  t.after(() => lab.close());
  const host = await lab.addHost("host", { address: "192.0.2.1/24" });
  const before = (await run(["cat", "/proc/self/mounts"])).stdout;
  const daemon = runDebianKeepalived(host, conf(100));
  await waitFor("its pid file", () => daemon.pidIn("/run/keepalived.pid") === daemon.pid);
  assert.deepEqual(readdirSync(daemon.path("/tmp")), []);
  const during = (await run(["cat", "/proc/self/mounts"])).stdout;
  const isOurs = (line: string): boolean => line.includes(lab.id) && !line.startsWith("nsfs");
  assert.deepEqual(during.split("\n").filter(isOurs), before.split("\n").filter(isOurs));
  await daemon.stop();
});
