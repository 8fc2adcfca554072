// Options about what a daemon leaves, in files and in the kernel, seen from outside; -V with
// Debian's keepalived as well.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { vrrpConfigText } from "../lab/config-text.js";
import { runDebianKeepalived, runKeepalivedTs } from "../lab/daemon.js";
import { createLab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

/** Many times what a start takes on a machine that has nothing else to do. */
const patienceMs = 30_000;

const address = "192.0.2.100";
const config = vrrpConfigText([{ priority: 255, addresses: [`${address}/24`] }]);

for (const [name, run] of [
  ["Debian's keepalived", runDebianKeepalived],
  ["keepalived-ts", runKeepalivedTs],
] as const) {
  test(`${name} with -V leaves its addresses, the next one takes them away`, async (t) => {
    const lab = await createLab("stop-options");
    t.after(() => lab.close());
    const host = await lab.addHost("router", { address: "192.0.2.1/24" });
    const flags = ["-n", "-l", "-G", "-D"];
    for (const [more, isLeft] of [
      [["-V"], true],
      [[], false],
    ] as const) {
      const daemon = run(host, config, [...flags, ...more]);
      await daemon.waitForLog(/Entering MASTER STATE/, patienceMs);
      await waitFor("the address", () => host.holds(address));
      assert.equal((await daemon.stop()).status, 0);
      assert.equal(await host.holds(address), isLeft, more.join());
    }
  });
}

test("-g, -d and -m: log files with the configuration in them, core files allowed", async (t) => {
  const lab = await createLab("stop-options");
  t.after(() => lab.close());
  const host = await lab.addHost("router", { address: "192.0.2.1/24" });
  const daemon = runKeepalivedTs(host, config, ["-nGDdm", "-g/tmp/ka.log"]);
  const log = async (file: string, pattern: RegExp): Promise<void> => {
    await waitFor(
      `${pattern} in ${file}`,
      () => pattern.test(read(daemon.path(`/tmp/${file}`))),
      patienceMs,
    );
  };
  await log(
    "ka.log",
    /VRRP Instance = VI_1\n[\s\S]*Virtual Router ID = 51\n[\s\S]*Startup complete/,
  );
  await log("ka_vrrp.log", /\(VI_1\) Entering MASTER STATE/);
  for (const { pid } of daemon.processes()) {
    assert.match(read(`/proc/${pid}/limits`), /^Max core file size\s+(\S+)\s+\1\s/m);
  }
  assert.equal((await daemon.stop()).status, 0);
});

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
