// What global_defs says of the processes, seen in /proc of the right one: the same configuration
// and the same questions for Debian's keepalived and for ours.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { type Daemon, runDebianKeepalived, runKeepalivedTs } from "../lab/daemon.js";
import { createLab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

/** Many times what a start takes on a machine that has nothing else to do. */
const patienceMs = 30_000;

function configuration(globals: string): string {
  return `global_defs {\n  ${globals.split(";").join("\n  ")}\n}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  virtual_ipaddress {
    192.0.2.100/24
  }
}
`;
}

/** "name umask nice policy priority processors" of one process; a memory lock is told as such. */
function facts(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const line = (name: string): string => RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "";
  const [policy, priority] = [fields[41 - 3], fields[40 - 3]];
  // Under SCHED_RR the nice value means nothing.
  const nice = policy === "0" ? fields[19 - 3] : "-";
  const lock = line("VmLck") === "0 kB" ? "free" : "locked";
  const cpus = line("Cpus_allowed_list");
  return [line("Name"), line("Umask"), nice, policy, priority, cpus, lock].join(" ");
}

async function vrrpPid(daemon: Daemon): Promise<number> {
  await daemon.waitForLog(/Startup complete/, patienceMs);
  return await waitFor("the VRRP process", () => {
    const [, child] = daemon.processes();
    return child?.pid ?? null;
  });
}

async function inLab(t: TestContext): Promise<Parameters<typeof runKeepalivedTs>[0]> {
  const lab = await createLab("process-settings");
  t.after(() => lab.close());
  return await lab.addHost("router", { address: "192.0.2.1/24" });
}

const cases: readonly [globals: string, parent: RegExp, vrrp: RegExp][] = [
  ["", /^keepalived 0177 \S+ 0 0 \S+ free$/, /^keepalived 0177 \S+ 0 0 \S+ free$/],
  [
    "process_name kaparent;vrrp_process_name kavrrp;vrrp_priority -5;vrrp_cpu_affinity 0;umask 027",
    /^kaparent 0027 \S+ 0 0 \S+ free$/,
    /^kavrrp 0027 -5 0 0 0 free$/,
  ],
  [
    "process_names;vrrp_rt_priority 30;vrrp_rlimit_rttime 900000;vrrp_no_swap",
    /^keepalived 0177 \S+ 0 0 \S+ free$/,
    /^keepalived_vrrp 0177 - 2 30 \S+ locked$/,
  ],
];

for (const [name, run] of [
  ["Debian's keepalived", runDebianKeepalived],
  ["keepalived-ts", runKeepalivedTs],
] as const) {
  test(`${name} has name, umask, priorities and processors of its configuration`, async (t) => {
    const host = await inLab(t);
    for (const [globals, parent, vrrp] of cases) {
      const daemon = run(host, configuration(globals));
      const child = await vrrpPid(daemon);
      const [root] = daemon.processes();
      assert.match(facts(root?.pid ?? 0), parent, globals);
      await waitFor(`${vrrp}`, () => vrrp.test(facts(child)));
      assert.equal((await daemon.stop()).status, 0);
    }
  });
}
