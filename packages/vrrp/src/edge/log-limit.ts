// Holds back log records that repeat: the same text passes a few times in a while, then is counted,
// and the count follows when the text comes again later. A flapping link must not flood the log.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";

const windowUs = 10 * usPerSecond;
const admittedInWindow = 10;
/** Texts that are remembered at most; then all windows start afresh. */
const textsMax = 1024;

interface Window {
  startedAt: number;
  count: number;
}

export class LogLimit {
  readonly #windows: Map<string, Window> = new Map();

  /** The records to pass on in place of `record`: itself, or nothing, or a count before it. */
  admit(record: LogRecord, now: number): readonly LogRecord[] {
    const window = this.#windows.get(record.text);
    if (window === undefined) {
      if (this.#windows.size === textsMax) this.#windows.clear();
      this.#windows.set(record.text, { startedAt: now, count: 1 });
      return [record];
    }
    if (now - window.startedAt < windowUs) {
      window.count += 1;
      return window.count <= admittedInWindow ? [record] : [];
    }
    const heldBack = window.count - admittedInWindow;
    window.startedAt = now;
    window.count = 1;
    if (heldBack <= 0) return [record];
    const text = `The next message was held back ${heldBack} times`;
    return [{ level: record.level, text }, record];
  }
}
