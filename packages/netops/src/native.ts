// The only importer of the addon (packages/netops/native): its functions' types, and a helpful
// error when the binary is missing. Every function checks its arguments (code ERR_INVALID_ARGUMENT,
// ERR_CLOSED) and returns what the kernel refuses as a negative errno.

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";

declare const descriptorBrand: unique symbol;

/** An object of the addon that owns a file descriptor; closed by close() or by the collector. */
export interface Descriptor {
  readonly [descriptorBrand]: true;
}

/** The part of a datagram that is sent: see OutgoingDatagram. */
interface Sendable {
  readonly data: Uint8Array;
  readonly address?: Uint8Array | undefined;
}

export interface Native {
  useErrorClass(errorClass: new (code: string, message: string) => Error): void;

  /** Calls `handler` whenever the descriptor is readable; hasFailed: takeError() has the reason. */
  watch(descriptor: Descriptor, handler: (hasFailed: boolean) => void): number;
  unwatch(descriptor: Descriptor): void;
  setReferenced(descriptor: Descriptor, isReferenced: boolean): void;
  close(descriptor: Descriptor): void;
  /** Closed from here on; the number is the caller's to close. */
  release(socket: Descriptor): number;
  descriptorNumber(descriptor: Descriptor): number;

  openSocket(family: number, type: number, protocol: number): Descriptor | number;
  bind(socket: Descriptor, address: Uint8Array): number;
  connect(socket: Descriptor, address: Uint8Array): number;
  localAddress(socket: Descriptor, out: Uint8Array): number;
  setOption(socket: Descriptor, level: number, name: number, value: number | Uint8Array): number;
  getOption(socket: Descriptor, level: number, name: number, out: Uint8Array): number;
  /** Classic BPF: instructions as struct sock_filter, 8 bytes each. */
  attachFilter(socket: Descriptor, program: Uint8Array): number;
  takeError(socket: Descriptor): number;
  send(socket: Descriptor, data: Uint8Array, address?: Uint8Array): number;
  sendBatch(socket: Descriptor, datagrams: readonly Sendable[], first: number): number;
  receiveBatch(
    socket: Descriptor,
    slab: Uint8Array,
    records: Int32Array,
    slotBytes: number,
  ): number;

  /** 1 or 0; `method`: 0 MII, 1 ETHTOOL, 2 the kernel's flag. */
  linkBeat(name: string, method: number): number;

  monotonicUs(): number;
  openTimer(): Descriptor | number;
  armTimer(timer: Descriptor, atUs: number): number;
  openSignals(signals: Uint8Array): Descriptor | number;
  takeSignal(signals: Descriptor): number;
  ignoreSignal(signal: number): number;

  setScheduler(thread: number, policy: number, priority: number): number;
  setAffinity(thread: number, mask: Uint8Array): number;
  getAffinity(thread: number, mask: Uint8Array): number;
  lockMemory(flags: number): number;
  unlockMemory(): number;
  enterNetworkNamespace(path: string): number;
  setParentDeathSignal(signal: number): number;
  setResourceLimit(resource: number, soft: number, hard: number): number;
  exitAtOnce(status: number): never;
  /** NUL-terminated strings; returns only what the kernel refuses. */
  replaceProcess(words: Uint8Array, environment: Uint8Array, kept: Int32Array): number;
}

// By name and not by place: the code may stand in a bundle.
const path: string = fileURLToPath(import.meta.resolve("@keepalived-ts/netops/addon"));

function load(): Native {
  let loaded: Native;
  try {
    loaded = createRequire(import.meta.url)(path) as Native;
  } catch (error) {
    throw new KeepalivedError(
      "NETOPS_UNAVAILABLE",
      `Cannot load the native addon ${path}: ${errorText(error)}; unless this says otherwise, ` +
        "build it by `node scripts/build-native.mjs` (needs a C++17 compiler: apt-get install g++)",
      { path },
      error,
    );
  }
  loaded.useErrorClass(KeepalivedError);
  return loaded;
}

export const native: Native = load();
