// `linkbeat_use_polling` and `linkbeat_interfaces`: the state of an interface is asked for, by the
// driver or by the kernel's flag, and an instance follows it; also one that comes after a crash.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { vrrpConfigText } from "../lab/config-text.js";
import { type Daemon, runKeepalivedTs } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

const VIP = "192.0.2.10";

async function master(
  t: TestContext,
  top: string,
  lines: readonly string[] = [],
): Promise<{ host: Host; daemon: Daemon }> {
  const lab = await createLab("link-polling");
  t.after(() => lab.close());
  const host = await lab.addHost("router", { address: "192.0.2.1/24" });
  const instance = { version: 3, advertInterval: 0.1, addresses: [VIP], lines } as const;
  const daemon = runKeepalivedTs(host, `${top}\n${vrrpConfigText([instance])}`);
  await daemon.waitForLog(/Entering MASTER STATE/);
  return { host, daemon };
}

async function followsPlug(host: Host, daemon: Daemon): Promise<void> {
  const count = (pattern: RegExp): number => daemon.log().match(pattern)?.length ?? 0;
  const masters = count(/Entering MASTER STATE/g);
  await host.setPlugged("eth0", false);
  await waitFor("FAULT", async () => !(await host.holds(VIP)) && count(/FAULT STATE/g) > 0);
  await host.setPlugged("eth0", true);
  await waitFor("MASTER again", () => count(/Entering MASTER STATE/g) > masters);
  await waitFor("the address", () => host.holds(VIP));
}

const CASES = [
  { title: "linkbeat_use_polling", top: "linkbeat_use_polling", method: "ETHTOOL" },
  { title: "linkbeat_use_polling of the instance", lines: ["linkbeat_use_polling"] },
  { title: "linkbeat_interfaces", top: "linkbeat_interfaces {\n  eth0 IOCTL\n}", method: "IOCTL" },
];

describe("polled links", { concurrency: 4 }, () => {
  for (const { title, top = "", lines = [], method } of CASES) {
    it(`${title}: an instance follows what the interface answers`, async (t) => {
      const { host, daemon } = await master(t, top, lines);
      if (method === "ETHTOOL") await daemon.waitForLog(/eth0 is polled by ETHTOOL/);
      await followsPlug(host, daemon);
    });
  }

  it("a method that the driver does not know gives way with a warning", async (t) => {
    const { host, daemon } = await master(t, "linkbeat_interfaces {\n  eth0 MII\n}");
    await daemon.waitForLog(/Cannot ask eth0 for its link by MII: EOPNOTSUPP; IOCTL is used/);
    await followsPlug(host, daemon);
  });

  it("a VRRP process that takes over knows what was asked", async (t) => {
    const { host, daemon } = await master(t, "linkbeat_use_polling");
    await host.setPlugged("eth0", false);
    await daemon.waitForLog(/FAULT STATE/);
    const former = daemon.pidIn("/run/vrrp.pid");
    assert.ok(former);
    process.kill(former, "SIGKILL");
    await waitFor("a successor", () => (daemon.pidIn("/run/vrrp.pid") ?? former) !== former);
    await host.setPlugged("eth0", true);
    await waitFor("the address", () => host.holds(VIP));
  });
});
