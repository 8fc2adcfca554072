// syslog-writer.ts and the sink's framing, with a scripted sender and with a socket of the test's.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { AF_UNIX, SOCK_DGRAM } from "@keepalived-ts/netops/constants/socket";
import { DatagramSocket } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeUnix } from "@keepalived-ts/netops/raw-socket/sockaddr";
import { temporaryFolder } from "../testing/daemon-run.js";
import { createLogSink, type LogSinkOptions } from "./log-sink.js";
import { type DatagramSender, SyslogWriter } from "./syslog-writer.js";

const lossText = (lost: number): string => `lost ${lost}`;

/** A sender that answers each send with the next of `answers`, then with success. */
function scriptedSender(answers: (string | null)[], sent: string[]): DatagramSender {
  return {
    send(data): string | null {
      const answer = answers.shift() ?? null;
      if (answer === null) sent.push(Buffer.from(data).toString());
      return answer;
    },
    close(): void {
      sent.push("closed");
    },
  };
}

/** Listens on a socket at `path` and collects what arrives. */
function listen(path: string): { lines: string[]; close(): void } {
  const socket = DatagramSocket.open({ family: AF_UNIX, type: SOCK_DGRAM, protocol: 0 });
  socket.bind(encodeUnix(path));
  const lines: string[] = [];
  socket.receive(
    (batch) => {
      for (const { data } of batch) lines.push(Buffer.from(data).toString());
    },
    (errno) => lines.push(errno),
  );
  return { lines, close: () => socket.close() };
}

async function until(holds: () => boolean): Promise<void> {
  const endAt = Date.now() + 10_000;
  while (!holds() && Date.now() < endAt) await new Promise((wake) => setTimeout(wake, 5));
  assert.ok(holds());
}

function options(syslogPath: string, detail: 0 | 1 | 2): LogSinkOptions {
  return { toConsole: false, toSyslog: true, facility: 3, detail, syslogPath };
}

test("SyslogWriter asks a socket that stays full less and less often", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let attempts = 0;
  let isFull = true;
  const send = (): string | null => {
    attempts += 1;
    return isFull ? "EAGAIN" : null;
  };
  const writer = new SyslogWriter(() => ({ send, close: () => undefined }), lossText);
  writer.write("one");
  for (let ms = 0; ms < 1_000; ms++) t.mock.timers.tick(1);
  assert.ok(attempts > 10 && attempts < 30, `${attempts} attempts in a second`);
  isFull = false;
  for (let ms = 0; ms < 64; ms++) t.mock.timers.tick(1);
  const soFar = attempts;
  isFull = true;
  writer.write("two");
  t.mock.timers.tick(1);
  assert.equal(attempts, soFar + 2, "at once, and again after a millisecond");
});

test("SyslogWriter sends in order and tries a full socket again", async () => {
  const sent: string[] = [];
  const answers = [null, "EAGAIN", "ENOBUFS", null];
  const writer = new SyslogWriter(() => scriptedSender(answers, sent), lossText);
  for (const line of ["one", "two", "three"]) writer.write(line);
  await writer.drain(5000);
  assert.deepEqual(sent, ["one", "two", "three", "closed"]);
  assert.equal(writer.dropped, 0);
});

test("SyslogWriter connects anew when the syslog daemon was restarted", async () => {
  const sent: string[] = [];
  let opened = 0;
  const open = (): DatagramSender => scriptedSender(opened++ === 0 ? ["ECONNREFUSED"] : [], sent);
  const writer = new SyslogWriter(open, lossText);
  writer.write("one");
  await writer.drain(5000);
  assert.equal(opened, 2);
  assert.deepEqual(sent, ["closed", "one", "closed"]);
});

test("SyslogWriter drops and counts while nobody listens, and tells so afterwards", async () => {
  const sent: string[] = [];
  let isListening = false;
  const writer = new SyslogWriter(() => {
    return isListening ? scriptedSender([], sent) : undefined;
  }, lossText);
  for (let i = 0; i < 5; i++) writer.write(`line ${i}`);
  assert.equal(writer.dropped, 5);
  isListening = true;
  // The retry timer of a missing socket keeps no process alive; the test's own does.
  await until(() => sent.length > 0);
  writer.write("after");
  assert.deepEqual(sent, ["lost 5", "after"]);
});

test("SyslogWriter gives up a line that is too long, not the ones behind it", async () => {
  const sent: string[] = [];
  const writer = new SyslogWriter(() => scriptedSender(["EMSGSIZE"], sent), lossText);
  writer.write("long");
  writer.write("short");
  await writer.drain(5000);
  assert.deepEqual(sent, ["short", "lost 1", "closed"]);
});

