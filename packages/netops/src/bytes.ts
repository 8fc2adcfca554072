// Small pieces of binary encoding that several modules need: integers in network or host order at
// an offset, link-layer addresses as text. No structure of the kernel is known here.

import { endianness } from "node:os";

const isLittleEndian: boolean = endianness() === "LE";

/** Writes a 16-bit number in network order. */
export function writeNetwork16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = (value >> 8) & 0xff;
  bytes[offset + 1] = value & 0xff;
}

export function readNetwork16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

/** Writes a 16-bit number in the order of this machine, as kernel structures need it. */
export function writeHost16(bytes: Uint8Array, offset: number, value: number): void {
  viewOf(bytes).setUint16(offset, value, isLittleEndian);
}

export function readHost16(bytes: Uint8Array, offset: number): number {
  return viewOf(bytes).getUint16(offset, isLittleEndian);
}

/** Writes a 32-bit number, signed or not, in the order of this machine. */
export function writeHost32(bytes: Uint8Array, offset: number, value: number): void {
  viewOf(bytes).setUint32(offset, value, isLittleEndian);
}

export function readHost32(bytes: Uint8Array, offset: number): number {
  return viewOf(bytes).getUint32(offset, isLittleEndian);
}

/** "02:00:5e:00:01:33" to bytes (any length), or undefined when the text is something else. */
export function parseHardwareAddress(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{2}(?::[0-9a-f]{2})*$/i.test(text)) return undefined;
  return Uint8Array.from(text.split(":"), (part) => Number.parseInt(part, 16));
}

export function formatHardwareAddress(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
