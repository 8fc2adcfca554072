// The laboratory itself: outcomes, several guests at once, guests that never end or never start.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { runInUml } from "./uml.js";

/** The folders of this process' guests; other tests may have guests of theirs. */
function leftovers(): string[] {
  return readdirSync("/var/tmp").filter((name) => name.includes(`-uml-${process.pid}-`));
}

test("runInUml() gives status, stdout and stderr of a command inside another kernel", async () => {
  const script = [
    "uname -r; echo to stderr >&2; ip -br link show type dummy; echo $WORD",
    "ip link add dummy7 type dummy && ip -br link show dummy7 | cut -d' ' -f1",
    "touch /tmp/inside; ls /tmp/inside; exit 7",
  ].join("\n");
  const environment = { WORD: "it's quoted" };
  const { status, stdout, stderr } = await runInUml({ script, environment, timeoutS: 60 });
  assert.equal(status, 7);
  assert.match(stderr, /to stderr/);
  assert.match(stdout, /^6\.\d+.*\n[\s\S]*it's quoted\ndummy7\n\/tmp\/inside\n$/);
});

test("runInUml() runs many guests at once, each with an outcome of its own", async () => {
  const statuses = [3, 0].map(async (status) => {
    const result = await runInUml({ argv: ["sh", "-c", `exit ${status}`], timeoutS: 60 });
    return result.status;
  });
  assert.deepEqual(await Promise.all(statuses), [3, 0]);
});

test("runInUml() kills a guest that does not end in time, and says what it had said", async () => {
  const script = "echo said so; sleep 1000";
  await assert.rejects(
    runInUml({ script, timeoutS: 3 }),
    /ended without a status[\s\S]*said so|ran out of time[\s\S]*said so/,
  );
  assert.deepEqual(leftovers(), []);
});

test("runInUml() removes what a killed owner has left behind", async () => {
  const orphan = "/var/tmp/keepalived-ts-uml-99999999-orphan";
  mkdirSync(orphan, { recursive: true });
  await runInUml({ script: "true", timeoutS: 60 });
  assert.equal(existsSync(orphan), false);
});

test("runInUml() rejects when a module does not exist, before the command runs", async () => {
  const modules = ["no_such_module"];
  await assert.rejects(runInUml({ script: "echo ran", modules, timeoutS: 60 }), /no_such_module/);
});
