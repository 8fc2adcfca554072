// -t --cluster as users call it: the real command on files of a pair, its statuses, and where its
// answers go.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./testing/daemon-run.js";

const main = fileURLToPath(new URL("main.js", import.meta.url));

interface Ending {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls the command in `folder`. */
function call(folder: string, ...words: string[]): Ending {
  const options = { encoding: "utf8", cwd: folder, timeout: 30_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], options);
  return { status, stdout, stderr };
}

function router(more: string): string {
  return `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
${more}
  virtual_ipaddress {
    192.0.2.1/24
  }
}
`;
}

/** A folder with a.conf and b.conf, and both.conf for the two of them. */
function pair(context: TestContext, second = "  priority 100"): string {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "a.conf"), router("  priority 150"));
  writeFileSync(join(folder, "b.conf"), router(second));
  writeFileSync(join(folder, "both.conf"), router("@a priority 150\n@b priority 100"));
  return folder;
}

const table = `virtual_router_id 51, IPv4, VI_1
  all is well                              MASTER a.conf
  a.conf is gone                           MASTER b.conf
  a.conf: interface eth0 fails (FAULT)     MASTER b.conf
  b.conf is gone                           MASTER a.conf
  b.conf: interface eth0 fails (FAULT)     MASTER a.conf
`;

function squeezed(text: string): string {
  return text.replace(/ {3,}/g, "  ");
}

test("a relative file finds what it includes by the name of its folder", (context) => {
  const folder = pair(context);
  mkdirSync(join(folder, "c"));
  writeFileSync(join(folder, "c", "c.conf"), `include ${"$"}{_PWD}/in.conf\n`);
  writeFileSync(join(folder, "c", "in.conf"), router("  priority 120"));
  const { status, stdout } = call(folder, "-t", "--cluster", "a.conf", "c/c.conf");
  assert.equal(status, 0);
  assert.match(stdout, /a\.conf is gone +MASTER c\/c\.conf/);
});

test("a pair that fits ends with 0 and the table on stdout", (context) => {
  const folder = pair(context);
  for (const words of [
    ["-t", "--cluster", "a.conf", "b.conf"],
    ["a.conf", "--cluster", "b.conf", "-t"],
    ["--cluster", "--", "a.conf", "b.conf"],
  ]) {
    const { status, stdout, stderr } = call(folder, ...words);
    assert.equal(status, 0, stderr);
    assert.equal(squeezed(stdout), squeezed(table));
    assert.equal(stderr, "");
  }
});

test("one file stands for two routers by their configuration ids", (context) => {
  const folder = pair(context);
  const { status, stdout } = call(folder, "-t", "--cluster", "both.conf@a", "both.conf@b");
  assert.equal(status, 0);
  assert.match(stdout, /both\.conf@a is gone +MASTER both\.conf@b/);
});

test("a file with @ in its name is found", (context) => {
  const folder = pair(context);
  writeFileSync(join(folder, "c@d"), router("  priority 100"));
  assert.equal(call(folder, "-t", "--cluster", "a.conf", "c@d").status, 0);
});

test("faults end with 5, after what is wrong in each file", (context) => {
  const folder = pair(context, "  priority 100\n  advert_int 2\n  no_such_keyword");
  const { status, stdout, stderr } = call(folder, "-t", "--cluster", "a.conf", "b.conf");
  assert.equal(status, 5);
  const own = stderr.indexOf("--- b.conf");
  const between = stderr.indexOf("--- between the routers");
  assert.ok(own >= 0 && between > own, stderr);
  assert.match(stderr.slice(own, between), /UNKNOWN_KEYWORD/);
  assert.match(stderr.slice(between), /^b\.conf:5:14: error: .*\[CLUSTER_INTERVAL_DIFFERS\]$/m);
  assert.match(stdout, /^virtual_router_id 51/);
});

test("errors of one file alone end with 5 too", (context) => {
  const folder = pair(context, "  priority 100\n  no_such_keyword");
  assert.equal(call(folder, "-t", "--cluster", "a.conf", "b.conf").status, 5);
});

test("--strict-config counts hints", (context) => {
  const folder = pair(context, "  priority 100\n  priority 100");
  assert.equal(call(folder, "-t", "--cluster", "a.conf", "b.conf").status, 0);
  assert.equal(call(folder, "-t", "--strict-config", "--cluster", "a.conf", "b.conf").status, 5);
});

test("a file that cannot be read ends with 4, a fatal one with 5, without a table", (context) => {
  const folder = pair(context);
  const missing = call(folder, "-t", "--cluster", "a.conf", "nosuch.conf");
  assert.equal(missing.status, 4);
  assert.match(missing.stderr, /^Cannot compare the routers: see nosuch\.conf$/m);
  assert.equal(missing.stdout, "");
  writeFileSync(join(folder, "bad.conf"), "vrrp_instance V {\n  interface eth0\n}\n");
  const fatal = call(folder, "-t", "--cluster", "a.conf", "bad.conf");
  assert.equal(fatal.status, 5);
  assert.equal(fatal.stdout, "");
});

test("fewer than two files, or one twice, are refused", (context) => {
  const folder = pair(context);
  for (const words of [[], ["a.conf"], ["a.conf", "a.conf"]]) {
    const { status, stderr } = call(folder, "-t", "--cluster", ...words);
    assert.equal(status, 1);
    assert.match(stderr, /^Cannot compare /);
  }
});

interface Report {
  readonly version: number;
  readonly exitCode: number;
  readonly nodes: readonly { readonly name: string; readonly diagnostics: readonly unknown[] }[];
  readonly faults: readonly { readonly code: string; readonly file: string }[];
  readonly table: readonly { readonly rows: readonly unknown[] }[];
}

test("--format=json gives one document on stdout, or in the file of -t", (context) => {
  const folder = pair(context, "  priority 150");
  const words = ["--format=json", "--cluster", "a.conf", "b.conf"];
  const { status, stdout, stderr } = call(folder, "-t", ...words);
  assert.equal(status, 5);
  assert.equal(stderr, "");
  const report = JSON.parse(stdout) as Report;
  assert.equal(report.version, 1);
  assert.equal(report.exitCode, 5);
  assert.deepEqual(
    report.nodes.map(({ name }) => name),
    ["a.conf", "b.conf"],
  );
  assert.deepEqual(
    report.faults.map(({ code, file }) => [code, file]),
    [["CLUSTER_PRIORITIES_EQUAL", "b.conf"]],
  );
  assert.equal(report.table[0]?.rows.length, 5);
  assert.equal(call(folder, "-treport.json", ...words).status, 5);
  assert.equal(readFileSync(join(folder, "report.json"), "utf8"), stdout);
});
