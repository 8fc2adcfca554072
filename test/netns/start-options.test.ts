// -a and --all beside Debian's keepalived, where both run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { vrrpConfigText } from "../lab/config-text.js";
import { type DaemonRunner, runDebianKeepalived, runKeepalivedTs } from "../lab/daemon.js";
import { createLab } from "../lab/lab.js";

const REPORT = /Netlink reflector reports IP (192\.0\.2\.\S+ (?:added to|removed from) \S+)/g;

/** What -a has it say of the addresses of 192.0.2.0/24. */
async function reported(run: DaemonRunner): Promise<string[]> {
  const lab = await createLab("monitor");
  try {
    const host = await lab.addHost("router", { address: "192.0.2.1/24" });
    const text = vrrpConfigText([
      {
        version: 3,
        advertInterval: 0.1,
        state: "MASTER",
        priority: 255,
        addresses: ["192.0.2.9/24"],
      },
    ]);
    const daemon = run(host, text, ["-n", "-l", "-G", "-P", "-a"]);
    await daemon.waitForLog(/Entering MASTER STATE/);
    await host.ip("address", "add", "192.0.2.77/32", "dev", "lo");
    await daemon.waitForLog(/192\.0\.2\.77 added to lo/);
    await host.ip("address", "del", "192.0.2.77/32", "dev", "lo");
    await daemon.waitForLog(/192\.0\.2\.77 removed from lo/);
    return [...daemon.log().matchAll(REPORT)].map(([, what]) => what ?? "");
  } finally {
    await lab.close();
  }
}

test("-a logs every address that comes and goes, as Debian's keepalived does", async () => {
  const ours = await reported(runKeepalivedTs);
  assert.deepEqual(ours, await reported(runDebianKeepalived));
});

test("--all starts children that have no configuration", async (t) => {
  const lab = await createLab("all");
  t.after(() => lab.close());
  const host = await lab.addHost("router", { address: "192.0.2.1/24" });
  const daemon = runKeepalivedTs(host, "global_defs {\n  lvs_backend none\n}\n", ["-nlG", "--all"]);
  await daemon.waitForLog(/Startup complete/);
  for (const what of [/Starting VRRP child process/, /Starting Healthcheck child process/]) {
    assert.match(daemon.log(), what);
  }
  assert.equal((await daemon.stop()).status, 0);
});
