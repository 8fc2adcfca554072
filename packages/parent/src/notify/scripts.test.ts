// Scripts as the daemon runs them, with fake children: notify, startup_script, shutdown_script.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import { DaemonRun, temporaryFolder, vrrpText } from "../testing/daemon-run.js";
import { runParentScript } from "./parent-script.js";
import { ScriptRunner } from "./script-runner.js";

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

test("the daemon runs notify scripts of a start and a stop, cleanly and apart", async (t) => {
  const folder = temporaryFolder(t);
  const out = join(folder, "out");
  const script = join(folder, "note.sh");
  writeFileSync(
    script,
    `#!/bin/sh
group=$(cut -d' ' -f5 /proc/self/stat)
echo "$* sockets $(ls -l /proc/$$/fd | grep -c socket:) env [$NOTIFY_SOCKET$LD_LIBRARY_PATH] \
own $([ $group != ${process.pid} ] && echo yes)" >> ${out}
`,
    { mode: 0o755 },
  );
  const config = vrrpText.replace("{", `{\nnotify_master "${script} master"\nnotify ${script}`);
  const environment = { LD_LIBRARY_PATH: "/x" };
  const run = new DaemonRun(t, folder, { config, environment });
  await run.waitFor("two lines", () => textOf(out).split("\n").length === 3);
  const words = textOf(out).split("\n").slice(0, 2).toSorted();
  assert.equal(words[0], "INSTANCE VI_1 MASTER 100 sockets 0 env [] own yes");
  assert.match(words[1] ?? "", /^master sockets 0 /);
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
  assert.match(textOf(out), /^INSTANCE VI_1 STOP 100 /m);
});

test("the daemon runs startup_script before its children and shutdown_script after", async (t) => {
  const folder = temporaryFolder(t);
  const out = join(folder, "out");
  const pidFile = join(folder, "vrrp.pid");
  const note = (word: string): string =>
    `"/bin/sh -c 'test -e ${pidFile} || echo ${word} >> ${out}'"`;
  const lines = [`startup_script ${note("first")}`, `shutdown_script ${note("last")}`];
  const config = `global_defs {\n${lines.join("\n")}\n}\n${vrrpText}`;
  const run = new DaemonRun(t, folder, { config });
  await run.prints(/Startup complete/);
  assert.equal(textOf(out), "first\n");
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
  assert.equal(textOf(out), "first\nlast\n");
});

test("the daemon does not wait for a startup_script when it is told to stop", async (t) => {
  const config = `global_defs {\nstartup_script "/bin/sleep 600"\n}\n${vrrpText}`;
  const run = new DaemonRun(t, temporaryFolder(t), { config });
  await run.waitFor("the pid file", () => run.pid("keepalived") !== undefined);
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
  assert.doesNotMatch(run.printed, /Starting VRRP child/);
});

test("runParentScript() says what went wrong, and ends what takes too long", async () => {
  const rows: [string[], number, RegExp][] = [
    [["/bin/true"], 10_000_000, /^Running startup script \/bin\/true$/],
    [["/bin/sh", "-c", "exit 3"], 10_000_000, /^startup_script \/bin\/sh exited with status 3$/m],
    [["/no/such"], 10_000_000, /^startup_script \/no\/such cannot be run: .*ENOENT/m],
    [["/bin/sleep", "600"], 50_000, /has not ended within 0.05 s\n.*was ended by a signal$/],
  ];
  for (const [argv, timeoutUs, expected] of rows) {
    const logged: string[] = [];
    const log = ({ text }: LogRecord): number => logged.push(text);
    const script = { argv, user: "root" };
    const never = new Promise(() => undefined);
    await runParentScript({ keyword: "startup_script", script, timeoutUs }, log, never);
    assert.match(logged.join("\n"), expected);
  }
});

test("ScriptRunner runs a burst in order", async (t) => {
  const folder = temporaryFolder(t);
  const out = join(folder, "out");
  const runner = new ScriptRunner(() => undefined);
  const script = (i: number) => ({ argv: ["/bin/sh", "-c", `echo ${i} >> ${out}`], user: "root" });
  const count = 40;
  for (let i = 0; i < count; i++) {
    runner.dispatch({ type: "posted", lane: "A", title: "A", scripts: [script(i)] });
  }
  while (textOf(out).split("\n").length <= count) {
    await new Promise((wake) => setTimeout(wake, 10));
  }
  assert.deepEqual(
    textOf(out).split("\n").slice(0, -1).map(Number),
    Array.from({ length: count }, (_, i) => i),
  );
  await runner.drain();
});
