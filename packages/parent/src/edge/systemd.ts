// Tells systemd (or whoever set NOTIFY_SOCKET) how far the daemon is: sd_notify(3)'s protocol. A
// manager that does not listen is none of our business, so failures are not reported.

import { AF_UNIX, SOCK_DGRAM } from "@keepalived-ts/netops/constants/socket";
import { DatagramSocket } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeUnix } from "@keepalived-ts/netops/raw-socket/sockaddr";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { monotonicNowUs } from "./clock.js";

export interface Notifier {
  ready(status: string): void;
  reloading(): void;
  stopping(): void;
}

/** `address` is the value of NOTIFY_SOCKET. */
export function createNotifier(address: string | undefined): Notifier {
  const notify = (text: string): void => {
    if (address !== undefined && address !== "") sendState(address, text);
  };
  return {
    ready: (status) => notify(`READY=1\nSTATUS=${status}`),
    reloading: () => notify(`RELOADING=1\nMONOTONIC_USEC=${Math.trunc(monotonicNowUs())}`),
    stopping: () => notify("STOPPING=1\nSTATUS=Stopping"),
  };
}

/** One socket a message: there are three in a daemon's life, and none must keep it alive. */
function sendState(address: string, text: string): void {
  let socket: DatagramSocket | undefined;
  try {
    socket = DatagramSocket.open({ family: AF_UNIX, type: SOCK_DGRAM, protocol: 0 });
    // unix(7): an abstract name is written with @ for its leading NUL.
    socket.send(Buffer.from(text), encodeUnix(address.replace(/^@/, "\0")));
  } catch (thrown) {
    if (!(thrown instanceof KeepalivedError)) throw thrown;
  } finally {
    socket?.close();
  }
}
