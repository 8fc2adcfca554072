// DatagramSocket over IP: real sockets on the loopback interface of a namespace of this process's
// own.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as socket from "../constants/socket.js";
import { enterPrivateNamespace } from "../testing/private-namespace.js";
import { until } from "../testing/until.js";
import { DatagramSocket, type ReceivedDatagram } from "./datagram-socket.js";
import { encodeIpv4Membership } from "./membership.js";
import { decode, encodeIpv4, encodeIpv6 } from "./sockaddr.js";

before(enterPrivateNamespace);

const udp4 = { family: socket.AF_INET, type: socket.SOCK_DGRAM, protocol: 0 };
const udp6 = { family: socket.AF_INET6, type: socket.SOCK_DGRAM, protocol: 0 };

/** A bound UDP socket that tells destination, interface and TTL. */
function receiver4(): DatagramSocket {
  const opened = DatagramSocket.open(udp4);
  opened.setOption(socket.SOL_IP, socket.IP_PKTINFO, 1);
  opened.setOption(socket.SOL_IP, socket.IP_RECVTTL, 1);
  opened.bind(encodeIpv4("127.0.0.1", 0));
  return opened;
}

function unexpected(errno: string): never {
  assert.fail(`unexpected ${errno}`);
}

/** Copies of the first `count` datagrams, in order. */
function collect(from: DatagramSocket, count: number): Promise<ReceivedDatagram[]> {
  const all: ReceivedDatagram[] = [];
  return new Promise((resolve) => {
    from.receive((batch) => {
      for (const datagram of batch) all.push(structuredClone({ ...copyOf(datagram) }));
      if (all.length >= count) resolve(all);
    }, unexpected);
  });
}

function copyOf(datagram: ReceivedDatagram): ReceivedDatagram {
  const { data, source, destination, interfaceIndex, ttl, isTruncated, ageUs } = datagram;
  return {
    data: data.slice(),
    source: source.slice(),
    destination: destination?.slice() ?? null,
    interfaceIndex,
    ttl,
    isTruncated,
    ageUs,
  };
}

test("receive() tells source, destination, interface and TTL of a UDP datagram", async () => {
  const receiver = receiver4();
  const sender = DatagramSocket.open(udp4);
  sender.bind(encodeIpv4("127.0.0.1", 0));
  sender.setOption(socket.SOL_IP, socket.IP_TTL, 77);
  assert.equal(sender.send(Buffer.from("hello"), receiver.localAddress()), null);
  const [datagram] = await collect(receiver, 1);
  assert.deepEqual(datagram, {
    data: new Uint8Array(Buffer.from("hello")),
    source: sender.localAddress(),
    destination: Uint8Array.of(127, 0, 0, 1),
    interfaceIndex: 1,
    ttl: 77,
    isTruncated: false,
    ageUs: 0,
  });
  receiver.close();
  sender.close();
});

test("receive() tells how long ago a datagram came, with SO_TIMESTAMPNS", async () => {
  const receiver = receiver4();
  receiver.setOption(socket.SOL_SOCKET, socket.SO_TIMESTAMPNS, 1);
  const sender = DatagramSocket.open(udp4);
  assert.equal(sender.send(Buffer.from("hello"), receiver.localAddress()), null);
  const sentAt = performance.now();
  while (performance.now() - sentAt < 5);
  const [datagram] = await collect(receiver, 1);
  const waitedUs = 1000 * (performance.now() - sentAt);
  const ageUs = datagram?.ageUs ?? 0;
  assert.ok(ageUs >= 5000 && ageUs <= waitedUs + 5000, `${ageUs} of ${waitedUs} us`);
  receiver.close();
  sender.close();
});

test("receive() tells destination and hop limit of an IPv6 datagram", async () => {
  const receiver = DatagramSocket.open(udp6);
  receiver.setOption(socket.SOL_IPV6, socket.IPV6_RECVPKTINFO, 1);
  receiver.setOption(socket.SOL_IPV6, socket.IPV6_RECVHOPLIMIT, 1);
  receiver.bind(encodeIpv6("::", 0));
  const bound = decode(receiver.localAddress());
  assert.ok(bound?.family === socket.AF_INET6);
  const sender = DatagramSocket.open(udp6);
  sender.setOption(socket.SOL_IPV6, socket.IPV6_UNICAST_HOPS, 9);
  assert.equal(sender.send(Uint8Array.of(1), encodeIpv6("::1", bound.port)), null);
  const [datagram] = await collect(receiver, 1);
  assert.ok(datagram);
  const { destination, interfaceIndex, ttl } = datagram;
  const loopback = Uint8Array.from([...new Uint8Array(15), 1]);
  const expected = { destination: loopback, interfaceIndex: 1, ttl: 9 };
  assert.deepEqual({ destination, interfaceIndex, ttl }, expected);
  receiver.close();
  sender.close();
});

