// Data files in a folder that everybody can write to: links, pipes, files of others.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/daemon-run.js";
import { writeDumpFile } from "./dump-file.js";

const umask = 0o177;

test("writeDumpFile() writes a new file, and an old one in place", (t) => {
  const path = join(temporaryFolder(t), "k.data");
  assert.equal(writeDumpFile(path, "a longer text\n", umask), undefined);
  const { ino, mode } = statSync(path);
  assert.equal(mode & 0o777, 0o600);
  assert.equal(writeDumpFile(path, "short\n", 0o022), undefined);
  assert.equal(readFileSync(path, "utf8"), "short\n");
  assert.equal(statSync(path).ino, ino);
  assert.equal(statSync(path).mode & 0o777, 0o644);
});

test("writeDumpFile() never writes through what somebody else has put there", (t) => {
  const folder = temporaryFolder(t);
  const victim = join(folder, "victim");
  const rows: [string, (path: string) => void][] = [
    ["symbolic link", (path) => symlinkSync(victim, path)],
    ["hard link", (path) => linkSync(victim, path)],
    ["dangling link", (path) => symlinkSync(join(folder, "nothing"), path)],
    ["named pipe", (path) => void execFileSync("mkfifo", [path])],
    [
      "file of another user",
      (path) => {
        writeFileSync(path, "theirs");
        chownSync(path, 65534, 65534);
      },
    ],
  ];
  for (const [name, prepare] of rows) {
    writeFileSync(victim, "untouched");
    const path = join(folder, name);
    prepare(path);
    assert.equal(writeDumpFile(path, "data\n", umask), undefined, name);
    assert.equal(readFileSync(victim, "utf8"), "untouched", name);
    assert.ok(lstatSync(path).isFile() && lstatSync(path).uid === process.geteuid?.(), name);
    assert.equal(readFileSync(path, "utf8"), "data\n", name);
  }
});

test("writeDumpFile() says why it cannot", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "folder"));
  assert.match(writeDumpFile(join(folder, "folder"), "", umask) ?? "", /Cannot write ".*folder": /);
  const missing = writeDumpFile(join(folder, "no", "file"), "", umask);
  assert.match(missing ?? "", /no\/file": .*(ENOENT|no such file)/i);
});