test("SyslogWriter queues a bounded number of lines behind a socket that stays full", async () => {
  const sent: string[] = [];
  const answers = Array.from({ length: 1_000_000 }, () => "EAGAIN");
  const writer = new SyslogWriter(() => scriptedSender(answers, sent), lossText);
  for (let i = 0; i < 10_050; i++) writer.write("line");
  assert.equal(writer.dropped, 50);
  await writer.drain(20);
  assert.deepEqual(sent, ["closed"]);
});

test("createLogSink() frames lines as syslog(3): priority, time, ident, pid", async (t) => {
  const path = join(temporaryFolder(t), "log");
  const server = listen(path);
  t.after(() => server.close());
  const sink = createLogSink(options(path, 1));
  const source = { ident: "Keepalived_vrrp", pid: 77 };
  sink.write({ level: "info", text: "(VI_1) Entering MASTER STATE", data: { a: 1 } }, source);
  sink.write({ level: "warn", text: "Cannot do it", data: { errno: "EPERM" } }, source);
  sink.write({ level: "detail", text: "detail" }, source);
  sink.write({ level: "debug", text: "debug" }, source);
  sink.write({ level: "error", text: "lost" }, source);
  await sink.close();
  await until(() => server.lines.length === 4);
  const stamp = /^<(\d+)>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (.*)$/;
  assert.deepEqual(
    server.lines.map((line) => stamp.exec(line)?.slice(1)),
    [
      ["30", "Keepalived_vrrp[77]: (VI_1) Entering MASTER STATE"],
      ["28", "Keepalived_vrrp[77]: Cannot do it (errno=EPERM)"],
      ["30", "Keepalived_vrrp[77]: detail"],
      ["27", "Keepalived_vrrp[77]: lost"],
    ],
  );
  assert.equal(sink.dropped(), 0);
});

test("createLogSink() writes to the journal in place of syslog, where there is one", async (t) => {
  const path = join(temporaryFolder(t), "journal");
  const server = listen(path);
  t.after(() => server.close());
  const sink = createLogSink({ ...options("/nowhere", 0), journalPath: path });
  sink.write({ level: "error", text: "lost" }, { ident: "Keepalived", pid: 7 });
  await sink.close();
  await until(() => server.lines.length === 1);
  assert.match(server.lines[0] ?? "", /^MESSAGE=lost\nPRIORITY=3\n/);
});

test("createLogSink() shows details with one -D and debugging with two", async (t) => {
  for (const detail of [0, 1, 2] as const) {
    const path = join(temporaryFolder(t), "log");
    const server = listen(path);
    const sink = createLogSink(options(path, detail));
    for (const level of ["info", "detail", "debug"] as const) {
      sink.write({ level, text: level }, { ident: "Keepalived", pid: 1 });
    }
    await sink.close();
    await until(() => server.lines.length === detail + 1);
    server.close();
  }
});

test("createLogSink() loses lines but no time when there is no syslog daemon", async (t) => {
  const sink = createLogSink(options(join(temporaryFolder(t), "none"), 0));
  for (let i = 0; i < 1000; i++) {
    sink.write({ level: "info", text: "text" }, { ident: "Keepalived", pid: 1 });
  }
  assert.equal(sink.dropped(), 1000);
  await sink.close();
});

test("createLogSink() delivers a burst that is larger than the socket's queue", async (t) => {
  const path = join(temporaryFolder(t), "log");
  const server = listen(path);
  t.after(() => server.close());
  const sink = createLogSink(options(path, 0));
  for (let i = 0; i < 2000; i++) {
    sink.write({ level: "info", text: `line ${i}` }, { ident: "Keepalived", pid: 1 });
  }
  await until(() => server.lines.length === 2000);
  assert.match(server.lines[1999] ?? "", /line 1999$/);
  await sink.close();
});

test("show() changes what is shown from then on", async (t) => {
  const path = join(temporaryFolder(t), "log");
  const server = listen(path);
  t.after(() => server.close());
  const sink = createLogSink(options(path, 0));
  for (const shown of ["info", "debug", "detail"] as const) {
    sink.show(shown);
    for (const level of ["info", "detail", "debug"] as const) {
      sink.write({ level, text: `${shown} ${level}` }, { ident: "Keepalived", pid: 1 });
    }
  }
  await sink.close();
  await until(() => server.lines.length === 6);
  assert.deepEqual(
    server.lines.map((line) => line.replace(/^.*: /, "")),
    ["info info", "debug info", "debug detail", "debug debug", "detail info", "detail detail"],
  );
});