test("a raw socket of protocol 112 receives multicast with its IP header and TTL 255", async () => {
  const vrrp = { family: socket.AF_INET, type: socket.SOCK_RAW, protocol: socket.IPPROTO_VRRP };
  const raw = DatagramSocket.open(vrrp);
  const onLoopback = encodeIpv4Membership("224.0.0.18", 1);
  raw.setOption(socket.SOL_IP, socket.IP_ADD_MEMBERSHIP, onLoopback);
  raw.setOption(socket.SOL_IP, socket.IP_MULTICAST_IF, encodeIpv4Membership("0.0.0.0", 1));
  raw.setOption(socket.SOL_IP, socket.IP_MULTICAST_TTL, 255);
  raw.setOption(socket.SOL_IP, socket.IP_PKTINFO, 1);
  raw.setOption(socket.SOL_IP, socket.IP_RECVTTL, 1);
  assert.equal(raw.send(Uint8Array.of(0x31, 1, 2, 3), encodeIpv4("224.0.0.18", 0)), null);
  const [datagram] = await collect(raw, 1);
  assert.ok(datagram);
  assert.equal(datagram.data.length, 24);
  assert.equal(datagram.data[0], 0x45);
  assert.equal(datagram.data[9], socket.IPPROTO_VRRP);
  assert.deepEqual([...datagram.data.subarray(20)], [0x31, 1, 2, 3]);
  assert.deepEqual(datagram.destination, Uint8Array.of(224, 0, 0, 18));
  assert.equal(datagram.ttl, 255);
  assert.equal(datagram.interfaceIndex, 1);
  raw.close();
});

test("sendBatch() keeps the order over more datagrams than one system call takes", async () => {
  const receiver = receiver4();
  receiver.setOption(socket.SOL_SOCKET, socket.SO_RCVBUFFORCE, 4 << 20);
  const sender = DatagramSocket.open(udp4);
  const address = receiver.localAddress();
  const count = 1000;
  const datagrams = Array.from({ length: count }, (_, i) => ({
    data: Uint8Array.of(i >> 8, i & 0xff, ...new Uint8Array(i % 90)),
    address,
  }));
  assert.deepEqual(sender.sendBatch(datagrams), { sent: count, error: null });
  const received = await collect(receiver, count);
  assert.deepEqual(
    received.map(({ data }) => data),
    datagrams.map(({ data }) => data),
  );
  receiver.close();
  sender.close();
});

test("sendBatch() stops at the first datagram that the kernel refuses and says why", () => {
  const receiver = receiver4();
  const sender = DatagramSocket.open(udp4);
  const good = { data: Uint8Array.of(1), address: receiver.localAddress() };
  const tooLong = { data: new Uint8Array(70_000), address: receiver.localAddress() };
  const nowhere = { data: Uint8Array.of(1) };
  assert.deepEqual(sender.sendBatch([good, good, tooLong, good]), { sent: 2, error: "EMSGSIZE" });
  assert.deepEqual(sender.sendBatch([nowhere, good]), { sent: 0, error: "EDESTADDRREQ" });
  assert.deepEqual(sender.sendBatch([]), { sent: 0, error: null });
  receiver.close();
  sender.close();
});

test("receive() marks a datagram that is longer than a slot as truncated", async () => {
  const receiver = receiver4();
  const sender = DatagramSocket.open(udp4);
  sender.connect(receiver.localAddress());
  assert.equal(sender.send(new Uint8Array(32_769).fill(7)), null);
  assert.equal(sender.send(new Uint8Array(32_768).fill(7)), null);
  assert.equal(sender.send(new Uint8Array(0)), null);
  const received = await collect(receiver, 3);
  assert.deepEqual(
    received.map(({ data, isTruncated }) => [data.length, isTruncated]),
    [
      [32_768, true],
      [32_768, false],
      [0, false],
    ],
  );
  receiver.close();
  sender.close();
});

