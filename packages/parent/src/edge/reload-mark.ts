// The file that tells others not to touch the configuration: it is there, and empty, while a reload
// reads (reload_file). Follows no link; what is no file is left alone.

import { closeSync, constants, fstatSync, ftruncateSync, openSync, unlinkSync } from "node:fs";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type { Log } from "@keepalived-ts/shared-config/base/log";

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;

export class ReloadMark {
  readonly #path: string;
  readonly #log: Log;
  #isFile = false;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
    try {
      const descriptor = openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o644);
      this.#isFile = fstatSync(descriptor).isFile();
      if (this.#isFile) ftruncateSync(descriptor);
      closeSync(descriptor);
    } catch (thrown) {
      log.warn(`Cannot make reload_file "${path}": ${errorText(thrown)}`);
    }
  }

  /** Whoever waits for it may change the configuration from here on. */
  remove(): void {
    if (!this.#isFile) return;
    try {
      unlinkSync(this.#path);
    } catch (thrown) {
      this.#log.warn(`Cannot remove reload_file "${this.#path}": ${errorText(thrown)}`);
    }
  }
}
