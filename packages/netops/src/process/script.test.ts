// Scripts as they are started for real: user, group, environment, streams, signals, what fails.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runScript, type ScriptCommand } from "./script.js";

const folder: string = mkdtempSync(join(tmpdir(), "script-"));
chmodSync(folder, 0o777);
after(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly status: number | null;
  readonly failure: string | undefined;
}

function run(command: ScriptCommand, begun?: (signal: (name: NodeJS.Signals) => void) => void) {
  return new Promise<Ended>((resolve) => {
    const running = runScript(command, {
      ended: (status, failure) => resolve({ status, failure }),
    });
    begun?.((name) => running.signal(name));
  });
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

test("runScript() gives the status of what it ran", async () => {
  for (const status of [0, 1, 77]) {
    const argv = ["/bin/sh", "-c", `exit ${status}`];
    assert.deepEqual(await run({ argv }), { status, failure: undefined });
  }
});

test("runScript() gives arguments as they are, without a shell", async () => {
  const out = join(folder, "arguments");
  const script = file("arguments.sh", `#!/bin/sh\nprintf '%s|' "$@" > ${out}\n`);
  await run({ argv: [script, "a b", "$HOME", "'", ""] });
  assert.equal(readFileSync(out, "utf8"), "a b|$HOME|'||");
});

test("runScript() lets the shell run a file that says no interpreter", async () => {
  const script = file("plain", "exit 5\n");
  assert.deepEqual(await run({ argv: [script] }), { status: 5, failure: undefined });
});

test("runScript() tells why something could not be started, later", async () => {
  const { status, failure } = await run({ argv: [join(folder, "nosuch")] });
  assert.equal(status, null);
  assert.match(failure ?? "", /ENOENT/);
  assert.match((await run({ argv: ["/bin/true\0"] })).failure ?? "", /null bytes/);
  assert.match((await run({ argv: [""] })).failure ?? "", /empty|ENOENT/);
});

test("runScript() runs as the user and group, in a group of its own, apart from ours", async () => {
  const out = join(folder, "identity");
  const text = `#!/bin/sh
{ id -u; id -g; id -G; ps -o pgid= -p $$ | tr -d ' '; echo $$; pwd; } > ${out}
echo ignored; echo ignored >&2; cat
`;
  const argv = [file("identity.sh", text)];
  assert.deepEqual(await run({ argv, uid: 65534, gid: 65533 }), {
    status: 0,
    failure: undefined,
  });
  const [uid, gid, groups, group, pid, cwd] = readFileSync(out, "utf8").split("\n");
  assert.deepEqual([uid, gid, groups, cwd], ["65534", "65533", "65533", "/"]);
  assert.equal(group, pid);
});

test("runScript() withholds what would change how a script is loaded or read", async () => {
  const out = join(folder, "environment");
  process.env["LD_LIBRARY_PATH"] = "/nosuch";
  process.env["SCRIPT_TEST"] = "kept";
  await run({ argv: [file("environment.sh", `#!/bin/sh\nenv > ${out}\n`)] });
  delete process.env["LD_LIBRARY_PATH"];
  delete process.env["SCRIPT_TEST"];
  const text = readFileSync(out, "utf8");
  assert.match(text, /^SCRIPT_TEST=kept$/m);
  assert.doesNotMatch(text, /LD_LIBRARY_PATH/);
});

test("signal() reaches the script and what it has started", async () => {
  const ready = join(folder, "ready");
  const script = file("group.sh", `#!/bin/sh\nsleep 60 & echo $! > ${ready}\nwait\n`);
  const ended = await run({ argv: [script] }, (signal) => {
    const look = setInterval(() => {
      try {
        if (readFileSync(ready, "utf8").trim() === "") return;
      } catch {
        return;
      }
      clearInterval(look);
      signal("SIGKILL");
    }, 5);
  });
  assert.deepEqual(ended, { status: null, failure: undefined });
  const child = Number(readFileSync(ready, "utf8"));
  // A zombie that waits for init is as dead.
  const isGone = (): boolean => {
    try {
      return /^State:\s+Z/m.test(readFileSync(`/proc/${child}/status`, "utf8"));
    } catch {
      return true;
    }
  };
  const until = performance.now() + 5000;
  while (!isGone() && performance.now() < until) await new Promise((wake) => setTimeout(wake, 5));
  assert.ok(isGone());
});

test("runScript() gives supplementary groups when told to, and none otherwise", async () => {
  const users = readFileSync("/etc/passwd", "utf8").trimEnd().split("\n");
  const ids = users.map((line) => line.split(":").slice(2, 4).map(Number));
  for (const [uid = 0, gid = 0] of ids.slice(0, 40)) {
    const wanted = execFileSync("id", ["-G", `${uid}`], { encoding: "utf8" })
      .trim()
      .split(" ");
    if (wanted.length === 1 && uid !== 0) continue;
    const out = join(folder, `groups-${uid}`);
    writeFileSync(out, "");
    chmodSync(out, 0o666);
    const argv = ["/bin/sh", "-c", `id -G > ${out}`];
    const groups = (): string[] => readFileSync(out, "utf8").trim().split(" ");
    await run({ argv, uid, gid, hasSupplementaryGroups: true });
    assert.deepEqual(groups().toSorted(), wanted.toSorted());
    await run({ argv, uid, gid });
    assert.deepEqual(groups(), [`${gid}`]);
  }
});

test("runScript() runs the file that it is given under the name that it is given", async () => {
  const script = file("resolved", "#!/bin/sh\nexit 6\n");
  assert.equal((await run({ argv: ["/no/such/link"], path: script })).status, 6);
  assert.equal((await run({ argv: ["true"], path: "/bin/sh" })).status, 0);
});
