// Values that the fuzzer of the addon hands in: every kind that JavaScript has, buffers in all
// their states, descriptors open, closed and forged, and arrays whose accessors turn on the caller.

import { nextInteger, type RandomState } from "@keepalived-ts/shared-config/base/random";

export type Thunk = () => unknown;

/** Thrown by hostile values; the addon must pass it on unchanged. */
export class HostileError extends Error {}

const numbers: readonly number[] = [
  0,
  -0,
  1,
  2,
  3,
  7,
  16,
  36,
  64,
  65,
  145,
  255,
  256,
  4096,
  16384,
  65535,
  65536,
  0x7fffffff,
  0x80000000,
  0xffffffff,
  2 ** 32,
  2 ** 53,
  2 ** 63,
  1e16,
  1e308,
  0.5,
  -1,
  -0.5,
  -2147483649,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MIN_VALUE,
];

const texts: readonly string[] = [
  "",
  "a",
  "\0",
  "/proc/self/ns/net",
  "/dev/null",
  "/none",
  "a\0b",
  "\ud800",
  "x".repeat(5000),
];

export class Values {
  readonly #random: RandomState;
  /** Descriptors made so far; some are closed by now. */
  readonly descriptors: unknown[] = [];
  /** What hostile accessors may do. */
  readonly tricks: Thunk[] = [];

  constructor(random: RandomState) {
    this.#random = random;
  }

  pick<T>(from: readonly T[], otherwise: T): T {
    return from[nextInteger(this.#random, 0, from.length - 1)] ?? otherwise;
  }

  chance(percent: number): boolean {
    return nextInteger(this.#random, 1, 100) <= percent;
  }

  number(): number {
    if (this.chance(60)) return this.pick(numbers, 0);
    return nextInteger(this.#random, -70, 70);
  }

  descriptor(): unknown {
    const descriptor = this.pick(this.descriptors, undefined);
    if (this.chance(90) || typeof descriptor !== "object" || descriptor === null) {
      return descriptor;
    }
    const forged = [Object.create(descriptor), new Proxy(descriptor, {}), { ...descriptor }];
    return this.pick<unknown>(forged, descriptor);
  }

  bytes(): unknown {
    const length = this.pick([0, 1, 2, 3, 16, 28, 110, 128, 129, 4096, 65_536, 200_000], 0);
    const kinds: readonly Thunk[] = [
      () => this.#filled(new Uint8Array(length)),
      () => this.#filled(Buffer.alloc(length)),
      () => this.#filled(new Uint8Array(length + 8).subarray(3, 3 + length)),
      () => this.#filled(new Uint8Array(new SharedArrayBuffer(length))),
      () => new Uint8Array(resizable(length)),
      () => shrunk(length),
      () => detached(length),
      () => this.address(),
      () => new Int32Array(length),
      () => new Float64Array(2),
      () => new Uint8ClampedArray(length),
      () => new DataView(new ArrayBuffer(length)),
      () => new ArrayBuffer(length),
    ];
    return this.pick(kinds, () => undefined)();
  }

  /** Bytes that begin like a sockaddr of a family that exists. */
  address(): Uint8Array {
    const bytes = this.#filled(new Uint8Array(nextInteger(this.#random, 2, 128)));
    bytes[0] = this.pick([1, 2, 10, 16, 17], 0);
    bytes[1] = 0;
    // No Unix path but an abstract one, which lives in the network namespace.
    if (bytes[0] === 1 && bytes.length > 2) bytes[2] = 0;
    return bytes;
  }

  datagrams(): unknown {
    const length = this.pick([0, 1, 2, 63, 64, 65, 200], 0);
    const isWild = this.chance(30);
    const datagrams: unknown[] = Array.from({ length }, () =>
      isWild ? this.#wildDatagram() : this.#datagram(),
    );
    if (this.chance(5)) datagrams.length += 5;
    if (length > 0 && this.chance(30)) {
      this.#trap(datagrams, String(nextInteger(this.#random, 0, length - 1)));
    }
    if (this.chance(5)) return new Proxy(datagrams, {});
    return datagrams;
  }

  any(): unknown {
    const kinds: readonly Thunk[] = [
      () => this.number(),
      () => this.number(),
      () => this.pick(texts, ""),
      () => this.bytes(),
      () => this.descriptor(),
      () => this.datagrams(),
      () => this.handler(),
      () => undefined,
      () => null,
      () => true,
      () => 10n,
      () => Symbol("fuzz"),
      () => ({}),
      () => class {},
      () => [1, 2, 3],
      () => Object(7),
      () => ({ valueOf: () => this.#trick(), [Symbol.toPrimitive]: () => this.#trick() }),
    ];
    return this.pick(kinds, () => undefined)();
  }

  handler(): (argument: unknown) => void {
    return () => {
      this.#trick();
    };
  }

  #datagram(): unknown {
    const datagram = { data: this.#filled(new Uint8Array(40)), address: this.address() };
    if (this.chance(2)) this.#trap(datagram, this.pick(["data", "address"], "data"));
    return datagram;
  }

  #wildDatagram(): unknown {
    if (this.chance(3)) return this.pick<unknown>([null, undefined, 5, "x", Symbol("fuzz")], 0);
    const data = this.chance(95) ? this.#filled(new Uint8Array(40)) : this.bytes();
    const address = this.chance(60) ? this.address() : undefined;
    return this.chance(95) ? { data, address } : { data, address: this.any() };
  }

  /** Makes reading `key` run a trick before it gives the value: close, detach, throw. */
  #trap(target: object, key: string): void {
    const value: unknown = Reflect.get(target, key);
    Object.defineProperty(target, key, {
      get: () => {
        this.#trick();
        return value;
      },
    });
  }

  #trick(): unknown {
    if (this.chance(20)) throw new HostileError("hostile");
    return this.pick(this.tricks, () => undefined)();
  }

  #filled(bytes: Uint8Array): Uint8Array {
    const value = nextInteger(this.#random, 0, 255);
    return this.chance(50) ? bytes.fill(value) : bytes;
  }
}

/** ES2024, which every supported Node has and this project's type library has not. */
interface ResizableBuffer extends ArrayBuffer {
  resize(length: number): void;
}

function resizable(length: number): ResizableBuffer {
  return Reflect.construct(ArrayBuffer, [length, { maxByteLength: length + 64 }]);
}

function detached(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

/** A view that lies beyond the end of its buffer, which has shrunk since. */
function shrunk(length: number): Uint8Array {
  const buffer = resizable(length + 16);
  const bytes = new Uint8Array(buffer, 0, length + 16);
  buffer.resize(0);
  return bytes;
}
