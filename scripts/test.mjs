// Runs the checks and the test suites and sums up. Decides which files make a suite and what may
// run in parallel: the suites that wait for real daemons in one process, those that compute in a
// second one of low priority beside it. A skipped test counts as failed, for a skip proves nothing.

import { fork, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { dirname, join, relative } from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const SLOWEST_SHOWN = 8;
/** The slowest file takes two minutes on a slow machine. */
const FILE_LIMIT_MS = 8 * 60_000;
/** Set in the environment of the process that runs the suites in the background. */
const BACKGROUND = "KEEPALIVED_TS_BACKGROUND_SUITES";

/**
 * Folders of compiled tests. Suites that time real daemons run one file at a time; what mostly
 * computes runs beside them, in the background.
 */
const suites = {
  unit: {
    folders: [
      ...["shared-config", "vrrp", "checker"].map((name) => `packages/${name}`),
      ...["golden", "vectors", "conformance"].map((name) => `test/dist/${name}`),
      "scripts",
    ],
    concurrency: 2,
    isBackground: true,
  },
  kernel: {
    folders: ["packages/netops", "packages/parent"],
    concurrency: 1,
    isBackground: true,
  },
  simulation: { folders: ["test/dist/simulation"], concurrency: 2, isBackground: true },
  fuzz: { folders: ["test/dist/fuzz"], concurrency: 2, isBackground: true },
  netns: { folders: ["test/dist/lab", "test/dist/netns", "test/dist/demo"], concurrency: 1 },
  interop: { folders: ["test/dist/interop", "test/dist/bench"], concurrency: 1 },
  ipvs: { folders: ["test/dist/ipvs"], concurrency: 1, isBackground: true },
};

const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
const checks = {
  format: [biome, "check", "--error-on-warnings", "--max-diagnostics=50", "."],
  tidy: [join(root, "scripts/tidy.mjs")],
};

/** The compiler leaves the output of a source that was removed. */
function sourceOf(path) {
  return path
    .replace(/^(packages\/[^/]+)\/dist\//, "$1/src/")
    .replace(/^test\/dist\//, "test/")
    .replace(/\.js$/, ".ts");
}

function testFiles(folder) {
  let entries;
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch {
    // A suite without a folder has no tests.
    return [];
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : testFiles(path);
    return /\.test\.m?js$/.test(entry.name) && existsSync(join(root, sourceOf(path))) ? [path] : [];
  });
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function report(name, passed, failed, milliseconds) {
  const counts = `${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed`;
  process.stdout.write(`${name.padEnd(12)}${counts} ${seconds(milliseconds).padStart(9)}\n`);
}

function runCheck(name, [script, ...args]) {
  const begin = performance.now();
  const { status } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const failed = status === 0 ? 0 : 1;
  report(name, 1 - failed, failed, performance.now() - begin);
  return { passed: 1 - failed, failed, tests: [] };
}

function errorText(details) {
  const error = details.error?.cause ?? details.error;
  return String(error?.stack ?? error ?? "failed").replaceAll("\n", "\n    ");
}

function showFailure(test, details) {
  const place = relative(root, test.file ?? "");
  process.stdout.write(`\nFAILED ${test.name}\n    ${place}\n    ${errorText(details)}\n\n`);
}

/** The tests of one suite; a test that contains tests is not counted itself. */
async function runSuite(name, { folders, concurrency }) {
  const begin = performance.now();
  const files = folders.flatMap(testFiles).map((file) => join(root, file));
  const result = { passed: 0, failed: 0, tests: [] };
  if (files.length === 0) {
    process.stdout.write(`\nFAILED ${name}: no test files in ${folders.join(", ")}\n\n`);
    return { ...result, failed: 1 };
  }
  const output = new Map();
  const stream = run({ files, concurrency, timeout: FILE_LIMIT_MS });
  stream.on("test:stderr", ({ file, message }) => {
    output.set(file, `${output.get(file) ?? ""}${message}`);
  });
  stream.on("test:pass", (test) => {
    if (test.details.type === "suite") return;
    if (test.skip !== undefined || test.todo !== undefined) {
      result.failed += 1;
      showFailure(test, { error: "A skipped test proves nothing: remove it or make it run" });
      return;
    }
    result.passed += 1;
    result.tests.push({ name: test.name, suite: name, duration: test.details.duration_ms });
  });
  stream.on("test:fail", (test) => {
    // A parent fails with its child; the child tells why.
    if (test.details.error?.failureType === "subtestsFailed") return;
    result.failed += 1;
    showFailure(test, test.details);
  });
  for await (const _event of stream);
  if (result.failed > 0) for (const text of output.values()) process.stdout.write(text);
  report(name, result.passed, result.failed, performance.now() - begin);
  return result;
}

async function runSuites(names) {
  const results = [];
  for (const name of names) results.push(await runSuite(name, suites[name]));
  return results;
}

/** Runs the suites in a process of low priority. */
function runInBackground(names) {
  return new Promise((settle) => {
    let results;
    const child = fork(fileURLToPath(import.meta.url), names, {
      env: { ...process.env, [BACKGROUND]: "1" },
    });
    child.on("message", (message) => {
      results = message;
    });
    child.on("close", (status) => {
      if (results === undefined) {
        process.stdout.write(`\nFAILED ${names.join(", ")}: ended with ${status}\n\n`);
      }
      settle(results ?? [{ passed: 0, failed: 1, tests: [] }]);
    });
  });
}

function showSlowest(tests) {
  const slowest = tests.toSorted((left, right) => right.duration - left.duration);
  process.stdout.write("\nSlowest:\n");
  for (const { name, suite, duration } of slowest.slice(0, SLOWEST_SHOWN)) {
    process.stdout.write(`${seconds(duration).padStart(9)}  ${suite}: ${name}\n`);
  }
}

async function main(wanted) {
  const unknown = wanted.filter((name) => !(name in suites));
  if (unknown.length > 0) {
    const known = Object.keys(suites).join(", ");
    process.stderr.write(`Cannot run suite "${unknown[0]}": want one of ${known}\n`);
    process.exitCode = 2;
    return;
  }
  // The first user of named network namespaces on a machine prepares their folder; two at a time
  // fail.
  const probe = `kalab-prepare-${process.pid}`;
  spawnSync("ip", ["netns", "add", probe]);
  spawnSync("ip", ["netns", "delete", probe]);
  const results = [];
  if (wanted.length === 0) {
    for (const [name, argv] of Object.entries(checks)) results.push(runCheck(name, argv));
  }
  const names = wanted.length === 0 ? Object.keys(suites) : wanted;
  const background = names.filter((name) => suites[name].isBackground);
  const foreground = names.filter((name) => !suites[name].isBackground);
  const lanes = [runSuites(foreground)];
  if (background.length > 0) lanes.push(runInBackground(background));
  results.push(...(await Promise.all(lanes)).flat());
  showSlowest(results.flatMap((result) => result.tests));
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

if (process.env[BACKGROUND] === undefined) {
  await main(process.argv.slice(2));
} else {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  process.send(await runSuites(process.argv.slice(2)), () => process.disconnect());
}
