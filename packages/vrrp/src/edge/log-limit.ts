// Holds back log records that repeat: the same text passes a few times in a while, then is counted,
// and the count follows when the while is over. A flapping link must not flood the log.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";

const windowUs = 10 * usPerSecond;
const admittedInWindow = 10;
/** Texts that are remembered at most; then all windows end. */
const textsMax = 1024;
const shownCharactersMax = 200;

interface Window {
  readonly record: LogRecord;
  startedAt: number;
  count: number;
}

export class LogLimit {
  readonly #windows: Map<string, Window> = new Map();
  /** When the first window ends that has held something back; undefined = none has. */
  #dueAt: number | undefined;

  /** When {@link takeDue} has something to tell; undefined = nothing is held back. */
  get dueAt(): number | undefined {
    return this.#dueAt;
  }

  /** The records to pass on in place of `record`: itself, or nothing, or counts before it. */
  admit(record: LogRecord, now: number): readonly LogRecord[] {
    const window = this.#windows.get(record.text);
    if (window !== undefined && now - window.startedAt < windowUs) {
      window.count += 1;
      if (window.count <= admittedInWindow) return [record];
      this.#dueAt ??= window.startedAt + windowUs;
      return [];
    }
    const isFull = window === undefined && this.#windows.size === textsMax;
    const isDue = isFull || (this.#dueAt !== undefined && this.#dueAt <= now);
    const told = isDue ? this.takeDue(isFull ? Number.POSITIVE_INFINITY : now) : [];
    this.#windows.set(record.text, { record, startedAt: now, count: 1 });
    return [...told, record];
  }

  /** Ends the windows whose time is over: what each has held back. */
  takeDue(now: number): LogRecord[] {
    const told: LogRecord[] = [];
    this.#dueAt = undefined;
    for (const [text, { record, startedAt, count }] of this.#windows) {
      const heldBack = count - admittedInWindow;
      const endsAt = startedAt + windowUs;
      if (endsAt > now) {
        if (heldBack > 0) this.#dueAt = Math.min(this.#dueAt ?? endsAt, endsAt);
        continue;
      }
      this.#windows.delete(text);
      if (heldBack <= 0) continue;
      const shown = `Held back ${heldBack} times: ${text.slice(0, shownCharactersMax)}`;
      told.push({ ...record, text: shown });
    }
    return told;
  }
}
