// nftables_ipvs beside Debian's keepalived: the services of the same file are the same, at the
// start and after a reload. The kernel of User Mode Linux has no nftables, which both complain of;
// the table is test/netns/group-marks.test.ts's matter.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { DEBIAN_KEEPALIVED } from "../lab/daemon.js";
import { type Step, testInUml } from "../lab/steps.js";
import { waitFor } from "../lab/wait.js";
import { Daemon, expectTable, savedTable } from "./checker-lab.js";

const file = new URL("../../vectors/keepalived-2.2.7-nftables-ipvs.json", import.meta.url);
const vector = JSON.parse(readFileSync(file, "utf8")) as {
  readonly configuration: readonly string[];
};
const text: string = vector.configuration.join("\n");
const services = 8;

/**
 * Difference: where packets keep their port (TUN, DR), keepalived says port 0 of a real server and
 * ours the one that it is checked on; to the kernel it is the same.
 */
function withOurPorts(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/:0 (-[ig]) /, ":80 $1 "));
}

async function startDebian(): Promise<ChildProcess> {
  writeFileSync("/tmp/debian.conf", text);
  const words = ["-nlDCG", "-f", "/tmp/debian.conf", "-p", "/tmp/debian.pid"];
  const daemon = spawn(DEBIAN_KEEPALIVED, words, { stdio: "ignore" });
  const isThere = (): boolean =>
    savedTable().filter((line) => line.startsWith("-A")).length >= services;
  await waitFor("keepalived's services", isThere, 30_000);
  return daemon;
}

const steps: readonly Step[] = [
  {
    name: "nftables_ipvs makes the services that Debian's keepalived makes",
    async run(): Promise<void> {
      const theirs = await startDebian();
      const wanted = withOurPorts(savedTable());
      theirs.kill("SIGTERM");
      await once(theirs, "exit");
      await expectTable([]);
      const daemon = Daemon.start(text);
      await expectTable(wanted);
      await daemon.said("Cannot mark virtual server groups in nftables table keepalived_ipvs");
      await daemon.said("this kernel has no nftables");
      // A group that loses an address is the same service still.
      const from = daemon.output.length;
      daemon.reload(text.replace("10.9.0.1-3 80", "10.9.0.1-2 80"));
      await daemon.said("Reload complete", from);
      await expectTable(wanted);
      assert.equal(await daemon.end("SIGTERM"), 0);
      await expectTable([]);
    },
  },
];

await testInUml(import.meta.url, steps);
