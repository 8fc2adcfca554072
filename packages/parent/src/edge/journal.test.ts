// journal.ts: entries in the journal's protocol, decoded apart from the code under test.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/daemon-run.js";
import { journalEntry } from "./journal.js";
import { createLogSink } from "./log-sink.js";

const fields = { priority: 6, facility: 3, ident: "Keepalived_vrrp", pid: 77 };

/** systemd's JOURNAL_NATIVE_PROTOCOL: NAME=VALUE, or NAME, length and value for binary ones. */
function decoded(entry: string): Record<string, string> {
  assert.ok(entry.endsWith("\n"));
  const lines = entry.slice(0, -1).split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf("=");
      const name = line.slice(0, at);
      // journal-file: names begin with a letter, and with an underscore for trusted ones only.
      assert.match(name, /^[A-Z][A-Z0-9_]{0,63}$/, line);
      return [name, line.slice(at + 1)];
    }),
  );
}

test("journalEntry() has the fields that a reader filters by", () => {
  const text = "(VI_1) Entering MASTER STATE";
  const entry = decoded(journalEntry({ level: "info", text }, fields, false));
  assert.deepEqual(entry, {
    MESSAGE: text,
    PRIORITY: "6",
    SYSLOG_FACILITY: "3",
    SYSLOG_IDENTIFIER: "Keepalived_vrrp",
    SYSLOG_PID: "77",
    KEEPALIVED_LEVEL: "info",
    KEEPALIVED_INSTANCE: "VI_1",
  });
});

test("journalEntry() says what a record is about, its text aside", () => {
  const about = { virtualServer: "[192.0.2.1]:tcp:80", realServer: "[10.0.0.1]:tcp:80" };
  const record = {
    level: "info",
    text: "(VI_1) Adding service",
    data: { port: 80 },
    about,
  } as const;
  assert.deepEqual(Object.entries(decoded(journalEntry(record, fields, false))).slice(6), [
    ["KEEPALIVED_PORT", "80"],
    ["KEEPALIVED_VIRTUAL_SERVER", about.virtualServer],
    ["KEEPALIVED_REAL_SERVER", about.realServer],
  ]);
});

test("journalEntry() has the data of a record, which cannot forge fields", () => {
  const hostile = "x\nMESSAGE=forged\n_UID=0\0";
  const record = {
    level: "error",
    text: hostile,
    data: { exitCode: 7, errno: hostile, "wrong name": "left out", nothing: null },
  } as const;
  const entry = decoded(journalEntry(record, fields, false));
  assert.deepEqual(Object.keys(entry).slice(6), ["KEEPALIVED_EXIT_CODE", "KEEPALIVED_ERRNO"]);
  assert.equal(entry["MESSAGE"], "x\\x0aMESSAGE=forged\\x0a_UID=0\\x00");
  assert.equal(entry["KEEPALIVED_ERRNO"], entry["MESSAGE"]);
  const long = journalEntry({ level: "info", text: "y".repeat(1_000_000) }, fields, true);
  assert.ok(long.length < 4_000);
});

test("files have an object a line where JSON is asked for", async (t) => {
  const path = join(temporaryFolder(t), "keepalived.log");
  const sink = createLogSink({
    ...{ toConsole: false, toSyslog: false, facility: 3, detail: 0, syslogPath: "", file: path },
    asJson: true,
  });
  const source = { ident: "Keepalived", pid: 5 };
  sink.write({ level: "warn", text: "(VI_1) a\nb", data: { count: 3, isIt: true } }, source);
  sink.write({ level: "info", text: "plain" }, source);
  await sink.close();
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  const [first, second] = lines.map((line) => JSON.parse(line));
  assert.match(first.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(
    { ...first, time: "" },
    {
      ...{ time: "", level: "warn", ident: "Keepalived", pid: 5, instance: "VI_1" },
      text: "(VI_1) a\\x0ab",
      data: { count: 3, isIt: true },
    },
  );
  assert.deepEqual(Object.keys(second), ["time", "level", "ident", "pid", "text"]);
});
