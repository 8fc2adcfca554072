// The one packet socket through which gratuitous ARP leaves on every interface. It receives
// nothing: protocol 0 of packet(7).

import {
  AF_PACKET,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SOCK_RAW,
} from "@keepalived-ts/netops/constants/socket";
import type {
  OutgoingDatagram,
  SendResult,
} from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { DatagramSocket } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import type { ArpPort } from "./ports.js";
import { setBuffer } from "./socket-buffer.js";

/** Room for a burst of about a thousand frames on a driver that takes its time. */
const sendBufferBytes = 1024 * 1024;

export class ArpSocket implements ArpPort {
  readonly #socket: DatagramSocket;

  /** Throws KeepalivedError with the errno name as code. */
  constructor() {
    this.#socket = DatagramSocket.open({ family: AF_PACKET, type: SOCK_RAW, protocol: 0 });
    setBuffer(this.#socket, SO_SNDBUFFORCE, SO_SNDBUF, sendBufferBytes);
  }

  send(frames: readonly OutgoingDatagram[]): SendResult {
    return this.#socket.sendBatch(frames);
  }

  close(): void {
    this.#socket.close();
  }
}
