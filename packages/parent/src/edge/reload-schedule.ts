// The planned reload: watches reload_time_file, says when its time has come, and takes the file
// away unless it is to count every day. Decides by the wall clock, which may be set meanwhile, and
// therefore looks at it at least once a minute.

import { type FSWatcher, unlinkSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type { Log } from "@keepalived-ts/shared-config/base/log";
import type { GlobalConfig } from "@keepalived-ts/shared-config/schema/config";
import { readBounded } from "./read-bounded.js";
import { type ReloadTime, readReloadTime } from "./reload-time.js";

const bytesMax = 256;
const lookMostMs = 60_000;

export interface SchedulePorts {
  readonly log: Log;
  /** Milliseconds since 1970. */
  wallMs(): number;
  due(): void;
}

export class ReloadSchedule {
  readonly #ports: SchedulePorts;
  #path: string | undefined;
  #repeats = false;
  /** What the file said when it was last looked at; "" = there is none. */
  #text = "";
  #time: ReloadTime | undefined;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(ports: SchedulePorts) {
    this.#ports = ports;
  }

  /** At the start and at every reload, when the folder is looked for again. */
  configure({ reloadTimeFile, reloadRepeat }: GlobalConfig): void {
    this.close();
    if (reloadTimeFile !== this.#path) this.#text = "";
    this.#path = reloadTimeFile;
    this.#repeats = reloadRepeat;
    if (reloadTimeFile === undefined) return;
    this.#watch(reloadTimeFile);
    this.#look();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#time = undefined;
  }

  /** The folder: the file may come later, and be another one of that name. */
  #watch(path: string): void {
    const name = basename(path);
    try {
      const watcher = watch(dirname(path), { persistent: false }, (_, changed) => {
        if (changed === null || changed === name) this.#look();
      });
      watcher.on("error", () => watcher.close());
      this.#watcher = watcher;
    } catch (thrown) {
      const why = `${errorText(thrown)}; a reload looks again`;
      this.#ports.log.warn(`Cannot watch reload_time_file "${path}": ${why}`);
    }
  }

  #look(): void {
    if (this.#path === undefined) return;
    const text = readBounded(this.#path, bytesMax);
    const isNew = text !== this.#text;
    this.#text = text;
    const { log } = this.#ports;
    const now = this.#ports.wallMs();
    const time = readReloadTime(text, now);
    if (text === "" && this.#time !== undefined) log.info("Planned reload is cancelled");
    if (isNew && text !== "" && time === undefined) {
      log.warn(`Cannot read a time in "${this.#path}": must be [[YY]YY-MM-DD ]HH:MM:SS[Z]`);
    }
    const isPast = time !== undefined && time.atMs <= now;
    if (isNew && isPast) log.warn(`Cannot reload at a time that has passed: "${this.#path}"`);
    this.#time = isPast ? undefined : time;
    if (isNew && this.#time) log.info(`Reload planned for ${new Date(this.#time.atMs).toString()}`);
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#time === undefined) return;
    const restMs = this.#time.atMs - this.#ports.wallMs();
    this.#timer = setTimeout(() => this.#expired(), Math.min(Math.max(restMs, 0), lookMostMs));
    this.#timer.unref();
  }

  #expired(): void {
    const time = this.#time;
    if (time === undefined || this.#path === undefined) return;
    if (this.#ports.wallMs() < time.atMs) {
      this.#arm();
      return;
    }
    this.#time = undefined;
    if (time.hasDate || !this.#repeats) this.#remove(this.#path);
    this.#ports.log.info("The time of the planned reload has come");
    this.#ports.due();
    this.#look();
  }

  #remove(path: string): void {
    try {
      unlinkSync(path);
      this.#text = "";
    } catch (thrown) {
      this.#ports.log.warn(`Cannot remove reload_time_file "${path}": ${errorText(thrown)}`);
    }
  }
}
