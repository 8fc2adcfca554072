// The same file under Debian's keepalived and under ours: addresses, routes and rules in the kernel
// must be the same, field by field, when both are MASTER, after a reload, and after the stop.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Daemon, DEBIAN_KEEPALIVED, KEEPALIVED_TS, startDaemon } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";
import { type Row, rows, rowsText, statics } from "./kernel-rows.js";
import { kernelState } from "./kernel-states.js";
import { addTwins, assertAlike } from "./kernel-twins.js";

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

/** What the kernel refuses from both. */
const refusals = [
  // The document's: an IPv6 route has no tos.
  "Cannot add route 2001:470:69e9:1:2::4/128",
  // Not every kernel has MPLS.
  "Cannot add route 10.41.0.0/24",
];

test("addresses, routes and rules are in the kernel as Debian's keepalived has them", async (t) => {
  const lab = await createLab("kernel-state");
  t.after(() => lab.close());
  const [debian, ours] = await addTwins(lab);
  const before = await kernelState(ours);
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
  const refused = mine.log().match(/Cannot (add|remove) (route|rule) \S+/g) ?? [];
  const surprising = refused.filter((line) => !refusals.includes(line));
  assert.deepEqual(surprising, []);
});
