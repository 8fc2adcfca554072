// Signals by number, real-time ones included, which Node cannot catch (keepalived's JSON dump is
// SIGRTMIN+2, fatal to a plain Node process). Use either this or process.on() for a signal, not
// both. Specification: signal(7), signal-safety(7)

import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { checkResult, errnoError } from "../errno.js";
import { type Descriptor, native } from "../native.js";

const signalsMost = 64;

/** SIGRTMIN to SIGRTMAX of glibc, which keeps 32 and 33 to itself: fatal where nobody cares. */
export const realTimeSignals: readonly number[] = Array.from({ length: 31 }, (_, i) => 34 + i);

/** Not closed yet: the collector would close one that nobody holds, and its signals kill again. */
const openWatches = new Set<Descriptor>();

export interface SignalWatch {
  /** The signals get back the disposition that they had before. */
  close(): void;
  /**
   * Runs `task` with the signals ignored, as what it starts is born: a handler does not outlive
   * exec(2), and then a signal kills. One that comes meanwhile (3 ms for a fork) is lost.
   */
  suspended<T>(task: () => T): T;
}

/**
 * Calls `handler` for each of `signals` that arrives; several of the same may arrive as one. Any
 * signal but SIGKILL, SIGSTOP, faults (SIGSEGV, SIGBUS, SIGFPE, SIGILL) and the C library's own
 * (32, 33). Does not keep the process alive. At most 16 watches at a time.
 */
export function watchSignals(
  signals: readonly number[],
  handler: (signal: number) => void,
): SignalWatch {
  let watch = startWatch(signals, handler);
  let isClosed = false;
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    openWatches.delete(watch);
    native.close(watch);
  };
  return {
    close,
    suspended<T>(task: () => T): T {
      if (isClosed) return task();
      const pending = takeSignals(watch);
      close();
      ignoreSignals(signals);
      try {
        return task();
      } finally {
        watch = startWatch(signals, handler);
        isClosed = false;
        // Those that had come before are told as ever, in a turn of their own.
        setImmediate(() => {
          for (const signal of pending) if (!isClosed) handler(signal);
        });
      }
    },
  };
}

function startWatch(signals: readonly number[], handler: (signal: number) => void): Descriptor {
  const watch = openSignals(signals);
  openWatches.add(watch);
  native.setReferenced(watch, false);
  const started = native.watch(watch, () => {
    // Each once, then the event loop has its turn: one that comes faster than it is handled would
    // hold up everything else for ever, signals of a higher number first of all.
    for (const signal of takeSignals(watch)) if (openWatches.has(watch)) handler(signal);
  });
  checkResult(started, "watch signals");
  return watch;
}

/** From now on these do nothing. Not for a signal that is being watched (EBUSY). */
export function ignoreSignals(signals: readonly number[]): void {
  for (const signal of signals) {
    checkResult(native.ignoreSignal(signal), `ignore signal ${signal}`, hint);
  }
}

/** Those that arrived since they were last taken; what comes later wakes the loop up again. */
function takeSignals(watch: Descriptor): ReadonlySet<number> {
  const taken = new Set<number>();
  for (let i = 0; i < signalsMost; i++) {
    const signal = native.takeSignal(watch);
    if (signal === 0) break;
    taken.add(signal);
  }
  return taken;
}

function openSignals(signals: readonly number[]): Descriptor {
  const wrong = signals.find((signal) => !Number.isInteger(signal) || signal < 1 || signal > 64);
  if (wrong !== undefined) {
    throw new KeepalivedError(
      "ERR_INVALID_ARGUMENT",
      `Cannot watch signal ${wrong}: must be from 1 to 64`,
    );
  }
  const opened = native.openSignals(Uint8Array.from(new Set(signals)));
  if (typeof opened !== "number") return opened;
  throw errnoError(opened, `watch signals ${signals.join(", ")}`, hint);
}

function hint(errno: string): string | undefined {
  if (errno === "EINVAL") return "9, 19, 32 and 33 cannot be caught or ignored";
  if (errno === "EBUSY") return "it is being watched, close the watch first";
  if (errno === "EMFILE") return "at most 16 watches and the limit of open files (ulimit -n)";
  return undefined;
}
