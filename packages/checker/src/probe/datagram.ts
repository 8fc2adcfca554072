// A connected datagram socket for a probe, with all that the configuration says of its source:
// address, port, interface, mark. Being connected it hears its peer only, and of ICMP errors too.

import { networkInterfaces } from "node:os";
import {
  AF_INET,
  AF_INET6,
  IP_RECVERR,
  IPV6_RECVERR,
  SO_BINDTODEVICE,
  SO_MARK,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
} from "@keepalived-ts/netops/constants/socket";
import { DatagramSocket } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeIpv4, encodeIpv6 } from "@keepalived-ts/netops/raw-socket/sockaddr";
import { interfaceBytes } from "@keepalived-ts/netops/raw-socket/tcp-descriptor";
import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import type { ProbeResult } from "../core/event.js";
import { Attempt } from "./attempt.js";
import type { Finished, RunningProbe } from "./probe.js";

export interface DatagramTarget {
  readonly connectAddress: string;
  readonly connectPort?: number | undefined;
  readonly bindAddress?: string | undefined;
  readonly bindPort?: number | undefined;
  readonly bindInterface?: string | undefined;
  readonly fwmark?: number | undefined;
  readonly connectTimeoutUs: number;
}

/** What a kind of check sends, and what it makes of what comes back. */
export interface Dialogue {
  readonly type: number;
  readonly protocol: number;
  readonly request: Uint8Array;
  /** What silence until the deadline means. */
  readonly late: ProbeResult;
  /** Undefined = no answer to the request: go on waiting. */
  judge(datagram: Uint8Array): ProbeResult | undefined;
  /** Options of the protocol; called before anything is sent. */
  prepare?(socket: DatagramSocket): void;
}

export function startDatagramProbe(
  check: DatagramTarget,
  dialogue: Dialogue,
  finished: Finished,
): RunningProbe {
  const attempt = new Attempt(check.connectTimeoutUs, dialogue.late, finished);
  try {
    const { type, protocol } = dialogue;
    const family = ipFamily(check.connectAddress) === 4 ? AF_INET : AF_INET6;
    const socket = DatagramSocket.open({ family, type, protocol });
    attempt.holds(() => socket.close());
    dialogue.prepare?.(socket);
    aim(socket, check);
    talk(socket, dialogue, attempt);
  } catch (thrown) {
    // What a refused system call says is of this host, but for a way that is not there.
    const code = thrown instanceof KeepalivedError ? thrown.code : errorText(thrown);
    const isNoWay = code === "ENETUNREACH" || code === "EHOSTUNREACH";
    setImmediate(() => (isNoWay ? attempt.fail(code) : attempt.giveUp(code)));
  }
  return attempt;
}

function aim(socket: DatagramSocket, check: DatagramTarget): void {
  const { bindAddress, bindPort, bindInterface, fwmark } = check;
  const isIpv4 = ipFamily(check.connectAddress) === 4;
  if (isIpv4) socket.setOption(SOL_IP, IP_RECVERR, 1);
  else socket.setOption(SOL_IPV6, IPV6_RECVERR, 1);
  if (fwmark !== undefined) socket.setOption(SOL_SOCKET, SO_MARK, fwmark);
  if (bindInterface !== undefined) {
    socket.setOption(SOL_SOCKET, SO_BINDTODEVICE, interfaceBytes(bindInterface));
  }
  if (bindAddress !== undefined || bindPort !== undefined) {
    const any = isIpv4 ? "0.0.0.0" : "::";
    socket.bind(encode(bindAddress ?? any, bindPort ?? 0, bindInterface));
  }
  socket.connect(encode(check.connectAddress, check.connectPort ?? 0, bindInterface));
}

function talk(socket: DatagramSocket, { request, judge }: Dialogue, attempt: Attempt): void {
  const failed = (errno: string): void =>
    attempt.endWith({ name: errno, message: errno, code: errno });
  socket.receive((batch) => {
    for (const { data } of batch) {
      const result = judge(data);
      if (result !== undefined) attempt.end(result);
      if (attempt.isOver) return;
    }
  }, failed);
  const error = socket.send(request);
  if (error !== null) setImmediate(() => failed(error));
}

/** A link-local address needs its interface's number (RFC 4007 section 6). */
function encode(address: string, port: number, interfaceName: string | undefined): Uint8Array {
  if (ipFamily(address) === 4) return encodeIpv4(address, port);
  const isScoped = /^fe[89ab]/i.test(address) && interfaceName !== undefined;
  return encodeIpv6(address, port, isScoped ? scopeOf(interfaceName) : 0);
}

/** Every interface that is up with IPv6 has a link-local address, which carries the number. */
function scopeOf(interfaceName: string): number {
  const found = networkInterfaces()[interfaceName]?.find((each) => each.scopeid);
  return found?.scopeid ?? 0;
}
