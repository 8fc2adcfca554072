// genhash as users call it, beside Debian's, which must print the same; and what it refuses.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { Socket } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { closeServer, listen } from "../testing/listening.js";
import { readGenhashWords } from "./options.js";

const ours: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL("./main.js", import.meta.url)),
];
const debians = "/usr/bin/genhash";

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

async function run(argv: readonly string[]): Promise<Said> {
  const [file = "", ...words] = argv;
  const child = spawn(file, words, { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (bytes) => {
    stdout += bytes;
  });
  child.stderr.on("data", (bytes) => {
    stderr += bytes;
  });
  const [status] = (await once(child, "close")) as [number | null];
  return { stdout, stderr, status };
}

const answers: Readonly<Record<string, string>> = {
  plain: "HTTP/1.0 200 OK\r\nServer: test\r\n\r\nhello world\n",
  "without a body": "HTTP/1.0 404 Not Found\r\n\r\n",
  // Debian's shows no body that starts with NUL.
  binary: `HTTP/1.0 200 OK\r\nA: b\r\n\r\n${String.fromCharCode(...range(1, 255))}`,
};

for (const [what, text] of Object.entries(answers)) {
  test(`genhash prints of an answer ${what} what Debian's prints`, async (t) => {
    assert.ok(existsSync(debians), "Debian's keepalived is installed by scripts/setup test");
    const serve = (socket: Socket): void =>
      void socket.once("data", () => socket.end(text, "latin1"));
    const listening = await listen("127.0.0.1", serve);
    t.after(() => closeServer(listening));
    const words = ["-s", "127.0.0.1", "-p", String(listening.port), "--url", "/a", "-V", "x.org"];
    for (const more of [[], ["-v"]]) {
      const theirs = await run([debians, ...words, ...more]);
      const mine = await run([...ours, ...words, ...more]);
      assert.deepEqual(withoutTime(mine), withoutTime(theirs));
    }
  });
}

function withoutTime({ stdout, stderr, status }: Said): Said {
  return { stdout: stdout.replace(/= \d+ usecs/, "= N usecs"), stderr, status };
}

test("genhash fails where nobody listens, and says so", async () => {
  const said = await run([...ours, "-s", "127.0.0.1", "-p", "1", "-u", "/"]);
  assert.deepEqual(said, { stdout: "", stderr: "Connection failed: ECONNREFUSED\n", status: 1 });
});

const refusals: readonly (readonly [string, RegExp])[] = [
  ["-s 192.0.2.1", /without -s, -p and -u/],
  ["-s foo -p 1 -u /", /^server should be an IP, not foo$/],
  ["-s ::1 -p 0 -u /", /^invalid port number '0'$/],
  ["-s ::1 -p 1 -u / -P 3", /^invalid HTTP protocol version '3'$/],
  ["-s ::1 -p 1 -u / -m x", /^invalid fwmark 'x'$/],
  ["-s ::1 -p 1 -u / -t 0", /^invalid timeout '0'$/],
  ["-s ::1 -p 1 -u / extra", /extra/],
  ["--nothing", /--nothing/],
];

for (const [words, pattern] of refusals) {
  test(`genhash refuses "${words}"`, () => {
    const command = readGenhashWords(words.split(" "));
    assert.ok(command.kind === "refused");
    assert.match(command.text, pattern);
  });
}

test("genhash marks, names and times as asked", () => {
  const words = "-SI -s ::1 -p 443 -u /a?b -V www.example.org -m 7 -t 9 -P 1.1";
  const command = readGenhashWords(words.split(" "));
  assert.ok(command.kind === "ask");
  const { check, isVerbose } = command;
  assert.equal(isVerbose, false);
  const { kind, connectPort, connectTimeoutUs, fwmark, protocol, urls } = check;
  assert.deepEqual(
    [kind, connectPort, connectTimeoutUs, fwmark, protocol],
    ["SSL_GET", 443, 9_000_000, 7, "1.1"],
  );
  assert.equal(urls[0]?.serverName, "www.example.org");
});
