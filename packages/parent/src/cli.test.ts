// cli.ts against getopt_long(3) as keepalived uses it: what each form of a command line means.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCommandLine } from "./cli.js";
import { type DaemonOptions, defaultOptions, optionTable, usage } from "./cli-options.js";

/** The options that `words` (separated by blanks) lead to; fails if they are refused. */
function parse(words: string): { options: DaemonOptions; warnings: readonly string[] } {
  const command = parseCommandLine(words.split(" ").filter((word) => word !== ""));
  assert.equal(command.kind, "run", JSON.stringify(command));
  assert.ok(command.kind === "run");
  return command;
}

test("parseCommandLine() takes every option that is built, in each of its spellings", () => {
  const rows: [string, Partial<DaemonOptions>][] = [
    ["", {}],
    ["-f /a", { configFile: "/a" }],
    ["-f/a", { configFile: "/a" }],
    ["--use-file=/a", { configFile: "/a" }],
    ["--use-file /a", { configFile: "/a" }],
    ["--use=/a", { configFile: "/a" }],
    ["-f -n", { configFile: "-n" }],
    ["-nlD", { dontFork: true, logToConsole: true, logDetail: 1 }],
    ["-DD -D", { logDetail: 2 }],
    ["-nlDf/a", { dontFork: true, logToConsole: true, logDetail: 1, configFile: "/a" }],
    ["--dont-fork --log-detail", { dontFork: true, logDetail: 1 }],
    ["-p /p -r /r -c /c", { pidFiles: { parent: "/p", vrrp: "/r", checker: "/c" } }],
    ["--vrrp_pid=/r", { pidFiles: { vrrp: "/r" } }],
    ["-P", { kinds: ["vrrp"] }],
    ["-C", { kinds: ["checker"] }],
    ["-PC", { kinds: ["vrrp", "checker"] }],
    ["-S 3", { facility: 19 }],
    ["-S local7", { facility: 23 }],
    ["--log-facility=user", { facility: 1 }],
    ["-G", { logToSyslog: false }],
    ["--log-journal never", { journal: "never" }],
    ["-R", { respawn: false }],
    ["-i node1", { configId: "node1" }],
    ["-u 022", { umask: 0o22 }],
    ["-u 0x12", { umask: 0o22 }],
    ["-u 18", { umask: 0o22 }],
    ["-t", { configTest: "" }],
    ["-t/log", { configTest: "/log" }],
    ["-t=/log", { configTest: "/log" }],
    ["--config-test=/log", { configTest: "/log" }],
    ["-t -f /a", { configTest: "", configFile: "/a" }],
    ["--ignore-sigint", { ignoreInterrupt: true }],
    ["-B -b /x --no-mem-check --flush-log-file -X", {}],
    ["-s blue -e -d", { namespace: "blue", includeCheck: true, logsConfig: true }],
    ["-V -I", { keeps: ["vrrp", "checker"] }],
    ["-g", { logFile: "/tmp/keepalived.log" }],
    ["-g/log --log-file=/log", { logFile: "/log" }],
    ["-m", { leavesCore: true }],
    ["-M", { leavesCore: true, corePattern: "core" }],
    ["-M/tmp/core.%p", { leavesCore: true, corePattern: "/tmp/core.%p" }],
    ["-a --all", { logsAddresses: true, startsAll: true }],
    ["-n -- -l", { dontFork: true }],
  ];
  for (const [words, expected] of rows) {
    assert.deepEqual(parse(words).options, { ...defaultOptions(), ...expected }, words);
  }
});

test("parseCommandLine() starts with a warning without what is known but not built", () => {
  const harmless = "--perf --debug=all";
  for (const word of ["--perf", "--debug"]) {
    const { warnings } = parse(word);
    assert.equal(warnings.length, 1, word);
    assert.match(warnings[0] ?? "", /is not supported yet: /);
  }
  assert.deepEqual(parse(harmless).options, defaultOptions());
});

test("parseCommandLine() takes -x and -A", () => {
  const { options, warnings } = parse("-x -A tcp:agent");
  assert.deepEqual(warnings, []);
  assert.deepEqual([options.enablesSnmp, options.snmpSocket], [true, "tcp:agent"]);
});

test("parseCommandLine() goes on with a warning about what it cannot use", () => {
  for (const words of ["-S mail", "-u 9x", "-u 01000", "-u -1", "stray"]) {
    const { options, warnings } = parse(words);
    assert.deepEqual(options, defaultOptions(), words);
    assert.equal(warnings.length, 1, words);
    assert.match(warnings[0] ?? "", /^Cannot use /);
  }
});

test("parseCommandLine() refuses what is unknown or dangerous to leave out", () => {
  const rows: [string, RegExp][] = [
    ["--bogus", /^Unknown option --bogus$/],
    ["-nZ", /^Unknown option -Z$/],
    ["-f", /^Missing parameter for option -f$/],
    ["--use-file", /^Missing parameter for option --?\w/],
    ["--dont", /^Ambiguous option --dont: could be --dont-release-vrrp, /],
    ["--dont-fork=1", /takes no argument$/],
    ["-n -T", /^Cannot use --genhash here/],
    ["--signum=TDATA", /^Cannot print signal "TDATA": must be one of STOP/],
  ];
  for (const [words, pattern] of rows) {
    const command = parseCommandLine(words.split(" "));
    assert.ok(command.kind === "refused", words);
    assert.match(command.text, pattern);
  }
});

test("parseCommandLine() answers questions at the first word that asks one", () => {
  assert.deepEqual(parseCommandLine(["-v", "--bogus"]), { kind: "version" });
  assert.deepEqual(parseCommandLine(["-n", "--help"]), { kind: "help" });
  const numbers = { STOP: 15, RELOAD: 1, DATA: 10, STATS: 12, STATS_CLEAR: 63, JSON: 36 };
  for (const [name, signal] of Object.entries(numbers)) {
    assert.deepEqual(parseCommandLine([`--signum=${name}`]), { kind: "signalNumber", signal });
  }
});

test("usage() has a line for every option, and no two options share a name", () => {
  const lines = usage().split("\n");
  for (const option of optionTable) {
    assert.ok(
      lines.some((line) => line.includes(`--${option.long}`)),
      option.long,
    );
  }
  const distinct = new Set(optionTable.map((option) => option.long));
  assert.equal(distinct.size, optionTable.length);
  const shorts = optionTable.flatMap((option) => option.short ?? []);
  assert.equal(new Set(shorts).size, shorts.length);
});
