// As kernel-state.test.ts, on kinds of device that not every kernel has, in User Mode Linux: labels
// of MPLS, a VRF and its table, a VLAN, a dummy, an ipvlan.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Daemon, DEBIAN_KEEPALIVED, KEEPALIVED_TS, startDaemon } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";
import { type Step, testInUml } from "../lab/steps.js";
import { waitFor } from "../lab/wait.js";
import { type Row, rowsText } from "./kernel-rows.js";
import { kernelState } from "./kernel-states.js";
import { addTwins, assertAlike } from "./kernel-twins.js";

const LAB_FOLDER = "/var/tmp/keepalived-ts-lab";
/** The guest is slow, and may have a slow host. */
const PATIENCE_MS = 180_000;

/** Labels of single next hops, which keepalived 2.2.7 reads and drops, are not among them. */
const ROWS: readonly Row[] = [
  {
    name: "labels",
    routes: [
      "10.41.0.0/24 encap mpls 100/200 via 192.0.2.254 dev eth0",
      "10.41.1.0/24 encap mpls 16 ttl 9 via 192.0.2.254 dev eth0",
    ],
  },
  {
    name: "vrf",
    addresses: ["203.0.113.9/32 dev blue"],
    routes: ["10.60.0.0/24 via 203.0.113.2 dev dummy1 vrf blue", "blackhole 10.61.0.0/24 vrf blue"],
  },
  {
    name: "devices",
    addresses: ["203.0.113.10/28 dev dummy0", "203.0.113.33/28 dev vlan7 label vlan7:v"],
    routes: ["10.62.0.0/24 via 203.0.113.34 dev vlan7 src 203.0.113.33"],
  },
];

async function addDevices(host: Host): Promise<void> {
  await host.ip("link", "add", "blue", "type", "vrf", "table", "10");
  for (const name of ["dummy0", "dummy1"]) await host.ip("link", "add", name, "type", "dummy");
  await host.ip("link", "set", "dummy1", "master", "blue");
  await host.ip("address", "add", "203.0.113.1/29", "dev", "dummy1");
  await host.ip("link", "add", "vlan7", "link", "eth0", "type", "vlan", "id", "7");
  for (const name of ["blue", "dummy0", "dummy1", "vlan7"]) {
    // Hardware addresses are drawn; addresses that follow from them would differ.
    await host.ip("link", "set", name, "addrgenmode", "none");
    await host.ip("link", "set", name, "up");
  }
}

function start(host: Host, program: string, text: string): Daemon {
  const path = join(host.scratch, `${host.name}-devices.conf`);
  writeFileSync(path, text, { mode: 0o600 });
  return startDaemon(host, [program, "-n", "-l", "-G", "-D", "-f", path]);
}

async function alikeOnDevices(): Promise<void> {
  // The guest's processes are none of the host's, who would take their laboratory for abandoned.
  mkdirSync(LAB_FOLDER, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", LAB_FOLDER]);
  const lab = await createLab("kernel-devices");
  try {
    const twins = await addTwins(lab);
    const [debian, ours] = twins;
    await Promise.all(twins.map(addDevices));
    const before = await kernelState(ours);
    const text = rowsText(ROWS, []);
    const daemons = [start(debian, DEBIAN_KEEPALIVED, text), start(ours, KEEPALIVED_TS, text)];
    for (const daemon of daemons) {
      await waitFor(
        "all instances to be MASTER",
        () => ROWS.every(({ name }) => daemon.log().includes(`(${name}) Entering MASTER STATE`)),
        PATIENCE_MS,
      ).catch((cause: Error) => {
        throw new Error(`${cause.message}:\n${daemons.map((each) => each.log()).join("\n--\n")}`);
      });
    }
    const held = await assertAlike(debian, ours, "as MASTER");
    assert.match(JSON.stringify(held), /"encap":"mpls"/);
    assert.match(JSON.stringify(held), /10\.60\.0\.0\/24/);
    for (const daemon of daemons) {
      assert.doesNotMatch(daemon.log(), /Cannot add|Netlink: error/, daemon.log());
      await daemon.stop();
    }
    await assertAlike(debian, ours, "after the stop");
    assert.deepEqual(await kernelState(ours), before);
  } finally {
    await lab.close();
  }
}

const steps: readonly Step[] = [
  { name: "routes and addresses on MPLS, VRF, VLAN and dummy are alike", run: alikeOnDevices },
];

const modules = ["bridge", "8021q", "vrf", "mpls_router", "mpls_iptunnel"];
await testInUml(import.meta.url, steps, { modules, timeoutS: 420, memoryMb: 768 });
