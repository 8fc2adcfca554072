// The same file under Debian's keepalived and under ours: addresses, routes and rules in the kernel
// must be the same, field by field, when both are MASTER, after a reload, and after the stop.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type Daemon, DEBIAN_KEEPALIVED, KEEPALIVED_TS, startDaemon } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab, type Lab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";
import { type Row, rows, rowsText, statics } from "./kernel-rows.js";
import { type KernelState, kernelState } from "./kernel-states.js";

/** Two hosts with the same addresses that do not see each other. */
async function addTwins(lab: Lab): Promise<readonly [Host, Host]> {
  const twin = async (name: string): Promise<Host> => {
    const lan = await lab.addSegment(`${name}-lan`);
    const wan = await lab.addSegment(`${name}-wan`);
    const host = await lab.addHost(name);
    const lanAddresses = ["192.0.2.1/24", "2001:db8::1/64"];
    const wanAddresses = ["198.51.100.1/24", "2001:db8:1::1/64"];
    await host.attach({ segment: lan, interface: "eth0", addresses: lanAddresses });
    await host.attach({ segment: wan, interface: "eth1", addresses: wanAddresses });
    await host.ip("route", "add", "192.168.77.0/24", "via", "192.0.2.77");
    return host;
  };
  return [await twin("debian"), await twin("ours")];
}

function configPath(host: Host): string {
  return join(host.scratch, `${host.name}-state.conf`);
}

function start(host: Host, program: string, text: string): Daemon {
  writeFileSync(configPath(host), text, { mode: 0o600 });
  return startDaemon(host, [program, "-n", "-l", "-G", "-D", "-f", configPath(host)]);
}

function isMaster(daemon: Daemon, all: readonly Row[]): boolean {
  const log = daemon.log();
  return all.every(({ name }) => log.includes(`(${name}) Entering MASTER STATE`));
}

/** The state when duplicate address detection has ended. */
function settledState(host: Host): Promise<KernelState> {
  return waitFor("addresses to be usable", async () => {
    const state = await kernelState(host);
    return JSON.stringify(state).includes('"tentative":true') ? null : state;
  });
}

/** Waits for the two to be alike, and says where they are not. */
async function assertAlike(debian: Host, ours: Host, what: string): Promise<KernelState> {
  let states: readonly KernelState[] = [];
  const look = async (): Promise<boolean> => {
    states = [await kernelState(ours), await kernelState(debian)];
    return isDeepStrictEqual(states[0], states[1]);
  };
  try {
    await waitFor(`equal kernel states ${what}`, look, 5_000);
  } catch {
    assert.deepEqual(states[0], states[1], what);
  }
  return states[0] ?? {};
}

const changed: readonly Row[] = rows
  .filter(({ name }) => name !== "types" && name !== "selectors")
  .map((row) => {
    if (row.name === "gateway") {
      return { ...row, routes: ["10.10.0.0/16 via 192.0.2.253 dev eth0", "10.10.9.0/24 dev eth1"] };
    }
    if (row.name === "actions") return { ...row, rules: (row.rules ?? []).slice(1) };
    if (row.name === "tables") return { ...row, rules: ["from VIP table 101 preference 1500"] };
    return row;
  });

test("addresses, routes and rules are in the kernel as Debian's keepalived has them", async (t) => {
  const lab = await createLab("kernel-state");
  t.after(() => lab.close());
  const [debian, ours] = await addTwins(lab);
  const before = await settledState(ours);
  await settledState(debian);
  const text = rowsText(rows, statics[0]);
  const theirs = start(debian, DEBIAN_KEEPALIVED, text);
  const mine = start(ours, KEEPALIVED_TS, text);
  await waitFor("all instances to be MASTER", () => isMaster(theirs, rows) && isMaster(mine, rows));
  const first = await assertAlike(debian, ours, "as MASTER");
  assert((first["routes"]?.length ?? 0) > (before["routes"]?.length ?? 0) + rows.length);
  for (const daemon of [theirs, mine]) {
    writeFileSync(configPath(daemon.host), rowsText(changed, statics[1]));
    daemon.signal("SIGHUP");
  }
  await assertAlike(debian, ours, "after the reload");
  await Promise.all([theirs.stop(), mine.stop()]);
  // keepalived 2.2.7 does not find an address with a peer to remove it.
  await debian.ip("address", "delete", "10.7.0.1", "peer", "10.7.0.2", "dev", "eth1");
  await assertAlike(debian, ours, "after the stop");
  assert.deepEqual(await kernelState(ours), before);
  const refused = mine.log().match(/Cannot (add|remove) (route|rule) .*/g) ?? [];
  // An IPv6 route has no tos: the kernel refuses this line of the document from both.
  assert.deepEqual(
    [...new Set(refused.map((line) => line.split(" dev ")[0]))],
    ["Cannot add route 2001:470:69e9:1:2::4/128"],
  );
});
