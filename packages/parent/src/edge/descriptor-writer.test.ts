// descriptor-writer.ts: order, slow readers, readers that are gone. Pipes are named ones of the
// test's.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { temporaryFolder } from "../testing/daemon-run.js";
import { DescriptorWriter } from "./descriptor-writer.js";

const lossText = (lost: number): string => `lost ${lost}`;

interface Pipe {
  readonly reader: number;
  readonly writer: number;
}

function openPipe(context: TestContext, writerFlags: number): Pipe {
  const path = join(temporaryFolder(context), "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY | writerFlags) };
}

/** All that `reader` gives until it has given `bytes`. */
async function readBytes(reader: number, bytes: number): Promise<string> {
  let text = "";
  const buffer = Buffer.alloc(65_536);
  const endAt = Date.now() + 10_000;
  while (text.length < bytes && Date.now() < endAt) {
    try {
      text += buffer.toString("latin1", 0, readSync(reader, buffer));
    } catch (thrown) {
      assert.match(String(thrown), /EAGAIN/);
    }
    await new Promise((wake) => setImmediate(wake));
  }
  return text;
}

test("DescriptorWriter writes whole lines in order", async (t) => {
  const path = join(temporaryFolder(t), "file");
  const fd = openSync(path, "w");
  const writer = new DescriptorWriter(fd, lossText);
  const lines = Array.from({ length: 500 }, (_, i) => `line ${i}`);
  for (const line of lines) writer.write(line);
  await writer.drain(10_000);
  closeSync(fd);
  assert.equal(readFileSync(path, "latin1"), `${lines.join("\n")}\n`);
});

for (const [name, flags] of [
  ["blocking", 0],
  ["non-blocking", constants.O_NONBLOCK],
] as const) {
  test(`DescriptorWriter does not wait for the slow reader of a ${name} pipe`, async (t) => {
    const { reader, writer: fd } = openPipe(t, flags);
    const writer = new DescriptorWriter(fd, lossText);
    const line = "x".repeat(999);
    for (let i = 0; i < 300; i++) writer.write(line);
    assert.equal(await writer.drain(20), false);
    const text = await readBytes(reader, 300_000);
    assert.equal(text, `${line}\n`.repeat(300));
    assert.equal(writer.dropped, 0);
    assert.equal(await writer.drain(10_000), true);
    closeSync(fd);
    closeSync(reader);
  });
}

test("DescriptorWriter tells of lost lines as soon as there is room", async (t) => {
  const { reader, writer: fd } = openPipe(t, constants.O_NONBLOCK);
  const writer = new DescriptorWriter(fd, lossText);
  for (let i = 0; i < 10_100; i++) writer.write("y".repeat(9));
  const text = await readBytes(reader, 10_001 * 10 + "lost 99\n".length);
  assert.match(text, /y\nlost 99\n$/);
  closeSync(fd);
  closeSync(reader);
});

test("DescriptorWriter drops and counts what finds no room or no reader", async (t) => {
  const { reader, writer: fd } = openPipe(t, constants.O_NONBLOCK);
  const writer = new DescriptorWriter(fd, lossText);
  for (let i = 0; i < 10_100; i++) writer.write("y".repeat(100));
  // The first line is on its way at once, 10,000 wait for it.
  assert.equal(writer.dropped, 99);
  closeSync(reader);
  await writer.drain(10_000);
  assert.ok(writer.dropped > 99, "EPIPE");
  closeSync(fd);
});
