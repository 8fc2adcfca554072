// DatagramSocket over AF_PACKET and raw IPv6: frames and adverts on a veth pair in a namespace of
// this process's own.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as socket from "../constants/socket.js";
import { enterPrivateNamespace, interfaceIndex, ip } from "../testing/private-namespace.js";
import { until } from "../testing/until.js";
import { DatagramSocket } from "./datagram-socket.js";
import { encodeIpv6Membership } from "./membership.js";
import { decode, encodeIpv6, encodeLinkLayer, type SocketAddress } from "./sockaddr.js";

before(async () => {
  await enterPrivateNamespace();
  ip("link add left address 02:00:00:00:00:01 type veth peer name right");
  for (const name of ["left", "right"]) {
    // No other link-local address, of which one might be chosen as source.
    ip(`link set ${name} addrgenmode none`);
    ip(`-6 address add fe80::${name === "left" ? 1 : 2}/64 dev ${name} nodad`);
    ip(`link set ${name} up`);
  }
});

const arp = { family: socket.AF_PACKET, type: socket.SOCK_DGRAM, protocol: socket.ETH_P_ARP };

function bound(name: string): DatagramSocket {
  const opened = DatagramSocket.open(arp);
  opened.bind(
    encodeLinkLayer({
      interfaceIndex: interfaceIndex(name),
      protocol: socket.ETH_P_ARP,
      hardwareAddress: new Uint8Array(0),
    }),
  );
  return opened;
}

test("an ARP frame sent on one end of a veth arrives on the other", async () => {
  const receiver = bound("right");
  const sender = bound("left");
  const address = encodeLinkLayer({
    interfaceIndex: interfaceIndex("left"),
    protocol: socket.ETH_P_ARP,
    hardwareAddress: "ff:ff:ff:ff:ff:ff",
  });
  let source: SocketAddress | undefined;
  let arrivedOn = 0;
  let length = 0;
  receiver.receive((batch) => {
    for (const datagram of batch) {
      source = decode(datagram.source);
      arrivedOn = datagram.interfaceIndex;
      length = datagram.data.length;
    }
  }, assert.fail);
  assert.equal(sender.send(new Uint8Array(28), address), null);
  await until("the frame arrives", () => length > 0);
  assert.equal(length, 28);
  assert.equal(arrivedOn, interfaceIndex("right"));
  assert.deepEqual(source, {
    family: socket.AF_PACKET,
    protocol: socket.ETH_P_ARP,
    interfaceIndex: interfaceIndex("right"),
    hardwareType: socket.ARPHRD_ETHER,
    packetType: socket.PACKET_BROADCAST,
    hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 1),
  });
  receiver.close();
  sender.close();
});

test("2,000 frames in one sendBatch() all arrive", async () => {
  const receiver = bound("right");
  receiver.setOption(socket.SOL_SOCKET, socket.SO_RCVBUFFORCE, 16 << 20);
  const sender = bound("left");
  const address = encodeLinkLayer({
    interfaceIndex: interfaceIndex("left"),
    protocol: socket.ETH_P_ARP,
    hardwareAddress: "ff:ff:ff:ff:ff:ff",
  });
  let received = 0;
  receiver.receive((batch) => {
    received += batch.length;
  }, assert.fail);
  const frames = Array.from({ length: 2000 }, () => ({ data: new Uint8Array(28), address }));
  assert.deepEqual(sender.sendBatch(frames), { sent: 2000, error: null });
  await until("all frames arrive", () => received === 2000);
  receiver.close();
  sender.close();
});

test("receive() reports ENETDOWN with its interface down and reads on later", async () => {
  const receiver = bound("right");
  const failures: string[] = [];
  let received = 0;
  receiver.receive(
    (batch) => {
      received += batch.length;
    },
    (errno) => failures.push(errno),
  );
  ip("link set right down");
  await until("the error is reported", () => failures.length > 0);
  assert.deepEqual(failures, ["ENETDOWN"]);
  ip("link set right up");
  const sender = bound("left");
  const address = encodeLinkLayer({
    interfaceIndex: interfaceIndex("left"),
    protocol: socket.ETH_P_ARP,
    hardwareAddress: "ff:ff:ff:ff:ff:ff",
  });
  await until("a frame arrives again", () => {
    sender.send(new Uint8Array(28), address);
    return received > 0;
  });
  receiver.close();
  sender.close();
});

test("a raw IPv6 socket tells group and hop limit of an advert", async () => {
  const vrrp = { family: socket.AF_INET6, type: socket.SOCK_RAW, protocol: socket.IPPROTO_VRRP };
  const right = interfaceIndex("right");
  const receiver = DatagramSocket.open(vrrp);
  receiver.setOption(socket.SOL_IPV6, socket.IPV6_RECVPKTINFO, 1);
  receiver.setOption(socket.SOL_IPV6, socket.IPV6_RECVHOPLIMIT, 1);
  const membership = encodeIpv6Membership("ff02::12", right);
  receiver.setOption(socket.SOL_IPV6, socket.IPV6_ADD_MEMBERSHIP, membership);
  const sender = DatagramSocket.open(vrrp);
  sender.setOption(socket.SOL_IPV6, socket.IPV6_MULTICAST_IF, interfaceIndex("left"));
  sender.setOption(socket.SOL_IPV6, socket.IPV6_MULTICAST_HOPS, 255);
  sender.setOption(socket.SOL_IPV6, socket.IPV6_MULTICAST_LOOP, 0);
  const seen: unknown[] = [];
  receiver.receive((batch) => {
    for (const { data, source, destination, interfaceIndex: index, ttl } of batch) {
      seen.push([data.slice(), decode(source), destination?.slice(), index, ttl]);
    }
  }, assert.fail);
  const group = encodeIpv6("ff02::12", 0, interfaceIndex("left"));
  assert.equal(sender.send(Uint8Array.of(0x31, 1), group), null);
  await until("the advert arrives", () => seen.length > 0);
  const source = { family: socket.AF_INET6, address: "fe80::1", port: 0, scopeId: right };
  const destination = new Uint8Array(Buffer.from("ff020000000000000000000000000012", "hex"));
  assert.deepEqual(seen, [[Uint8Array.of(0x31, 1), source, destination, right, 255]]);
  receiver.close();
  sender.close();
});
