// The raw sockets for adverts: one an interface, which sends packets with their own IPv4 header and
// receives what comes to the groups of the instances there. An interface that cannot be opened is
// logged and tried again when it changes. raw(7), ip(7).

import {
  AF_INET,
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_HDRINCL,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IPPROTO_IP,
  IPPROTO_VRRP,
  SO_BINDTOIFINDEX,
  SO_PRIORITY,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOCK_RAW,
  SOL_SOCKET,
} from "@keepalived-ts/netops/constants/socket";
import type {
  OutgoingDatagram,
  ReceivedDatagram,
  SendResult,
} from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { DatagramSocket } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeIpv4Membership } from "@keepalived-ts/netops/raw-socket/membership";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type { AdvertPort, ReportPort } from "./ports.js";
import { setBuffer } from "./socket-buffer.js";

/** TC_PRIO_INTERACTIVE of linux/pkt_sched.h: the first band of the default queueing discipline. */
const transmitPriority = 6;
/** A burst of adverts of 1,000 instances: each small packet is charged about 1 kB by the kernel. */
const receiveBufferBytes = 4 * 1024 * 1024;
const notOpen: SendResult = { sent: 0, error: "ENODEV" };

interface OpenSocket {
  readonly socket: DatagramSocket;
  readonly groups: Set<string>;
}

export interface AdvertSocketHandlers {
  received(interfaceIndex: number, batch: readonly ReceivedDatagram[]): void;
}

export class AdvertSockets implements AdvertPort {
  readonly #handlers: AdvertSocketHandlers;
  readonly #parent: ReportPort;
  readonly #byIndex: Map<number, OpenSocket> = new Map();

  constructor(handlers: AdvertSocketHandlers, parent: ReportPort) {
    this.#handlers = handlers;
    this.#parent = parent;
  }

  /** Throws unless this process may use raw sockets at all. */
  static probe(): void {
    DatagramSocket.open({ family: AF_INET, type: SOCK_RAW, protocol: IPPROTO_VRRP }).close();
  }

  /** Sees to it that adverts to `groups` are received on the interface; false if they cannot be. */
  open(name: string, index: number, groups: ReadonlySet<string>): boolean {
    try {
      let open = this.#byIndex.get(index);
      if (open === undefined) {
        open = { socket: openSocket(index), groups: new Set() };
        this.#byIndex.set(index, open);
        this.#receive(open.socket, name, index);
      }
      // First those of a former configuration: one socket may join 20 (igmp_max_memberships).
      for (const group of open.groups) if (!groups.has(group)) leaveGroup(open, index, group);
      for (const group of groups) joinGroup(open, index, group);
      return true;
    } catch (thrown) {
      if (!(thrown instanceof KeepalivedError)) throw thrown;
      this.close(index);
      this.#parent.log({
        level: "error",
        text: `Cannot open VRRP socket on ${name}: ${thrown.message}`,
        data: { device: name, errno: thrown.code },
      });
      return false;
    }
  }

  close(index: number): void {
    this.#byIndex.get(index)?.socket.close();
    this.#byIndex.delete(index);
  }

  /** Closes the sockets of interfaces that are not in `indexes`. */
  closeOthers(indexes: ReadonlySet<number>): void {
    for (const index of this.#byIndex.keys()) if (!indexes.has(index)) this.close(index);
  }

  send(interfaceIndex: number, packets: readonly OutgoingDatagram[]): SendResult {
    return this.#byIndex.get(interfaceIndex)?.socket.sendBatch(packets) ?? notOpen;
  }

  #receive(socket: DatagramSocket, name: string, index: number): void {
    socket.receive(
      (batch) => this.#handlers.received(index, batch),
      // ENETDOWN and the like are one-time notices of the socket, which goes on receiving.
      (errno) =>
        this.#parent.log({
          level: "detail",
          text: `Cannot receive advertisements on ${name}: ${errno}`,
          data: { device: name, errno },
        }),
    );
  }
}

function openSocket(index: number): DatagramSocket {
  const socket = DatagramSocket.open({ family: AF_INET, type: SOCK_RAW, protocol: IPPROTO_VRRP });
  try {
    socket.setOption(SOL_SOCKET, SO_BINDTOIFINDEX, index);
    setBuffer(socket, SO_RCVBUFFORCE, SO_RCVBUF, receiveBufferBytes);
    socket.setOption(SOL_SOCKET, SO_PRIORITY, transmitPriority);
    socket.setOption(IPPROTO_IP, IP_HDRINCL, 1);
    socket.setOption(IPPROTO_IP, IP_MULTICAST_IF, encodeIpv4Membership("0.0.0.0", index));
    socket.setOption(IPPROTO_IP, IP_MULTICAST_LOOP, 0);
    socket.setOption(IPPROTO_IP, IP_MULTICAST_ALL, 0);
  } catch (thrown) {
    socket.close();
    throw thrown;
  }
  return socket;
}

function joinGroup(open: OpenSocket, index: number, group: string): void {
  if (open.groups.has(group)) return;
  open.socket.setOption(IPPROTO_IP, IP_ADD_MEMBERSHIP, encodeIpv4Membership(group, index));
  open.groups.add(group);
}

function leaveGroup(open: OpenSocket, index: number, group: string): void {
  open.socket.setOption(IPPROTO_IP, IP_DROP_MEMBERSHIP, encodeIpv4Membership(group, index));
  open.groups.delete(group);
}
