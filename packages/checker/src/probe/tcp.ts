// TCP_CHECK: the server is well if it completes a TCP connection within connect_timeout. Nothing is
// sent or read. The socket is closed whatever happens.

import { connect, type Socket } from "node:net";
import { usPerMs } from "@keepalived-ts/shared-config/base/units";
import type { TcpCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import type { ProbeResult } from "../core/event.js";
import type { RunningProbe } from "./probe.js";

/** Longest delay that setTimeout() takes; more would fire at once. */
const timerLimitMs = 2 ** 31 - 1;

/** Errors of this host, which say nothing about the server: connect(2), bind(2), socket(2). */
const localErrors: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "ENOBUFS",
  "EADDRINUSE",
  "EADDRNOTAVAIL",
]);

export function startTcpProbe(
  check: TcpCheckConfig,
  finished: (result: ProbeResult) => void,
): RunningProbe {
  const socket = connect({
    host: check.connectAddress,
    port: check.connectPort,
    ...(check.bindAddress === undefined ? {} : { localAddress: check.bindAddress }),
    ...(check.bindPort === undefined ? {} : { localPort: check.bindPort }),
  });
  let isOver = false;
  const end = (result: ProbeResult | null): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    closeSocket(socket, check);
    if (result !== null) finished(result);
  };
  const timer = setTimeout(
    () => end({ outcome: "failed", reason: "connect_timeout" }),
    Math.min(Math.max(Math.ceil(check.connectTimeoutUs / usPerMs), 1), timerLimitMs),
  );
  socket.on("connect", () => end(judgeConnection(socket)));
  // Stays for the socket's whole life: an error after the end must not become an uncaught one.
  socket.on("error", (error: NodeJS.ErrnoException) => end(judgeError(error)));
  return { cancel: () => end(null) };
}

function judgeConnection(socket: Socket): ProbeResult {
  // A connect to a port of this host on which nobody listens can meet itself when the kernel picks
  // that very port as its source (simultaneous open, RFC 9293 section 3.5).
  const isItself =
    socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress;
  return isItself ? { outcome: "failed", reason: "met itself" } : { outcome: "passed" };
}

function judgeError(error: NodeJS.ErrnoException): ProbeResult {
  const reason = error.code ?? error.message;
  return { outcome: localErrors.has(reason) ? "notRun" : "failed", reason };
}

/** A fixed source port must be free again for the next probe, so its connection is reset. */
function closeSocket(socket: Socket, check: TcpCheckConfig): void {
  if (check.bindPort && socket.readyState === "open") socket.resetAndDestroy();
  else socket.destroy();
}
