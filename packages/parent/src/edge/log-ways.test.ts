// log-ways.ts: a record reaches the journal once, whatever leads there.

import assert from "node:assert/strict";
import { closeSync, fstatSync, openSync } from "node:fs";
import { test } from "node:test";
import { isJournal, type LogSurroundings, logWays, type WantedWays } from "./log-ways.js";

const service: LogSurroundings = { isStderrJournal: true, isSyslogJournal: true, hasJournal: true };
const shell: LogSurroundings = { ...service, isStderrJournal: false };

test("logWays() reaches the journal once, by its own protocol, and asks nothing more", () => {
  const rows: [string, WantedWays, LogSurroundings, string][] = [
    ["a service", wanted("syslog"), service, "journal"],
    ["a service with -l", wanted("console syslog"), service, "journal"],
    ["a service with -lG", wanted("console"), service, "journal"],
    ["a service with -G", wanted(""), service, ""],
    ["its journal without the socket", wanted("syslog"), without(service), "syslog"],
    ["a syslog of its own", wanted("syslog"), separate(service), "syslog journal"],
    ["by hand", wanted("console syslog"), shell, "console syslog"],
    ["never", wanted("console syslog", "never"), service, "console syslog"],
    ["always, by hand", wanted("console syslog", "always"), shell, "console journal"],
    ["always, with -G", wanted("", "always"), shell, "journal"],
    [
      "always, before journald",
      wanted("syslog", "always"),
      without(separate(shell)),
      "syslog journal",
    ],
  ];
  for (const [name, ways, about, expected] of rows) {
    const { toConsole, toSyslog, toJournal } = logWays(ways, about);
    const taken = [
      toConsole ? "console" : "",
      toSyslog ? "syslog" : "",
      toJournal ? "journal" : "",
    ];
    assert.equal(taken.filter(Boolean).join(" "), expected, name);
  }
});

test("isJournal() compares device and inode", (t) => {
  const descriptor = openSync("/dev/null", "w");
  t.after(() => closeSync(descriptor));
  const { dev, ino } = fstatSync(descriptor);
  assert.equal(isJournal(descriptor, `${dev}:${ino}`), true);
  for (const other of [`${dev}:${ino + 1}`, `${dev + 1}:${ino}`, "", "x", undefined]) {
    assert.equal(isJournal(descriptor, other), false, other);
  }
  assert.equal(isJournal(1_000_000, `${dev}:${ino}`), false);
});

function wanted(ways: string, journal: WantedWays["journal"] = "auto"): WantedWays {
  return { toConsole: ways.includes("console"), toSyslog: ways.includes("syslog"), journal };
}

function without(about: LogSurroundings): LogSurroundings {
  return { ...about, hasJournal: false };
}

function separate(about: LogSurroundings): LogSurroundings {
  return { ...about, isSyslogJournal: false };
}
