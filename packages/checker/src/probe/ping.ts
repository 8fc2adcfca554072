// PING_CHECK: the server is well if it answers an ICMP echo. A raw socket needs CAP_NET_RAW;
// without it the kernel's datagram socket for echoes is tried, which net.ipv4.ping_group_range must
// allow.

import { randomBytes, randomInt } from "node:crypto";
import {
  ICMPV6_FILTER,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_RAW,
} from "@keepalived-ts/netops/constants/socket";
import type { DatagramSocket } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import type { PingCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import { connectTimeout } from "./attempt.js";
import { type Dialogue, startDatagramProbe } from "./datagram.js";
import { encodeEcho, isEchoReply } from "./ping-codec.js";
import type { Finished, RunningProbe } from "./probe.js";

/** As ping(8) sends. */
const dataBytes = 56;

/** include/uapi/linux/icmp.h: a set bit blocks its type. */
const ICMP_FILTER = 1;
const allButEchoReply4: number = ~1;
/** 256 bits in words of the host's order; every byte but that of type 129 is the same anyway. */
const allButEchoReply6: Uint32Array = new Uint32Array(8).fill(0xffffffff);
allButEchoReply6[129 >>> 5] = ~(1 << (129 & 31)) >>> 0;

export function startPingProbe(check: PingCheckConfig, finished: Finished): RunningProbe {
  const data = randomBytes(dataBytes);
  // Ports mean nothing to an echo.
  const target = { ...check, connectPort: undefined, bindPort: undefined };
  let running = startDatagramProbe(target, echo(check, SOCK_RAW, data), (result) => {
    const isForbidden = result.outcome === "notRun" && /^E(PERM|ACCES)$/.test(result.reason);
    if (isForbidden) {
      running = startDatagramProbe(target, echo(check, SOCK_DGRAM, data), finished);
    } else finished(result);
  });
  return { cancel: () => running.cancel() };
}

function echo(check: PingCheckConfig, type: number, data: Uint8Array): Dialogue {
  const family = ipFamily(check.connectAddress);
  const isRaw = type === SOCK_RAW;
  return {
    type,
    protocol: family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6,
    request: encodeEcho(family, randomInt(65536), data),
    late: connectTimeout,
    judge: (datagram) =>
      isEchoReply(family, isRaw && family === 4, datagram, data)
        ? { outcome: "passed" }
        : undefined,
    prepare: (socket) => {
      if (isRaw) setFilter(socket, family);
    },
  };
}

/** Only echo replies wake us. */
function setFilter(socket: DatagramSocket, family: 4 | 6): void {
  if (family === 4) socket.setOption(SOL_RAW, ICMP_FILTER, allButEchoReply4);
  else {
    const { buffer } = allButEchoReply6;
    socket.setOption(IPPROTO_ICMPV6, ICMPV6_FILTER, new Uint8Array(buffer));
  }
}
