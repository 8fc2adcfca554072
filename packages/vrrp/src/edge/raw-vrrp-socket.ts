// One raw socket for adverts of one family: packets leave with their own IP header, and those of
// the instances' groups and unicast are received. Sets options and memberships, decides nothing.
// raw(7), ip(7), ipv6(7).

import {
  AF_INET,
  AF_INET6,
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_FREEBIND,
  IP_HDRINCL,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_ADD_MEMBERSHIP,
  IPV6_DROP_MEMBERSHIP,
  IPV6_FREEBIND,
  IPV6_HDRINCL,
  IPV6_MULTICAST_ALL,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  SO_BINDTOIFINDEX,
  SO_PRIORITY,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_TIMESTAMPNS,
  SOCK_RAW,
  SOL_SOCKET,
} from "@keepalived-ts/netops/constants/socket";
import type {
  ReceivedDatagram,
  SendResult,
} from "@keepalived-ts/netops/raw-socket/datagram-socket";
import {
  DatagramSocket,
  type OutgoingDatagram,
} from "@keepalived-ts/netops/raw-socket/datagram-socket";
import {
  encodeIpv4Membership,
  encodeIpv6Membership,
} from "@keepalived-ts/netops/raw-socket/membership";
import { encodeIpv4, encodeIpv6 } from "@keepalived-ts/netops/raw-socket/sockaddr";
import type { ReceivePace } from "./receive-pace.js";
import { senderFilter } from "./sender-filter.js";
import { setBuffer } from "./socket-buffer.js";

/** TC_PRIO_INTERACTIVE of linux/pkt_sched.h: the first band of the default queueing discipline. */
const transmitPriority = 6;
/** A burst of adverts of 1,000 instances: each small packet is charged about 1 kB by the kernel. */
const receiveBufferBytes = 4 * 1024 * 1024;
/** The kernel doubles it and keeps it in an int. */
const receiveBufferBytesMax = 0x3fffffff;

export interface RawVrrpSocketOptions {
  readonly family: 4 | 6;
  readonly protocol: number;
  /** 0 = any. */
  readonly interfaceIndex: number;
  /** Only what comes to this address is received; it need not be there yet. */
  readonly source?: string | undefined;
  /** Only what was sent with this hardware address is received. */
  readonly sender?: string | undefined;
}

export class RawVrrpSocket {
  readonly #options: RawVrrpSocketOptions;
  readonly #socket: DatagramSocket;
  #sizeBytes = 0;
  #pace: ReceivePace | undefined;
  readonly #groups: Set<string> = new Set();

  /** Throws KeepalivedError with the errno's name as code. */
  constructor(options: RawVrrpSocketOptions) {
    this.#options = options;
    const { protocol } = options;
    const family = options.family === 4 ? AF_INET : AF_INET6;
    this.#socket = DatagramSocket.open({ family, type: SOCK_RAW, protocol });
    try {
      this.#setOptions();
    } catch (thrown) {
      this.#socket.close();
      throw thrown;
    }
  }

  /** From now on packets to these groups are received, and to no other. */
  joinOnly(groups: ReadonlySet<string>): void {
    // First those of a former configuration: one socket may join 20 (igmp_max_memberships).
    for (const group of this.#groups) if (!groups.has(group)) this.#leave(group);
    for (const group of groups) if (!this.#groups.has(group)) this.#join(group);
  }

  /** How many bytes the kernel keeps until they are read; 0 = enough for a burst. */
  size(bytes: number): void {
    const wanted = Math.min(bytes === 0 ? receiveBufferBytes : bytes, receiveBufferBytesMax);
    if (wanted === this.#sizeBytes) return;
    setBuffer(this.#socket, SO_RCVBUFFORCE, SO_RCVBUF, wanted);
    this.#sizeBytes = wanted;
  }

  send(packets: readonly OutgoingDatagram[]): SendResult {
    return this.#socket.sendBatch(packets);
  }

  /** Handlers of receive() get each batch as soon as it is there, or when `pace` looks. */
  receive(
    pace: ReceivePace,
    received: (batch: readonly ReceivedDatagram[]) => void,
    failed: (errno: string) => void,
  ): void {
    this.#pace = pace;
    this.#socket.receive((batch) => {
      received(batch);
      pace.woken(this.#socket, batch.length);
    }, failed);
  }

  close(): void {
    this.#pace?.forget(this.#socket);
    this.#socket.close();
  }

  #setOptions(): void {
    const socket = this.#socket;
    const { family, interfaceIndex, source, sender } = this.#options;
    if (sender !== undefined) socket.attachFilter(senderFilter(sender));
    if (interfaceIndex !== 0) socket.setOption(SOL_SOCKET, SO_BINDTOIFINDEX, interfaceIndex);
    this.size(0);
    socket.setOption(SOL_SOCKET, SO_PRIORITY, transmitPriority);
    socket.setOption(SOL_SOCKET, SO_TIMESTAMPNS, 1);
    if (family === 4) setIpv4Options(socket, interfaceIndex);
    else setIpv6Options(socket, interfaceIndex);
    if (source === undefined) return;
    if (family === 4) {
      socket.setOption(IPPROTO_IP, IP_FREEBIND, 1);
      socket.bind(encodeIpv4(source, 0));
    } else {
      socket.setOption(IPPROTO_IPV6, IPV6_FREEBIND, 1);
      socket.bind(encodeIpv6(source, 0));
    }
  }

  #join(group: string): void {
    const { family, interfaceIndex } = this.#options;
    if (family === 4) {
      const membership = encodeIpv4Membership(group, interfaceIndex);
      this.#socket.setOption(IPPROTO_IP, IP_ADD_MEMBERSHIP, membership);
    } else {
      const membership = encodeIpv6Membership(group, interfaceIndex);
      this.#socket.setOption(IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, membership);
    }
    this.#groups.add(group);
  }

  #leave(group: string): void {
    const { family, interfaceIndex } = this.#options;
    if (family === 4) {
      const membership = encodeIpv4Membership(group, interfaceIndex);
      this.#socket.setOption(IPPROTO_IP, IP_DROP_MEMBERSHIP, membership);
    } else {
      const membership = encodeIpv6Membership(group, interfaceIndex);
      this.#socket.setOption(IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, membership);
    }
    this.#groups.delete(group);
  }
}

function setIpv4Options(socket: DatagramSocket, interfaceIndex: number): void {
  socket.setOption(IPPROTO_IP, IP_HDRINCL, 1);
  if (interfaceIndex !== 0) {
    const outgoing = encodeIpv4Membership("0.0.0.0", interfaceIndex);
    socket.setOption(IPPROTO_IP, IP_MULTICAST_IF, outgoing);
  }
  socket.setOption(IPPROTO_IP, IP_MULTICAST_LOOP, 0);
  socket.setOption(IPPROTO_IP, IP_MULTICAST_ALL, 0);
}

/** IPV6_HDRINCL: Linux 4.5; IPV6_MULTICAST_ALL: 4.20. */
function setIpv6Options(socket: DatagramSocket, interfaceIndex: number): void {
  socket.setOption(IPPROTO_IPV6, IPV6_HDRINCL, 1);
  if (interfaceIndex !== 0) socket.setOption(IPPROTO_IPV6, IPV6_MULTICAST_IF, interfaceIndex);
  socket.setOption(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
  socket.setOption(IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
  // Received packets come without their header.
  socket.setOption(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  socket.setOption(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
}
