// Times of reload_time_file: which are taken, and when they are. In this process's time zone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readReloadTime } from "./reload-time.js";

/** Thursday, in the afternoon. */
const now = Date.UTC(2026, 10, 26, 15, 0, 0);

function utc(text: string): string | undefined {
  const time = readReloadTime(text, now);
  return time && `${new Date(time.atMs).toISOString()} ${time.hasDate}`;
}

test("readReloadTime() reads keepalived's forms in UTC", () => {
  assert.equal(utc("2026-12-01 04:05:06Z"), "2026-12-01T04:05:06.000Z true");
  assert.equal(utc("27-01-31 00:00:00Z\nmore\n"), "2027-01-31T00:00:00.000Z true");
  assert.equal(utc("2020-01-01 00:00:00Z"), "2020-01-01T00:00:00.000Z true");
  assert.equal(utc("15:00:01Z"), "2026-11-26T15:00:01.000Z false");
  assert.equal(utc("15:00:00Z\n"), "2026-11-27T15:00:00.000Z false");
  assert.equal(utc("2028-02-29 23:59:59Z"), "2028-02-29T23:59:59.000Z true");
});

test("readReloadTime() reads local time without Z", () => {
  const at = readReloadTime("2026-12-01 04:05:06", now)?.atMs;
  assert.equal(at, new Date(2026, 11, 1, 4, 5, 6).getTime());
  const time = readReloadTime("04:05:06", now)?.atMs ?? 0;
  assert.ok(time > now && time <= now + 25 * 3_600_000);
  assert.equal(new Date(time).getHours(), 4);
});

test("readReloadTime() takes nothing else", () => {
  const rows = [
    ...["", "now", " 04:05:06", "04:05:06 ", "4:05:06", "04:05", "24:00:00", "00:60:00"],
    ...["00:00:60", "2026-13-01 00:00:00", "2026-02-29 00:00:00Z", "2026-12-01  00:00:00"],
    ...["2026-12-01T00:00:00", "026-12-01 00:00:00", "04:05:06z", "26-00-10 00:00:00"],
  ];
  for (const text of rows) assert.equal(readReloadTime(text, now), undefined, text);
});
