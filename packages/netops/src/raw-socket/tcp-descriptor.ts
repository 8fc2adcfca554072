// A TCP socket with the options that Node's own sockets cannot have: a mark, and the interface that
// its packets use. It is not connected yet and belongs to the caller, who gives the number to
// `new net.Socket({ fd })` and connects that. Specification: socket(7), tcp(7).

import {
  AF_INET,
  AF_INET6,
  SO_BINDTODEVICE,
  SO_MARK,
  SOCK_STREAM,
  SOL_SOCKET,
} from "../constants/socket.js";
import { errnoError } from "../errno.js";
import { type Descriptor, native } from "../native.js";

export interface SocketRoute {
  readonly family: 4 | 6;
  /** `SO_MARK`, 32 bits. */
  readonly mark?: number | undefined;
  /** Name of the interface (`SO_BINDTODEVICE`). */
  readonly interface?: string | undefined;
}

/** Throws KeepalivedError with the errno's name as code. */
export function openTcpDescriptor(route: SocketRoute): number {
  const family = route.family === 4 ? AF_INET : AF_INET6;
  const socket = native.openSocket(family, SOCK_STREAM, 0);
  if (typeof socket === "number") throw errnoError(socket, "open a TCP socket");
  try {
    setRoute(socket, route);
  } catch (thrown) {
    native.close(socket);
    throw thrown;
  }
  return native.release(socket);
}

function setRoute(socket: Descriptor, { mark, interface: name }: SocketRoute): void {
  if (mark !== undefined) {
    const result = native.setOption(socket, SOL_SOCKET, SO_MARK, mark | 0);
    if (result < 0) throw errnoError(result, `mark a socket with ${mark}`);
  }
  if (name !== undefined) {
    const result = native.setOption(socket, SOL_SOCKET, SO_BINDTODEVICE, interfaceBytes(name));
    if (result < 0) throw errnoError(result, `bind a socket to the interface ${name}`);
  }
}

/** For SO_BINDTODEVICE. */
export function interfaceBytes(name: string): Uint8Array {
  return new Uint8Array(Buffer.from(name, "utf8"));
}
