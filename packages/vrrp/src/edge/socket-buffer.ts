// Sizes socket buffers beyond the system's limit where the process may (CAP_NET_ADMIN in the first
// user namespace), and up to the limit (net.core.rmem_max, wmem_max) where it may not, as in a
// container. socket(7).

import { SOL_SOCKET } from "@keepalived-ts/netops/constants/socket";
import type { DatagramSocket } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";

export function setBuffer(
  socket: DatagramSocket,
  forcedOption: number,
  limitedOption: number,
  bytes: number,
): void {
  try {
    socket.setOption(SOL_SOCKET, forcedOption, bytes);
  } catch (thrown) {
    if (!(thrown instanceof KeepalivedError) || thrown.code !== "EPERM") throw thrown;
    socket.setOption(SOL_SOCKET, limitedOption, bytes);
  }
}
