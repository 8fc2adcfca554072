// A netlink socket on our own datagram socket, for rtnetlink: the buffer of a monitor may overflow,
// which ends a process that reads it by the npm package (docs/adr/0002), and answers are read
// without a turn of the event loop (docs/adr/0004). Decodes nothing.

import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { readHost32, writeHost16 } from "../bytes.js";
import { NETLINK_ADD_MEMBERSHIP } from "../constants/netlink.js";
import {
  AF_NETLINK,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
} from "../constants/socket.js";
import { DatagramSocket, type ReceivedDatagram } from "../raw-socket/datagram-socket.js";
import type { NetlinkTransport, TransportHandlers, TransportOptions } from "./transport.js";

const addressBytes = 12;
const senderPortOffset = 4;
/** The kernel doubles an int. */
const bufferBytesMax = 2 ** 30 - 1;

/** Opens a socket of the kernel; throws KeepalivedError with the errno name as code. */
export function openDatagramTransport(
  options: TransportOptions,
  handlers: TransportHandlers,
): NetlinkTransport {
  const { protocol, receiveBufferBytes, isBufferForced = true, filter } = options;
  const socket = DatagramSocket.open({ family: AF_NETLINK, type: SOCK_RAW, protocol });
  try {
    if (receiveBufferBytes !== undefined) {
      sizeBuffer(socket, Math.min(receiveBufferBytes, bufferBytesMax), isBufferForced);
    }
    if (filter !== undefined) socket.attachFilter(filter);
    // Port 0: of the socket's own address the kernel then picks one, of a target's it is the
    // kernel.
    socket.bind(netlinkAddress());
    socket.connect(netlinkAddress());
    socket.receive(
      (batch) => deliver(batch, handlers),
      (errno) => {
        // Reading goes on after all but this one, and whatever it was may have cost a message.
        if (errno === "EBADF") handlers.failed(errno);
        else handlers.overran();
      },
    );
    return new DatagramTransport(socket);
  } catch (thrown) {
    socket.close();
    throw thrown;
  }
}

class DatagramTransport implements NetlinkTransport {
  readonly #socket: DatagramSocket;

  constructor(socket: DatagramSocket) {
    this.#socket = socket;
  }

  get receiveBufferBytes(): number {
    return this.#socket.getOption(SOL_SOCKET, SO_RCVBUF);
  }

  send(data: Uint8Array, failed: (errno: string) => void): void {
    const errno = this.#socket.send(data);
    if (errno !== null) setImmediate(() => failed(errno));
    // The kernel has answered within the call (netlink_rcv_skb() in net/netlink/af_netlink.c), so
    // there is nothing to wait for. In a microtask, since this may run inside a socket's handler.
    else queueMicrotask(() => this.#socket.receiveNow());
  }

  join(group: number): void {
    this.#socket.setOption(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  close(): void {
    this.#socket.close();
  }
}

function deliver(batch: readonly ReceivedDatagram[], handlers: TransportHandlers): void {
  for (const { data, source, isTruncated } of batch) {
    // Port 0 is the kernel. A process may send here too if it has CAP_NET_ADMIN: not listened to.
    if (source.length < addressBytes || readHost32(source, senderPortOffset) !== 0) continue;
    if (isTruncated) handlers.overran();
    else handlers.received(data);
  }
}

/** Forced: beyond net.core.rmem_max, if we may. */
function sizeBuffer(socket: DatagramSocket, bytes: number, isForced: boolean): void {
  try {
    socket.setOption(SOL_SOCKET, isForced ? SO_RCVBUFFORCE : SO_RCVBUF, bytes);
  } catch (thrown) {
    if (!(thrown instanceof KeepalivedError && thrown.code === "EPERM")) throw thrown;
    socket.setOption(SOL_SOCKET, SO_RCVBUF, bytes);
  }
}

/** struct sockaddr_nl of port 0 and no groups. */
function netlinkAddress(): Uint8Array {
  const address = new Uint8Array(addressBytes);
  writeHost16(address, 0, AF_NETLINK);
  return address;
}
