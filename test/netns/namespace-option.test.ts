// net_namespace, -s, instance and use_pid_dir: the same configuration for Debian's keepalived and
// for ours, and the same places looked at from outside.

import assert from "node:assert/strict";
import { readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { vrrpConfigText } from "../lab/config-text.js";
import { type Daemon, DEBIAN_KEEPALIVED, KEEPALIVED_TS, startDaemon } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";

/** Many times what a start takes on a machine that has nothing else to do. */
const patienceMs = 30_000;

const flags = ["-n", "-l", "-G", "-D"];
const body = vrrpConfigText([{ addresses: ["192.0.2.100/24"] }]);

/** The /run of a daemon is its own; the names of namespaces have to be there too. */
const withNamespace =
  'mkdir /run/netns; : >"/run/netns/$1"; mount --bind "/proc/$2/ns/net" "/run/netns/$1"; ' +
  'shift 2; exec "$@"';

/** Starts it outside, with the namespace of `inside` by its name. */
function run(outside: Host, inside: Host, argv: readonly string[]): Daemon {
  const { pid } = inside.spawn(["sleep", "1000"]);
  const words = ["sh", "-c", withNamespace, "sh", inside.namespace, `${pid}`];
  return startDaemon(outside, [...words, ...argv]);
}

for (const [name, program] of [
  ["Debian's keepalived", DEBIAN_KEEPALIVED],
  ["keepalived-ts", KEEPALIVED_TS],
] as const) {
  test(`${name} runs in the namespace that it is told, with files of that name`, async (t) => {
    const lab = await createLab("namespace-option");
    t.after(() => lab.close());
    const outside = await lab.addHost("outside", { address: "192.0.2.2/24" });
    const inside = await lab.addHost("inside", { address: "192.0.2.1/24" });
    const rows = [
      [`net_namespace ${inside.namespace}\ninstance one\n`, [], `${inside.namespace}/`, "_one"],
      ["", ["-s", inside.namespace], `${inside.namespace}/`, ""],
      ["use_pid_dir\n", [], "", ""],
      ["instance two\n", [], "", "_two"],
    ] as const;
    for (const [prefix, options, folder, suffix] of rows) {
      const path = join(outside.scratch, "namespace.conf");
      writeFileSync(path, prefix + body);
      const daemon = run(outside, inside, [program, ...flags, "-f", path, ...options]);
      await daemon.waitForLog(/Startup complete/, patienceMs);
      const [parent, child] = daemon.processes();
      assert.ok(parent && child);
      const namespaces = [parent, child].map(({ pid }) => readlinkSync(`/proc/${pid}/ns/net`));
      const { ino } = statSync(`/run/netns/${(folder === "" ? outside : inside).namespace}`);
      assert.deepEqual(namespaces, [`net:[${ino}]`, `net:[${ino}]`], prefix);
      const pidOf = (kind: string): number | null => {
        const file = `/run/keepalived/${folder}${kind}${suffix}.pid`;
        // keepalived sees the namespace's folder in that place itself.
        return daemon.pidIn(file) ?? daemon.pidIn(`/run/keepalived/${kind}${suffix}.pid`);
      };
      assert.deepEqual([pidOf("keepalived"), pidOf("vrrp")], [parent.pid, child.pid], prefix);
      assert.equal((await daemon.stop()).status, 0);
    }
  });
}
