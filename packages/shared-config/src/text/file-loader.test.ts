// What the disk may hold in a file's place.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileLoader } from "./file-loader.js";
import { fileBytesMax } from "./loader.js";

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "file-loader-"));
});

after(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o644 });
  return path;
}

function failure(path: string): string | undefined {
  const loaded = fileLoader.read(path);
  return loaded.ok ? undefined : loaded.failure;
}

test("fileLoader reads UTF-8, and anything else as Latin-1", () => {
  const utf8 = fileLoader.read(write("utf8", "é\ufffd"));
  assert.deepEqual(utf8, { ok: true, text: "é\ufffd", encoding: "utf8" });
  const latin1 = fileLoader.read(write("latin1", Buffer.from([0x61, 0xe9])));
  assert.deepEqual(latin1, { ok: true, text: "aé", encoding: "latin1" });
});

test("fileLoader tells missing, irregular, executable and huge files apart", () => {
  assert.equal(failure(join(folder, "none")), "missing");
  assert.equal(failure(join(folder, "utf8", "below")), "missing");
  mkdirSync(join(folder, "directory"));
  assert.equal(failure(join(folder, "directory")), "notRegular");
  assert.equal(failure("/dev/zero"), "notRegular");
  chmodSync(write("executable", ""), 0o755);
  assert.equal(failure(join(folder, "executable")), "executable");
  truncateSync(write("huge", ""), fileBytesMax + 1);
  assert.equal(failure(join(folder, "huge")), "tooLarge");
  symlinkSync("loop", join(folder, "loop"));
  assert.equal(failure(join(folder, "loop")), "unreadable");
});

test("fileLoader does not wait for a FIFO that nobody writes to", () => {
  const path = join(folder, "fifo");
  execFileSync("mkfifo", [path]);
  assert.equal(failure(path), "notRegular");
});

test("fileLoader reads no more than it accepts of a file that never ends and has no size", () => {
  assert.equal(failure("/proc/self/pagemap"), "tooLarge");
});

test("fileLoader lists as much of a directory as is asked for, if there is one", () => {
  mkdirSync(join(folder, "list"));
  for (const name of ["a", "b", "c"]) write(`list/${name}`, "");
  assert.deepEqual([...fileLoader.list(join(folder, "list"), 3)].toSorted(), ["a", "b", "c"]);
  assert.equal(fileLoader.list(join(folder, "list"), 2).length, 2);
  assert.deepEqual(fileLoader.list(join(folder, "nowhere"), 9), []);
  execFileSync("mkfifo", [join(folder, "list", "fifo")]);
  assert.deepEqual(fileLoader.list(join(folder, "list", "fifo"), 9), []);
});
