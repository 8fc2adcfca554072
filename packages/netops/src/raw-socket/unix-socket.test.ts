// DatagramSocket over AF_UNIX: what syslog, journald and NOTIFY_SOCKET need.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { AF_UNIX, SOCK_DGRAM } from "../constants/socket.js";
import { until } from "../testing/until.js";
import { DatagramSocket } from "./datagram-socket.js";
import { decode, encodeUnix } from "./sockaddr.js";

const unix = { family: AF_UNIX, type: SOCK_DGRAM, protocol: 0 };

function withFolder(use: (path: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), "netops-unix-"));
    try {
      await use(join(folder, "socket"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

test(
  "datagrams go to a path and tell the sender's",
  withFolder(async (path) => {
    const receiver = DatagramSocket.open(unix);
    receiver.bind(encodeUnix(path));
    const sender = DatagramSocket.open(unix);
    sender.bind(encodeUnix(`\0netops-test-${process.pid}`));
    sender.connect(encodeUnix(path));
    const received: unknown[] = [];
    receiver.receive((batch) => {
      for (const { data, source } of batch) {
        received.push([Buffer.from(data).toString(), decode(source)]);
      }
    }, assert.fail);
    assert.equal(sender.send(Buffer.from("READY=1")), null);
    await until("the datagram arrives", () => received.length > 0);
    const source = { family: AF_UNIX, path: `\0netops-test-${process.pid}` };
    assert.deepEqual(received, [["READY=1", source]]);
    receiver.close();
    sender.close();
  }),
);

test(
  "a full or missing receiver is a result, not an exception",
  withFolder((path) => {
    const receiver = DatagramSocket.open(unix);
    receiver.bind(encodeUnix(path));
    const sender = DatagramSocket.open(unix);
    const datagram = { data: Uint8Array.of(1), address: encodeUnix(path) };
    const { sent, error } = sender.sendBatch(Array.from({ length: 100_000 }, () => datagram));
    assert.equal(error, "EAGAIN");
    assert.ok(sent > 0);
    receiver.close();
    assert.equal(sender.send(datagram.data, datagram.address), "ECONNREFUSED");
    assert.equal(sender.send(datagram.data, encodeUnix(`${path}-none`)), "ENOENT");
    sender.close();
    return Promise.resolve();
  }),
);

// sendmsg(2) by number with a struct msghdr packed by hand: one datagram that passes descriptor 0.
const passDescriptor = `
  use Socket;
  my $call = { "x86_64" => 46, "aarch64" => 211 }->{(POSIX::uname())[4]} or die "machine";
  socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
  connect($s, sockaddr_un($ARGV[0])) or die "connect: $!";
  my $data = "fd";
  my $vector = pack("P Q", $data, 2);
  my $control = pack("Q i i i x4", 20, 1, 1, 0);
  my $header = pack("Q L x4 P Q P Q i x4", 0, 0, $vector, 1, $control, length $control, 0);
  syscall($call, fileno($s), $header, 0) == 2 or die "sendmsg: $!";
`;

test(
  "descriptors that a peer passes are not taken",
  withFolder(async (path) => {
    const receiver = DatagramSocket.open(unix);
    receiver.bind(encodeUnix(path));
    let received = 0;
    const before = readdirSync("/proc/self/fd").length;
    execFileSync("perl", ["-MPOSIX", "-e", passDescriptor, path]);
    await new Promise<void>((resolve) => {
      receiver.receive((batch) => {
        received += batch.length;
        receiver.unref();
        resolve();
      }, assert.fail);
    });
    assert.equal(received, 1);
    // One more: the loop's own view of the socket may add nothing, a passed descriptor would.
    assert.equal(readdirSync("/proc/self/fd").length, before);
    receiver.close();
  }),
);

test(
  "a filter decides what is received, and receiveNow() does not wait for the loop",
  withFolder(async (path) => {
    const receiver = DatagramSocket.open(unix);
    receiver.bind(encodeUnix(path));
    const sender = DatagramSocket.open(unix);
    sender.connect(encodeUnix(path));
    const received: number[] = [];
    receiver.receive((batch) => {
      received.push(...batch.map(({ data }) => data[0] ?? -1));
    }, assert.fail);
    // BPF_LD | BPF_B | BPF_ABS 0; BPF_RET | BPF_A: the first byte is how much is let through.
    const program = Uint8Array.of(0x30, 0, 0, 0, 0, 0, 0, 0, 0x16, 0, 0, 0, 0, 0, 0, 0);
    receiver.attachFilter(program);
    for (const byte of [1, 0, 2]) sender.send(Uint8Array.of(byte));
    receiver.receiveNow();
    assert.deepEqual(received, [1, 2]);
    receiver.receiveNow();
    assert.throws(() => receiver.attachFilter(program.subarray(0, 8)), { code: "EINVAL" });
    for (const length of [0, 7, 4096 * 8 + 8]) {
      const wrong = new Uint8Array(length);
      assert.throws(() => receiver.attachFilter(wrong), { code: "ERR_INVALID_ARGUMENT" });
    }
    receiver.close();
    receiver.receiveNow();
    sender.close();
    assert.deepEqual(received, [1, 2]);
  }),
);
