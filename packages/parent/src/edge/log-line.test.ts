// log-line.ts: what a record looks like on one line.

import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleTime, lineCharactersMax, lineText, syslogTime } from "./log-line.js";

test("lineText() keeps keepalived's wording, with the data behind it only where asked", () => {
  const text = "(VI_1) Entering MASTER STATE";
  const record = { level: "info", text, data: { instance: "VI_1", port: 80, gone: null } } as const;
  assert.equal(lineText(record, false), text);
  assert.equal(lineText(record, true), `${text} (instance=VI_1, port=80)`);
  assert.equal(lineText({ level: "info", text }, true), text);
});

test("lineText() lets no control character through, so that nobody can forge a line", () => {
  const text = "name \n<0>Nov 23 07:00:00 su: root\x1b[2J\x7f\x85";
  const line = lineText({ level: "warn", text }, false);
  assert.equal(line, "name \\x0a<0>Nov 23 07:00:00 su: root\\x1b[2J\\x7f\\x85");
});

test("lineText() cuts what is too long", () => {
  const line = lineText({ level: "info", text: "x".repeat(10 * lineCharactersMax) }, false);
  assert.equal(line, `${"x".repeat(lineCharactersMax)}...`);
});

test("syslogTime() and consoleTime() write local time as syslog(3) and ctime(3) do", () => {
  const date = new Date(2026, 10, 3, 7, 5, 9);
  assert.equal(syslogTime(date), "Nov  3 07:05:09");
  assert.equal(consoleTime(date), "Tue Nov  3 07:05:09 2026");
});
