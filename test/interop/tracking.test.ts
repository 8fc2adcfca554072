// What is tracked moves mastership between our daemon and Debian's keepalived: a script with a
// weight, a script without, a file; and a sync group over two networks fails over as a whole.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { AddressWatch } from "../lab/address-watch.js";
import { startCapture } from "../lab/capture.js";
import { vrrpConfigText } from "../lab/config-text.js";
import { type Daemon, runDebianKeepalived, runKeepalivedTs } from "../lab/daemon.js";
import { adverts } from "../lab/frames.js";
import type { Host, Segment } from "../lab/host.js";
import { createLab, type Lab } from "../lab/lab.js";

const VIP = "192.0.2.100";
const OUTSIDE_VIP = "198.51.100.100";
const LIMIT_MS = 15_000;

interface Router {
  readonly host: Host;
  readonly watch: AddressWatch;
}

interface Bench {
  readonly lab: Lab;
  readonly ours: Router;
  readonly peer: Router;
  /** A file that the daemons see. */
  readonly path: string;
}

async function setUp(t: TestContext): Promise<Bench> {
  const lab = await createLab("tracking");
  t.after(() => lab.close());
  const ours = await router(lab, "ours", "192.0.2.1/24");
  const peer = await router(lab, "peer", "192.0.2.2/24");
  return { lab, ours, peer, path: join(lab.scratch, "number") };
}

async function router(lab: Lab, name: string, address: string): Promise<Router> {
  const host = await lab.addHost(name, { address });
  return { host, watch: await AddressWatch.start(host) };
}

/** Our daemon at 150, which tracks something, against keepalived at 100, which does not. */
function start({ ours, peer }: Bench, definition: string, lines: readonly string[]): Daemon {
  const common = { version: 3, advertInterval: 0.2, addresses: [`${VIP}/24`] } as const;
  const daemon = runKeepalivedTs(
    ours.host,
    `${definition}\n${vrrpConfigText([{ ...common, priority: 150, lines }])}`,
  );
  runDebianKeepalived(peer.host, vrrpConfigText([{ ...common, priority: 100 }]));
  return daemon;
}

async function heldBy(holder: Router, other: Router, address = VIP): Promise<void> {
  await holder.watch.waitFor(address, true, LIMIT_MS);
  await other.watch.waitFor(address, false, LIMIT_MS);
}

for (const { title, weight } of [
  { title: "with a weight lowers the priority below the peer's", weight: "weight -60" },
  { title: "without one is a FAULT", weight: "" },
]) {
  test(`a failing vrrp_script ${title}; its success brings us back`, async (t) => {
    const bench = await setUp(t);
    const { ours, peer, path } = bench;
    writeFileSync(path, "");
    const command = `script "/usr/bin/test -e ${path}"`;
    const script = `vrrp_script chk {\n${command}\ninterval 0.2\ntimeout 10\n${weight}\n}`;
    const daemon = start(bench, script, ["track_script {", "chk", "}"]);
    await heldBy(ours, peer);
    rmSync(path);
    await heldBy(peer, ours);
    await daemon.waitForLog(/VRRP_Script\(chk\) failed/);
    await daemon.waitForLog(
      weight === "" ? /Entering FAULT STATE/ : /Changing effective priority from 150 to 90/,
    );
    writeFileSync(path, "");
    await heldBy(ours, peer);
  });
}

test("a number written into a track_file moves mastership, a dead child does not", async (t) => {
  const bench = await setUp(t);
  const { ours, peer, path } = bench;
  writeFileSync(path, "0\n");
  const file = `track_file load {\nfile ${path}\nweight 1\n}`;
  const daemon = start(bench, file, ["track_file {", "load", "}"]);
  await heldBy(ours, peer);
  writeFileSync(path, "-51\n");
  await heldBy(peer, ours);
  // What the parent knows goes with the configuration of a new child.
  await daemon.waitForLog(/Entering MASTER STATE[\s\S]*Entering BACKUP STATE/);
  const child = daemon.pidIn("/run/vrrp.pid");
  assert.ok(child !== null);
  process.kill(child, "SIGKILL");
  await daemon.waitForLog(/Resuming BACKUP STATE/);
  writeFileSync(path, "0\n");
  await heldBy(ours, peer);
  assert.equal(await peer.host.holds(VIP), false);
});

test("a process that ends moves mastership, and one that starts brings it back", async (t) => {
  const bench = await setUp(t);
  const { lab, ours, peer } = bench;
  const program = join(lab.scratch, `worker${process.pid}`);
  copyFileSync("/bin/sleep", program);
  const work = (): ChildProcess => {
    const child = spawn(program, ["600"], { stdio: "ignore" });
    t.after(() => child.kill("SIGKILL"));
    return child;
  };
  const worker = work();
  const definition = `vrrp_track_process work {\nprocess ${program}\nweight -60\n}`;
  const daemon = start(bench, definition, ["track_process {", "work", "}"]);
  await heldBy(ours, peer);
  worker.kill("SIGKILL");
  await heldBy(peer, ours);
  await daemon.waitForLog(/Changing effective priority from 150 to 90/);
  work();
  await heldBy(ours, peer);
});

/** Both routers with an interface in a second network. */
async function addOutside({ lab, ours, peer }: Bench): Promise<Segment> {
  const segment = await lab.addSegment("outside");
  for (const [{ host }, last] of [
    [ours, 1],
    [peer, 2],
  ] as const) {
    await host.attach({ segment, interface: "eth1", addresses: [`198.51.100.${last}/24`] });
  }
  return segment;
}

function groupText(priority: number): string {
  const common = { version: 3, advertInterval: 0.2, priority } as const;
  const instances = vrrpConfigText([
    { ...common, name: "inside", addresses: [`${VIP}/24`] },
    { ...common, name: "outside", interface: "eth1", addresses: [`${OUTSIDE_VIP}/24`] },
  ]);
  return `vrrp_sync_group G {\ngroup {\ninside\noutside\n}\n}\n${instances}`;
}

async function groupHeldBy(holder: Router, other: Router): Promise<void> {
  await heldBy(holder, other);
  await heldBy(holder, other, OUTSIDE_VIP);
}

test("a sync group goes as a whole when one of its networks fails, and comes back", async (t) => {
  const bench = await setUp(t);
  const { ours, peer } = bench;
  await addOutside(bench);
  const daemon = runKeepalivedTs(ours.host, groupText(150));
  runDebianKeepalived(peer.host, groupText(100));
  await groupHeldBy(ours, peer);
  await ours.host.setPlugged("eth1", false);
  await groupHeldBy(peer, ours);
  await daemon.waitForLog(/VRRP_Group\(G\) Syncing instances to FAULT state/);
  await ours.host.setPlugged("eth1", true);
  await groupHeldBy(ours, peer);
});

// As keepalived: the better router is master of all, and a farewell would hurry its backups.
test("a sync group that gives way to a better router says no farewell", async (t) => {
  const bench = await setUp(t);
  const { lab, ours, peer } = bench;
  const segments = [lab.lan, await addOutside(bench)];
  runKeepalivedTs(ours.host, groupText(100));
  await ours.watch.waitFor(OUTSIDE_VIP, true, LIMIT_MS);
  const captures = await Promise.all(segments.map((segment) => startCapture(segment)));
  runDebianKeepalived(peer.host, groupText(150));
  await groupHeldBy(peer, ours);
  for (const capture of captures) {
    const heard = adverts(await capture.stop());
    assert.ok(heard.some(({ priority }) => priority === 150));
    assert.deepEqual(
      heard.filter(({ priority }) => priority === 0),
      [],
    );
  }
});
