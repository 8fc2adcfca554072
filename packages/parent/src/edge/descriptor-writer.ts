// Writes log lines to a descriptor (stderr) without ever waiting for its reader: one write at a
// time in the thread pool, a bounded queue behind it. What finds no room is dropped and counted.

import { write } from "node:fs";

const queueLinesMax = 10_000;
/** A non-blocking terminal or pipe that is full is tried again after this time. */
const fullRetryMs = 10;

export class DescriptorWriter {
  readonly #fd: number;
  readonly #lossText: (lost: number) => string;
  #queue: string[] = [];
  #isWriting = false;
  #dropped = 0;
  #untold = 0;
  #idle: (() => void) | undefined;

  /** `lossText` is the line that tells of lost ones. */
  constructor(fd: number, lossText: (lost: number) => string) {
    this.#fd = fd;
    this.#lossText = lossText;
  }

  /** Lines that were lost since the process began. */
  get dropped(): number {
    return this.#dropped;
  }

  write(line: string): void {
    if (this.#queue.length >= queueLinesMax) {
      this.#drop(1);
      return;
    }
    this.#queue.push(line);
    if (!this.#isWriting) this.#writeQueue();
  }

  /** Resolves when all is written, at the latest after `timeoutMs`: false = a write hangs. */
  drain(timeoutMs: number): Promise<boolean> {
    if (!this.#isWriting) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      this.#idle = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  #writeQueue(): void {
    const lines = this.#queue;
    this.#queue = [];
    this.#isWriting = true;
    this.#writeBytes(Buffer.from(`${lines.join("\n")}\n`), lines.length);
  }

  #writeBytes(bytes: Buffer, lines: number): void {
    write(this.#fd, bytes, (error, written) => {
      if (error?.code === "EAGAIN") {
        setTimeout(() => this.#writeBytes(bytes, lines), fullRetryMs);
        return;
      }
      if (error !== null) this.#drop(lines);
      else if (written < bytes.length) return this.#writeBytes(bytes.subarray(written), lines);
      this.#finish(error === null);
    });
  }

  #drop(lines: number): void {
    this.#dropped += lines;
    this.#untold += lines;
  }

  #finish(isWritten: boolean): void {
    if (isWritten && this.#untold > 0) {
      this.#queue.push(this.#lossText(this.#untold));
      this.#untold = 0;
    }
    if (this.#queue.length > 0) {
      this.#writeQueue();
      return;
    }
    this.#isWriting = false;
    this.#idle?.();
  }
}
