// One FIFO that state changes are written to, and the script that reads it (keepalived's
// core/notify.c). Made if it is missing, and then removed at the end; opened for reading too, so
// that it can be written before there is a reader; never waited for.

import { spawnSync } from "node:child_process";
import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  openSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { type RunningScript, runScript } from "@keepalived-ts/netops/process/script";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { FifoConfig } from "@keepalived-ts/shared-config/schema/config";
import { addLine, createLineQueue, passLines } from "../core/line-queue.js";

const mode = 0o644;
/** Node has no mkfifo(3). */
const makeLimitMs = 5_000;
/** A full pipe is tried again after this. */
const againMs = 50;
/** What a reader gets to see the end of the FIFO before SIGTERM. */
const graceMs = 300;

export class Fifo {
  readonly config: FifoConfig;
  readonly #keyword: string;
  readonly #umask: number;
  readonly #log: (record: LogRecord) => void;
  readonly #queue = createLineQueue();
  #descriptor: number | undefined;
  #isOurs = false;
  #script: RunningScript | undefined;
  #scriptEnded: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `keyword` is the one that asked for it. */
  constructor(
    config: FifoConfig,
    { keyword, umask, log }: { keyword: string; umask: number; log(record: LogRecord): void },
  ) {
    this.config = config;
    this.#keyword = keyword;
    this.#umask = umask;
    this.#log = log;
  }

  /** Makes and opens it, and starts its reader. */
  open(): void {
    const failure = this.#make() ?? this.#open();
    if (failure !== undefined) {
      this.#log({ level: "error", text: `Cannot use ${this.#title}: ${failure}` });
    } else this.#startScript();
  }

  write(line: string): void {
    if (this.#descriptor === undefined) return;
    this.#warn(addLine(this.#queue, line));
    this.#flush();
  }

  /** Resolves when the reader has ended, or the time for it has. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#descriptor !== undefined) {
      this.#flush();
      clearTimeout(this.#timer);
      closeSync(this.#descriptor);
      this.#descriptor = undefined;
    }
    if (this.#isOurs) this.#remove();
    if (this.#script === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#scriptEnded = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#script?.signal("SIGTERM");
  }

  get #title(): string {
    return `${this.#keyword} "${this.config.path}"`;
  }

  #make(): string | undefined {
    const { path } = this.config;
    const bits = (mode & ~this.#umask).toString(8);
    const made = spawnSync("mkfifo", ["-m", bits, "--", path], {
      stdio: ["ignore", "ignore", "pipe"],
      timeout: makeLimitMs,
      cwd: "/",
      env: { ...process.env, LC_ALL: "C" },
    });
    if (made.error !== undefined) return `mkfifo cannot be run: ${errorText(made.error)}`;
    this.#isOurs = made.status === 0;
    return undefined;
  }

  /** What was there already is used if it is a FIFO. */
  #open(): string | undefined {
    const { O_RDWR, O_NONBLOCK, O_NOFOLLOW } = constants;
    const { path, uid, gid = -1 } = this.config;
    let descriptor: number | undefined;
    try {
      descriptor = openSync(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
      if (!fstatSync(descriptor).isFIFO()) return "it is no FIFO";
      // By descriptor: nobody can have put another file in the place of this one.
      if (this.#isOurs && uid !== undefined) fchownSync(descriptor, uid, gid);
      this.#descriptor = descriptor;
      return undefined;
    } catch (thrown) {
      return errorText(thrown);
    } finally {
      if (descriptor !== this.#descriptor && descriptor !== undefined) closeSync(descriptor);
    }
  }

  #remove(): void {
    try {
      unlinkSync(this.config.path);
    } catch (thrown) {
      const text = `Cannot remove ${this.#title}: ${errorText(thrown)}`;
      this.#log({ level: "warn", text });
    }
  }

  #flush(): void {
    this.#warn(passLines(this.#queue, (line) => this.#writeNow(line)));
    clearTimeout(this.#timer);
    if (this.#queue.waiting.length === 0 || this.#descriptor === undefined) return;
    this.#timer = setTimeout(() => this.#flush(), againMs);
    this.#timer.unref();
  }

  /** False: the pipe is full. Shorter than PIPE_BUF, a line is written whole or not at all. */
  #writeNow(line: string): boolean {
    if (this.#descriptor === undefined) return false;
    try {
      writeSync(this.#descriptor, line);
      return true;
    } catch (thrown) {
      const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
      if (code === "EAGAIN") return false;
      this.#log({ level: "warn", text: `Cannot write to ${this.#title}: ${errorText(thrown)}` });
      return true;
    }
  }

  #startScript(): void {
    const { script, path } = this.config;
    if (script === undefined) return;
    this.#script = runScript(
      { ...script, argv: [...script.argv, path] },
      { ended: (status, failure) => this.#noteScriptEnd(status, failure) },
    );
  }

  #noteScriptEnd(status: number | null, failure: string | undefined): void {
    this.#script = undefined;
    if (this.#descriptor !== undefined) {
      const how = status === null ? "a signal" : `status ${status}`;
      const text = `The script of ${this.#title} has ended: ${failure ?? how}`;
      this.#log({ level: "warn", text });
    }
    this.#scriptEnded?.();
  }

  #warn(text: string | undefined): void {
    if (text !== undefined) this.#log({ level: "warn", text: `${this.#title}: ${text}` });
  }
}
