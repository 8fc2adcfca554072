// `use_vmac ... netlink_notify_msg`: a bridge becomes promiscuous for a virtual MAC without a word
// of the kernel, and with the option whoever listens is told.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { vrrpConfigText } from "../lab/config-text.js";
import { runKeepalivedTs } from "../lab/daemon.js";
import { createLab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

/** What `ip monitor link` says of the bridge while the VMAC comes. */
async function heardOfBridge(t: TestContext, line: string): Promise<string> {
  const lab = await createLab("vmac-news");
  t.after(() => lab.close());
  const host = await lab.addHost("router", { address: "198.51.100.1/24" });
  await host.ip("link", "add", "br0", "type", "bridge");
  await host.ip("link", "set", "eth0", "master", "br0");
  await host.ip("link", "set", "br0", "group", "7", "up");
  await host.ip("address", "add", "192.0.2.1/24", "dev", "br0");
  const monitor = host.spawn(["ip", "-d", "-o", "monitor", "link"]);
  let text = "";
  monitor.stdout?.on("data", (data: Buffer) => {
    text += data.toString();
  });
  t.after(() => monitor.kill());
  // Whatever else comes, comes after this.
  await waitFor("the monitor", async () => {
    await host.ip("link", "set", "lo", "alias", "seen");
    return text.includes("seen");
  });
  const instance = { interface: "br0", addresses: ["192.0.2.10"], lines: [line] };
  const daemon = runKeepalivedTs(host, vrrpConfigText([instance]));
  await daemon.waitForLog(/Entering MASTER STATE/);
  await host.ip("link", "set", "lo", "alias", "end");
  await waitFor("the end", () => text.includes("end"));
  const shown = JSON.parse(await host.ip("-j", "-d", "link", "show", "br0"))[0];
  assert.ok(shown.promiscuity > 0, "the kernel has made it promiscuous");
  assert.equal(shown.group, "7");
  return text
    .split("\n")
    .filter((each) => /\d+: br0: /.test(each))
    .join("\n");
}

describe("netlink_notify_msg", { concurrency: 2 }, () => {
  it("the kernel tells that the interface below is promiscuous", async (t) => {
    assert.match(await heardOfBridge(t, "use_vmac netlink_notify_msg"), /promiscuity [1-9]/);
  });

  it("without it, it does not", async (t) => {
    assert.doesNotMatch(await heardOfBridge(t, "use_vmac"), /promiscuity [1-9]/);
  });
});
