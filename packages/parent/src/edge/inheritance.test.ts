// inheritance.ts: what one release writes the next reads, and nothing else.

import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { serialize } from "node:v8";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { buildConfig, buildSnapshot } from "../testing/builders.js";
import { temporaryFolder } from "../testing/daemon-run.js";
import { type Inheritance, readInheritance, writeInheritance } from "./inheritance.js";

const left: Inheritance = {
  version: "Keepalived v2.4.3 (keepalived-ts 0.1.0)",
  startFolder: "/",
  estate: {
    generation: 7,
    config: buildConfig("vrrp checker"),
    kinds: ["vrrp", "checker"],
    idleSince: 12.5,
    isStopOwed: false,
    instances: [buildSnapshot()],
    realServers: [],
    virtualServers: [],
    answers: [],
    trackers: [{ kind: "script", name: "chk", value: 1 }],
    groups: [{ group: "G", state: "MASTER" }],
  },
  settings: [
    {
      sysctl: { family: "ipv4", interface: "all", name: "rp_filter" },
      formerValue: 2,
      ourValue: 0,
    },
  ],
  formerLocalIgmp: "1",
};

function fileWith(t: TestContext, bytes: Uint8Array): number {
  const path = join(temporaryFolder(t), "file");
  writeFileSync(path, bytes);
  return openSync(path, "r+");
}

test("readInheritance() reads what writeInheritance() has left, which has no name", (t) => {
  const folder = temporaryFolder(t);
  const descriptor = writeInheritance(folder, left);
  assert.deepEqual(readdirSync(folder), []);
  assert.deepEqual(readInheritance(descriptor), left);
  assert.throws(() => closeSync(descriptor), /EBADF/);
});

test("readInheritance() refuses another form and says where", (t) => {
  const { generation: _, ...estate } = left.estate;
  const cases: readonly [unknown, RegExp][] = [
    [{ ...left, estate }, /in another form \(estate\.generation: /],
    [{ ...left, more: 1 }, /in another form/],
    [{ ...left, estate: { ...left.estate, kinds: ["bfd"] } }, /estate\.kinds\.0/],
    [null, /in another form/],
  ];
  for (const [value, wanted] of cases) {
    const read = readInheritance(fileWith(t, serialize(value)));
    assert.ok(read instanceof KeepalivedError);
    assert.match(read.message, wanted);
  }
  for (const bytes of ["", "nonsense"]) {
    const read = readInheritance(fileWith(t, Buffer.from(bytes)));
    assert.ok(read instanceof KeepalivedError, bytes);
    assert.match(read.message, /^Cannot read what is left behind/);
  }
});
