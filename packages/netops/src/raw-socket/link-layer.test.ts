// DatagramSocket over AF_PACKET: frames on a veth pair in a namespace of this process's own.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as socket from "../constants/socket.js";
import { enterPrivateNamespace, interfaceIndex, ip } from "../testing/private-namespace.js";
import { until } from "../testing/until.js";
import { DatagramSocket } from "./datagram-socket.js";
import { decode, encodeLinkLayer, type SocketAddress } from "./sockaddr.js";

before(async () => {
  await enterPrivateNamespace();
  ip("link add left address 02:00:00:00:00:01 type veth peer name right");
  ip("link set left up");
  ip("link set right up");
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

test("receive() reports ENETDOWN when the interface goes down and reads on when it is up", async () => {
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
