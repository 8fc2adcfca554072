// Socket addresses as the kernel lays them out, to and from values. Callers give validated
// addresses; decode() takes what a socket received and trusts nothing in it. Specification: struct
// sockaddr_in (linux/in.h), sockaddr_in6 (in6.h), sockaddr_ll (if_packet.h), sockaddr_un (un.h)

import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { formatIp, parseIp } from "@keepalived-ts/shared-config/base/ip";
import {
  parseHardwareAddress,
  readHost16,
  readHost32,
  readNetwork16,
  writeHost16,
  writeHost32,
  writeNetwork16,
} from "../bytes.js";
import { AF_INET, AF_INET6, AF_PACKET, AF_UNIX } from "../constants/socket.js";

const inetBytes = 16;
const inet6Bytes = 28;
const linkLayerHeaderBytes = 12;
const hardwareAddressMost = 20; // InfiniBand: longer than sockaddr_ll's 8, the kernel takes it so
const unixPathMost = 107; // sizeof sun_path, less a final NUL

export interface LinkLayerTarget {
  readonly interfaceIndex: number;
  /** An EtherType in host order, for instance ETH_P_ARP. */
  readonly protocol: number;
  readonly hardwareAddress: Uint8Array | string;
}

export type SocketAddress =
  | { readonly family: typeof AF_INET; readonly address: string; readonly port: number }
  | {
      readonly family: typeof AF_INET6;
      readonly address: string;
      readonly port: number;
      readonly scopeId: number;
    }
  | {
      readonly family: typeof AF_PACKET;
      readonly interfaceIndex: number;
      readonly protocol: number;
      /** ARPHRD_… of the interface. */
      readonly hardwareType: number;
      /** PACKET_HOST, PACKET_OUTGOING, … */
      readonly packetType: number;
      readonly hardwareAddress: Uint8Array;
    }
  | { readonly family: typeof AF_UNIX; readonly path: string };

/** struct sockaddr_in; a raw socket's port is 0. */
export function encodeIpv4(address: string, port: number): Uint8Array {
  const encoded = new Uint8Array(inetBytes);
  writeHost16(encoded, 0, AF_INET);
  writeNetwork16(encoded, 2, validPort(port));
  encoded.set(addressBytes(address, 4), 4);
  return encoded;
}

/** struct sockaddr_in6; a link-local address needs its interface's index as `scopeId`. */
export function encodeIpv6(address: string, port: number, scopeId = 0): Uint8Array {
  const encoded = new Uint8Array(inet6Bytes);
  writeHost16(encoded, 0, AF_INET6);
  writeNetwork16(encoded, 2, validPort(port));
  encoded.set(addressBytes(address, 16), 8);
  writeHost32(encoded, 24, scopeId);
  return encoded;
}

/** struct sockaddr_ll. */
export function encodeLinkLayer(target: LinkLayerTarget): Uint8Array {
  const hardwareAddress =
    typeof target.hardwareAddress === "string"
      ? parseHardwareAddress(target.hardwareAddress)
      : target.hardwareAddress;
  if (hardwareAddress === undefined || hardwareAddress.length > hardwareAddressMost) {
    throw invalid(
      `Cannot use ${JSON.stringify(String(target.hardwareAddress))} as a link-layer address: ` +
        `must be at most ${hardwareAddressMost} bytes, as in "02:00:5e:00:01:33"`,
    );
  }
  const encoded = new Uint8Array(linkLayerHeaderBytes + Math.max(8, hardwareAddress.length));
  writeHost16(encoded, 0, AF_PACKET);
  writeNetwork16(encoded, 2, target.protocol);
  writeHost32(encoded, 4, target.interfaceIndex);
  encoded[11] = hardwareAddress.length;
  encoded.set(hardwareAddress, linkLayerHeaderBytes);
  return encoded;
}

/** struct sockaddr_un; a path that starts with NUL is in the abstract namespace. */
export function encodeUnix(path: string): Uint8Array {
  const bytes = Buffer.from(path, "utf8");
  const isAbstract = bytes[0] === 0;
  if (bytes.length === 0 || bytes.length > unixPathMost || bytes.indexOf(0, 1) !== -1) {
    throw invalid(
      `Cannot use ${JSON.stringify(path)} as a socket path: must be 1 to ${unixPathMost} bytes ` +
        "without NUL, save one at the start for the abstract namespace",
    );
  }
  const encoded = new Uint8Array(2 + bytes.length + (isAbstract ? 0 : 1));
  writeHost16(encoded, 0, AF_UNIX);
  encoded.set(bytes, 2);
  return encoded;
}

/** What an address says, or undefined when its family is unknown or it is too short. */
export function decode(bytes: Uint8Array): SocketAddress | undefined {
  if (bytes.length < 2) return undefined;
  switch (readHost16(bytes, 0)) {
    case AF_INET:
      return decodeInet(bytes);
    case AF_INET6:
      return decodeInet6(bytes);
    case AF_PACKET:
      return decodeLinkLayer(bytes);
    case AF_UNIX:
      return { family: AF_UNIX, path: unixPath(bytes) };
    default:
      return undefined;
  }
}

function decodeInet(bytes: Uint8Array): SocketAddress | undefined {
  if (bytes.length < inetBytes) return undefined;
  const address = formatIp(bytes.subarray(4, 8));
  return { family: AF_INET, address, port: readNetwork16(bytes, 2) };
}

function decodeInet6(bytes: Uint8Array): SocketAddress | undefined {
  if (bytes.length < inet6Bytes) return undefined;
  return {
    family: AF_INET6,
    address: formatIp(bytes.subarray(8, 24)),
    port: readNetwork16(bytes, 2),
    scopeId: readHost32(bytes, 24),
  };
}

function decodeLinkLayer(bytes: Uint8Array): SocketAddress | undefined {
  const length = bytes[11];
  if (length === undefined || bytes.length < linkLayerHeaderBytes + length) return undefined;
  return {
    family: AF_PACKET,
    protocol: readNetwork16(bytes, 2),
    interfaceIndex: readHost32(bytes, 4),
    hardwareType: readHost16(bytes, 8),
    packetType: bytes[10] ?? 0,
    // A copy: what a handler receives is valid only during its call.
    hardwareAddress: bytes.slice(linkLayerHeaderBytes, linkLayerHeaderBytes + length),
  };
}

/** An unnamed socket's path is empty; an abstract one starts with NUL. */
function unixPath(bytes: Uint8Array): string {
  const path = Buffer.from(bytes.buffer, bytes.byteOffset + 2, bytes.length - 2);
  if (path[0] === 0) return path.toString("utf8");
  const end = path.indexOf(0);
  return path.toString("utf8", 0, end === -1 ? path.length : end);
}

function addressBytes(address: string, length: 4 | 16): Uint8Array {
  const bytes = parseIp(address);
  if (bytes?.length !== length) {
    const family = length === 4 ? "an IPv4" : "an IPv6";
    throw invalid(`Cannot use ${JSON.stringify(address)} as ${family} address`);
  }
  return bytes;
}

function validPort(port: number): number {
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw invalid(`Cannot use ${port} as a port: must be from 0 to 65535`);
  }
  return port;
}

function invalid(message: string): KeepalivedError {
  return new KeepalivedError("ERR_INVALID_ARGUMENT", message);
}
