// One TCP connection for a probe, with all that the configuration says of its source: address,
// port, interface, mark. What is said over it is the business of each kind of check.

import { connect, Socket } from "node:net";
import { openTcpDescriptor } from "@keepalived-ts/netops/raw-socket/tcp-descriptor";
import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import type { CheckConnection } from "@keepalived-ts/shared-config/schema/config";
import { Attempt, connectTimeout } from "./attempt.js";
import type { Finished, RunningProbe } from "./probe.js";

/** What is done once the connection stands; the attempt's end closes it. */
export type Talk = (socket: Socket, attempt: Attempt) => void;

/** Connects within `connect_timeout`, which is the deadline of all that follows too. */
export function startConnection(
  check: CheckConnection,
  finished: Finished,
  talk: Talk,
): RunningProbe {
  const attempt = new Attempt(check.connectTimeoutUs, connectTimeout, finished);
  let socket: Socket;
  try {
    socket = openConnection(check);
  } catch (thrown) {
    const reason = thrown instanceof KeepalivedError ? thrown.code : errorText(thrown);
    setImmediate(() => attempt.giveUp(reason));
    return attempt;
  }
  attempt.holds(() => closeSocket(socket, check));
  socket.on("connect", () => {
    if (hasMetItself(socket, check)) attempt.fail("met itself");
    else talk(socket, attempt);
  });
  // Stays for the socket's whole life: an error after the end must not become an uncaught one.
  socket.on("error", (error: NodeJS.ErrnoException) => attempt.endWith(error));
  return attempt;
}

function openConnection(check: CheckConnection): Socket {
  const { connectAddress, connectPort, bindAddress, bindPort, bindInterface, fwmark } = check;
  const target = {
    host: scopedAddress(check),
    port: connectPort,
    ...(bindAddress === undefined ? {} : { localAddress: bindAddress }),
    ...(bindPort === undefined ? {} : { localPort: bindPort }),
  };
  if (bindInterface === undefined && fwmark === undefined) return connect(target);
  const family = ipFamily(connectAddress);
  const fd = openTcpDescriptor({ family, mark: fwmark, interface: bindInterface });
  // Not readable before it is connected: reading is begun by connect().
  const options = { fd, manualStart: true };
  return new Socket(options).connect(target);
}

/** A link-local address means something on its interface only (RFC 4007 section 11). */
export function scopedAddress(
  check: Pick<CheckConnection, "connectAddress" | "bindInterface">,
): string {
  const { connectAddress, bindInterface } = check;
  const isLinkLocal = /^fe[89ab]/i.test(connectAddress);
  return isLinkLocal && bindInterface !== undefined
    ? `${connectAddress}%${bindInterface}`
    : connectAddress;
}

/**
 * A connect to a port of this host on which nobody listens can meet itself when the kernel picks
 * that very port as its source (simultaneous open, RFC 9293 section 3.5).
 */
function hasMetItself(socket: Socket, { connectPort }: CheckConnection): boolean {
  return socket.localPort === connectPort && socket.localAddress === socket.remoteAddress;
}

/** A fixed source port must be free again for the next probe, so its connection is reset. */
function closeSocket(socket: Socket, check: CheckConnection): void {
  if (check.bindPort && socket.readyState === "open") socket.resetAndDestroy();
  else socket.destroy();
}
