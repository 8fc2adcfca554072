// A VRRP process that stands still (SIGSTOP) is replaced before Debian's keepalived, its peer, has
// lost patience: no failover, no moment without the address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressWatch } from "../lab/address-watch.js";
import { vrrpConfigText } from "../lab/config-text.js";
import {
  type Daemon,
  readStatistics,
  runDebianKeepalived,
  runKeepalivedTs,
} from "../lab/daemon.js";
import { createLab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

const address = "192.0.2.100";

test("a VRRP process that hangs is replaced without a failover", async (t) => {
  const lab = await createLab("hang");
  t.after(() => lab.close());
  const ours = await lab.addHost("ours", { address: "192.0.2.1/24" });
  const theirs = await lab.addHost("theirs", { address: "192.0.2.2/24" });
  const instance = { addresses: [`${address}/24`], advertInterval: 2 };
  const daemon = runKeepalivedTs(ours, vrrpConfigText([{ ...instance, priority: 150 }]));
  await daemon.waitForLog(/\(VI_1\) Entering MASTER STATE/, 20_000);
  const peer = runDebianKeepalived(theirs, vrrpConfigText([{ ...instance, priority: 100 }]));
  await peer.waitForLog(/Entering BACKUP STATE/, 20_000);
  const watch = await AddressWatch.start(ours);
  const [, child] = daemon.processes();
  assert.ok(child !== undefined);

  process.kill(child.pid, "SIGSTOP");
  await daemon.waitForLog(/VRRP child process does not answer for [\d.]+ s \(stopped\), replac/);
  await waitFor("a successor", () => {
    const [, second] = daemon.processes();
    const isOther = second !== undefined && second.pid !== child.pid && second.state !== "Z";
    return isOther && /died: Respawning/.test(daemon.log());
  });
  // The peer's patience, had nobody sent an advert since: three intervals and its skew time.
  const adverts = await readAdverts(peer);
  await waitFor("an advert of the successor", async () => (await readAdverts(peer)) > adverts);
  assert.doesNotMatch(peer.log(), /Entering MASTER STATE/);
  assert.ok(await ours.holds(address));
  assert.deepEqual(watch.changes(), []);
  await daemon.stop();
});

async function readAdverts(daemon: Daemon): Promise<number> {
  return (await readStatistics(daemon)).get("VI_1/Advertisements/Received") ?? 0;
}
