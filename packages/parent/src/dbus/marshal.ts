// D-Bus values as bytes and back, by their signatures. D-Bus Specification, "Marshaling". Pure.

/** What a signature describes: numbers for y n q i u d h, bigint for x t, arrays for a and (). */
export type DbusValue =
  | string
  | number
  | bigint
  | boolean
  | Variant
  | readonly DbusValue[]
  | ReadonlyMap<string, DbusValue>;

export interface Variant {
  readonly signature: string;
  readonly value: DbusValue;
}

/** Deeper than this nothing sensible nests; the specification allows 64. */
const depthMax = 16;

/** Splits a signature into its complete types; undefined = malformed. */
export function completeTypes(signature: string): string[] | undefined {
  const types: string[] = [];
  for (let at = 0; at < signature.length; ) {
    const end = typeEnd(signature, at, 0);
    if (end === undefined) return undefined;
    types.push(signature.slice(at, end));
    at = end;
  }
  return types;
}

/** Where the complete type that begins at `at` ends. */
function typeEnd(signature: string, at: number, depth: number): number | undefined {
  const code = signature[at];
  if (code === undefined || depth > depthMax) return undefined;
  if (code === "a") return typeEnd(signature, at + 1, depth + 1);
  const closing = { "(": ")", "{": "}" }[code];
  if (closing === undefined) return "ybnqiuxtdhsogv".includes(code) ? at + 1 : undefined;
  let inner = at + 1;
  while (signature[inner] !== closing) {
    const end = typeEnd(signature, inner, depth + 1);
    if (end === undefined) return undefined;
    inner = end;
  }
  return inner === at + 1 ? undefined : inner + 1;
}

function alignmentOf(type: string): number {
  const code = type[0] ?? "y";
  if ("ygv".includes(code)) return 1;
  if ("nq".includes(code)) return 2;
  return "xtd({".includes(code) ? 8 : 4;
}

/** In little-endian order; `bytes` begins at a multiple of eight of its message. */
export class DbusWriter {
  #parts: number[] = [];

  get bytes(): Buffer {
    return Buffer.from(this.#parts);
  }

  align(to: number): void {
    while (this.#parts.length % to !== 0) this.#parts.push(0);
  }

  uint8(value: number): void {
    this.#parts.push(value & 0xff);
  }

  uint32(value: number): void {
    this.align(4);
    this.#parts.push(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
  }

  write(type: string, value: DbusValue): void {
    const code = type[0];
    if (code === "y") this.uint8(value as number);
    else if (code === "b") this.uint32(value === true ? 1 : 0);
    else if (code === "u") this.uint32(value as number);
    else if (code === "s" || code === "o") this.#text(value as string);
    else if (code === "g") this.#signature(value as string);
    else if (code === "v") this.#variant(value as Variant);
    else if (code === "(") this.#struct(type, value as readonly DbusValue[]);
    else if (code === "a") this.#array(type.slice(1), value);
  }

  #text(value: string): void {
    const bytes = Buffer.from(value);
    this.uint32(bytes.length);
    this.#parts.push(...bytes, 0);
  }

  #signature(value: string): void {
    this.uint8(value.length);
    this.#parts.push(...Buffer.from(value), 0);
  }

  #variant({ signature, value }: Variant): void {
    this.#signature(signature);
    this.write(signature, value);
  }

  #struct(type: string, values: readonly DbusValue[]): void {
    this.align(8);
    const types = completeTypes(type.slice(1, -1)) ?? [];
    types.forEach((each, i) => {
      const value = values[i];
      if (value !== undefined) this.write(each, value);
    });
  }

  #array(type: string, value: DbusValue): void {
    this.uint32(0);
    const lengthAt = this.#parts.length - 4;
    this.align(alignmentOf(type));
    const from = this.#parts.length;
    if (value instanceof Map) {
      const [keyType = "s", valueType = "v"] = completeTypes(type.slice(1, -1)) ?? [];
      for (const [key, item] of value) {
        this.align(8);
        this.write(keyType, key);
        this.write(valueType, item);
      }
    } else for (const item of value as readonly DbusValue[]) this.write(type, item);
    const length = this.#parts.length - from;
    for (let i = 0; i < 4; i++) this.#parts[lengthAt + i] = (length >>> (8 * i)) & 0xff;
  }
}

/** Reads on and never beyond its end: what is missing reads as 0, and `isBad` says so. */
export class DbusReader {
  readonly #bytes: Buffer;
  readonly #isBigEndian: boolean;
  #at: number;
  #depth = 0;
  isBad = false;

  constructor(bytes: Buffer, at: number, isBigEndian: boolean) {
    this.#bytes = bytes;
    this.#at = at;
    this.#isBigEndian = isBigEndian;
  }

  get at(): number {
    return this.#at;
  }

  align(to: number): void {
    this.#at = Math.ceil(this.#at / to) * to;
  }

  uint8(): number {
    return this.#take(1) ? (this.#bytes[this.#at - 1] ?? 0) : 0;
  }

  uint32(): number {
    this.align(4);
    if (!this.#take(4)) return 0;
    const at = this.#at - 4;
    return this.#isBigEndian ? this.#bytes.readUInt32BE(at) : this.#bytes.readUInt32LE(at);
  }

  read(type: string): DbusValue {
    switch (type[0]) {
      case "y":
        return this.uint8();
      case "n":
      case "q":
        return this.#uint16();
      case "b":
        return this.uint32() !== 0;
      case "i":
      case "u":
      case "h":
        return this.uint32();
      case "x":
      case "t":
      case "d":
        return this.#uint64();
      case "s":
      case "o":
        return this.#text(this.uint32());
      case "g":
        return this.#text(this.uint8());
      default:
        return this.#nested(type);
    }
  }

  #nested(type: string): DbusValue {
    if (++this.#depth > depthMax) this.isBad = true;
    const value = this.isBad ? [] : this.#container(type);
    this.#depth -= 1;
    return value;
  }

  #container(type: string): DbusValue {
    if (type[0] === "v") {
      const signature = this.#text(this.uint8());
      if (completeTypes(signature)?.length === 1) return { signature, value: this.read(signature) };
      this.isBad = true;
      return [];
    }
    if (type[0] === "a") return this.#array(type.slice(1));
    this.align(8);
    const types = completeTypes(type.slice(1, -1)) ?? [];
    return types.map((each) => this.read(each));
  }

  #array(type: string): DbusValue[] {
    const length = this.uint32();
    this.align(alignmentOf(type));
    const end = this.#at + length;
    if (end > this.#bytes.length) this.isBad = true;
    const items: DbusValue[] = [];
    while (!this.isBad && this.#at < end) items.push(this.read(type));
    return items;
  }

  #uint16(): number {
    this.align(2);
    if (!this.#take(2)) return 0;
    const at = this.#at - 2;
    return this.#isBigEndian ? this.#bytes.readUInt16BE(at) : this.#bytes.readUInt16LE(at);
  }

  #uint64(): bigint {
    this.align(8);
    if (!this.#take(8)) return 0n;
    const at = this.#at - 8;
    return this.#isBigEndian ? this.#bytes.readBigUInt64BE(at) : this.#bytes.readBigUInt64LE(at);
  }

  #text(length: number): string {
    const from = this.#at;
    return this.#take(length + 1) ? this.#bytes.toString("utf8", from, from + length) : "";
  }

  #take(length: number): boolean {
    if (this.isBad || this.#at + length > this.#bytes.length) {
      this.isBad = true;
      return false;
    }
    this.#at += length;
    return true;
  }
}
