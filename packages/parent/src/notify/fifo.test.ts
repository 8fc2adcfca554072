// FIFOs as they are: made and removed, read late or never, with a script that reads them.

import assert from "node:assert/strict";
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { FifoConfig } from "@keepalived-ts/shared-config/schema/config";
import { emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import { globalDefaults } from "@keepalived-ts/shared-config/schema/config-global-defaults";
import { linesMax } from "../core/line-queue.js";
import { Fifo } from "./fifo.js";
import { Fifos } from "./fifos.js";

const folder: string = mkdtempSync(join(tmpdir(), "fifo-"));
after(() => rmSync(folder, { recursive: true }));

interface Bench {
  readonly fifo: Fifo;
  readonly path: string;
  readonly logged: string[];
}

function open(name: string, more: Partial<FifoConfig> = {}): Bench {
  const path = join(folder, name);
  const logged: string[] = [];
  const log = ({ text }: LogRecord): void => {
    logged.push(text);
  };
  const fifo = new Fifo(
    { path, user: "root", ...more },
    { keyword: "notify_fifo", umask: 0o177, log },
  );
  fifo.open();
  return { fifo, path, logged };
}

function readAll(path: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(1 << 20);
  try {
    return buffer.toString("latin1", 0, readSync(descriptor, buffer));
  } catch {
    // EAGAIN: it is empty.
    return "";
  } finally {
    closeSync(descriptor);
  }
}

async function until(holds: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(10_000);
  while (!holds()) {
    limit.throwIfAborted();
    await new Promise((wake) => setTimeout(wake, 10));
  }
}

test("Fifo is made, holds lines until somebody reads them, and is removed", async () => {
  const { fifo, path, logged } = open("plain");
  const stat = statSync(path);
  assert.ok(stat.isFIFO());
  assert.equal(stat.mode & 0o777, 0o600);
  fifo.write("a\n");
  fifo.write("b\n");
  assert.equal(readAll(path), "a\nb\n");
  await fifo.close();
  assert.equal(existsSync(path), false);
  assert.deepEqual(logged, []);
});

test("Fifo that nobody reads costs a bounded queue, and goes on with the last lines", async () => {
  const { fifo, path, logged } = open("unread");
  const line = (i: number): string => `${String(i).padStart(99, "0")}\n`;
  const count = 5_000;
  for (let i = 0; i < count; i++) fifo.write(line(i));
  assert.equal(logged.length, 1);
  assert.match(logged[0] ?? "", /nobody reads it and 1000 lines wait/);
  const inPipe = readAll(path).split("\n").length - 1;
  assert.ok(inPipe < count - linesMax);
  fifo.write(line(count));
  const rest: number[] = [];
  await until(() => {
    rest.push(...readAll(path).split("\n").slice(0, -1).map(Number));
    return rest.at(-1) === count;
  });
  assert.equal(rest.length, linesMax);
  assert.match(logged[1] ?? "", /it is read again, after \d+ lines were dropped/);
  await fifo.close();
});

test("Fifo is given to its user", async () => {
  const { fifo, path } = open("given", { uid: 1234, gid: 2345 });
  const { uid, gid } = statSync(path);
  assert.deepEqual([uid, gid], [1234, 2345]);
  await fifo.close();
});

test("Fifo uses a FIFO that is there and leaves it, but nothing else", async () => {
  const { fifo: first, path } = open("there");
  const { fifo: second } = open("there");
  await second.close();
  assert.equal(existsSync(path), true);
  await first.close();
  const file = join(folder, "file");
  writeFileSync(file, "content");
  const { fifo, logged } = open("file");
  fifo.write("a\n");
  await fifo.close();
  assert.match(logged[0] ?? "", /^Cannot use notify_fifo ".*": it is no FIFO$/);
  assert.equal(readFileSync(file, "utf8"), "content");
  assert.match(open("no/where").logged[0] ?? "", /ENOENT/);
});

test("Fifo runs its script, which sees the end; one that does not gets SIGTERM", async () => {
  const out = join(folder, "out");
  const cat = { argv: ["/bin/sh", "-c", `exec cat "$0" > ${out}`], user: "root" };
  const { fifo } = open("script", { script: cat });
  fifo.write("a\n");
  fifo.write("b\n");
  // The reader has opened it: only then does its end mean anything to it.
  await until(() => existsSync(out) && readFileSync(out, "utf8") === "a\nb\n");
  await fifo.close();
  const deaf = open("deaf", { script: { argv: ["/bin/sleep", "600"], user: "root" } });
  await deaf.fifo.close();
  assert.deepEqual(deaf.logged, []);
});

test("Fifos writes lines where they belong; a reload keeps what it does not change", async () => {
  const logged: string[] = [];
  const fifos = new Fifos(({ text }) => logged.push(text));
  const path = (name: string): string => join(folder, name);
  const config = (vrrpPath: string) => ({
    global: {
      ...globalDefaults,
      notifyFifo: { path: path("all"), user: "root" },
      vrrpNotifyFifo: { path: path(vrrpPath), user: "root" },
      lvsNotifyFifo: { path: path("lvs"), user: "root" },
    },
    vrrp: emptyVrrpConfig,
    checker: undefined,
  });
  fifos.configure(config("vrrp"));
  assert.equal(existsSync(path("lvs")), false, "there is no checker");
  fifos.write("vrrp", "a\n");
  fifos.write("lvs", "b\n");
  fifos.configure(config("other"));
  assert.equal(existsSync(path("vrrp")), false);
  fifos.write("vrrp", "c\n");
  assert.equal(readAll(path("all")), "a\nb\nc\n");
  assert.equal(readAll(path("other")), "c\n");
  await fifos.close();
  assert.deepEqual([existsSync(path("all")), existsSync(path("other"))], [false, false]);
  assert.deepEqual(logged, []);
});
