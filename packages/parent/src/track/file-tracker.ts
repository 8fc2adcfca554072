// Watches one track_file: the whole number on its first line, whenever it may have changed. A file
// that is missing or says something else counts as 0 (keepalived core/track_file.c). Makes the file
// at the start when `init_file` asks for it.

import {
  closeSync,
  constants,
  type FSWatcher,
  fstatSync,
  openSync,
  readSync,
  watch,
  writeFileSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type { TrackedFileConfig } from "@keepalived-ts/shared-config/schema/config";

export interface FileTrackerHandlers {
  changed(value: number): void;
  /** Something that an operator should know. */
  warned(text: string): void;
}

/** A number of 64 bits and a newline have 21 characters. */
const bytesMax = 64;
/** For a folder that is not there (yet), and in case the kernel's word is lost. */
const lookAgainMs = 1000;
const valueMax = 2147483647;

/** The whole number at the start of `text`, within 32 bits; 0 for anything else. */
export function trackedValue(text: string): number {
  const digits = /^[ \t]*([+-]?\d+)[ \t\r]*(?:\n|$)/.exec(text)?.[1];
  if (digits === undefined) return 0;
  return Math.min(valueMax, Math.max(-valueMax, Number(digits)));
}

export class FileTracker {
  readonly #config: TrackedFileConfig;
  readonly #handlers: FileTrackerHandlers;
  #watcher: FSWatcher | undefined;
  readonly #timer: NodeJS.Timeout;
  #value: number | undefined;

  constructor(config: TrackedFileConfig, handlers: FileTrackerHandlers) {
    this.#config = config;
    this.#handlers = handlers;
    this.#timer = setInterval(() => this.#look(), lookAgainMs);
    this.#timer.unref();
  }

  /** Makes the file if it is to be made, and tells its value. */
  start(isFirst: boolean): void {
    if (isFirst) this.#initialise();
    this.#look();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
  }

  #initialise(): void {
    const { path, initFile } = this.#config;
    if (initFile === undefined) return;
    try {
      writeFileSync(path, `${initFile.value}\n`, { flag: initFile.overwrite ? "w" : "wx" });
    } catch (thrown) {
      const isThere = thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST";
      if (!isThere) this.#handlers.warned(`Cannot make track_file "${path}": ${errorText(thrown)}`);
    }
  }

  #look(): void {
    this.#watch();
    const value = readValue(this.#config.path);
    if (value === this.#value) return;
    this.#value = value;
    this.#handlers.changed(value);
  }

  /** Watches the folder: the file may be replaced by another of its name. */
  #watch(): void {
    if (this.#watcher !== undefined) return;
    const name = basename(this.#config.path);
    try {
      const watcher = watch(dirname(this.#config.path), { persistent: false }, (_, changed) => {
        if (changed === null || changed === name) this.#look();
      });
      watcher.on("error", () => this.#unwatch());
      this.#watcher = watcher;
    } catch {
      // The folder is missing, or there are no watches left: the timer looks again.
      this.#watcher = undefined;
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}

function readValue(path: string): number {
  let descriptor: number | undefined;
  try {
    // O_NONBLOCK opens even a FIFO at once; fstat then refuses it.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(descriptor).isFile()) return 0;
    const buffer = Buffer.alloc(bytesMax);
    return trackedValue(buffer.toString("latin1", 0, readSync(descriptor, buffer)));
  } catch {
    // Missing or unreadable: as good as empty.
    return 0;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
