// Reads an open file to its end, and no more of it than may be accepted. What the file system says
// of its size decides nothing: /proc has files of size 0 that never end, and a file may grow.

import { readSync } from "node:fs";

const chunkBytes = 65_536;

/** All that `descriptor` still gives, or undefined when that is more than `bytesMax`. */
export function readDescriptor(descriptor: number, bytesMax: number): Buffer | undefined {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const length = readSync(descriptor, chunk);
    if (length === 0) return Buffer.concat(chunks, total);
    total += length;
    if (total > bytesMax) return undefined;
    chunks.push(chunk.subarray(0, length));
  }
}