test("receive() reports an ICMP error and goes on reading", async () => {
  const gone = receiver4();
  const address = gone.localAddress();
  gone.close();
  const sender = DatagramSocket.open(udp4);
  sender.connect(address);
  const failures: string[] = [];
  let received = 0;
  sender.receive(
    (batch) => {
      received += batch.length;
    },
    (errno) => failures.push(errno),
  );
  assert.equal(sender.send(Uint8Array.of(1)), null);
  await until("the error is reported", () => failures.length > 0);
  assert.deepEqual(failures, ["ECONNREFUSED"]);
  const back = DatagramSocket.open(udp4);
  back.bind(address);
  assert.equal(back.send(Uint8Array.of(2), sender.localAddress()), null);
  await until("reading goes on", () => received === 1);
  back.close();
  sender.close();
});

test("receive() survives a full error queue (IP_RECVERR) without being kept busy", async () => {
  const gone = receiver4();
  const address = gone.localAddress();
  gone.close();
  const sender = DatagramSocket.open(udp4);
  sender.setOption(socket.SOL_IP, socket.IP_RECVERR, 1);
  let failures = 0;
  sender.receive(unexpected as never, (errno) => {
    assert.equal(errno, "ECONNREFUSED");
    failures += 1;
  });
  for (let i = 0; i < 200; i++) sender.send(Uint8Array.of(1), address);
  await until("an error is reported", () => failures > 0);
  const reported = failures;
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 100));
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 60_000, `busy for ${user + system} us of 100,000`);
  assert.ok(reported <= 200);
  sender.close();
});

test("close() inside the handler ends reading at once, also of another socket", async () => {
  const first = receiver4();
  const second = receiver4();
  const sender = DatagramSocket.open(udp4);
  let calls = 0;
  const closeBoth = (): void => {
    calls += 1;
    first.close();
    second.close();
  };
  first.receive(closeBoth, unexpected);
  second.receive(closeBoth, unexpected);
  const addresses = [first.localAddress(), second.localAddress()];
  for (const address of addresses) sender.send(Uint8Array.of(1), address);
  await until("a handler ran", () => calls > 0);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(calls, 1);
  sender.close();
});

test("every use after close() is ERR_CLOSED, close() itself is not", () => {
  const closed = DatagramSocket.open(udp4);
  closed.close();
  closed.close();
  const data = Uint8Array.of(1);
  const uses: (() => unknown)[] = [
    () => closed.fd,
    () => closed.bind(encodeIpv4("127.0.0.1", 0)),
    () => closed.connect(encodeIpv4("127.0.0.1", 1)),
    () => closed.localAddress(),
    () => closed.setOption(1, 2, 1),
    () => closed.getOption(1, 2),
    () => closed.send(data),
    () => closed.sendBatch([{ data }]),
    () => closed.receive(unexpected as never, unexpected),
    () => closed.ref(),
    () => closed.unref(),
  ];
  for (const use of uses) assert.throws(use, { name: "KeepalivedError", code: "ERR_CLOSED" });
});

test("what the kernel refuses at set-up is thrown with errno and advice", () => {
  const receiver = receiver4();
  const other = DatagramSocket.open(udp4);
  assert.throws(() => other.bind(receiver.localAddress()), {
    code: "EADDRINUSE",
    message: /^Cannot bind a socket to 127\.0\.0\.1 port \d+: EADDRINUSE, another socket has/,
  });
  assert.throws(() => other.bind(encodeIpv4("192.0.2.1", 0)), { code: "EADDRNOTAVAIL" });
  assert.throws(() => other.setOption(socket.SOL_IP, 9999, 1), { code: "ENOPROTOOPT" });
  assert.throws(() => DatagramSocket.open({ ...udp4, family: 250 }), { code: "EAFNOSUPPORT" });
  assert.throws(() => DatagramSocket.open({ ...udp4, type: 5 }), { code: "ERR_INVALID_ARGUMENT" });
  receiver.close();
  other.close();
});

test("setOption() and getOption() agree, for a mark above 2^31 too", () => {
  const opened = DatagramSocket.open(udp4);
  opened.setOption(socket.SOL_SOCKET, socket.SO_MARK, 0xfffffffe);
  assert.equal(opened.getOption(socket.SOL_SOCKET, socket.SO_MARK) >>> 0, 0xfffffffe);
  opened.setOption(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, Buffer.from("lo\0"));
  assert.equal(opened.getOption(socket.SOL_SOCKET, socket.SO_BINDTOIFINDEX), 1);
  opened.close();
});
