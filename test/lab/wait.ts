// Waiting with a bound: the only place of the laboratory where time is spent on purpose.

import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";

const POLL_MS = 5;
/** A busy machine is slow, and a long limit costs only the test that fails. */
const DEFAULT_LIMIT_MS = 45_000;

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The clock of the kernel's packet time stamps (CLOCK_REALTIME), in microseconds. */
export function realtimeUs(): number {
  return (performance.timeOrigin + performance.now()) * 1000;
}

/**
 * Waits until the condition gives a value that is neither false, null nor undefined, and returns
 * it. `what` completes the sentence "Gave up waiting for ...".
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs: number = DEFAULT_LIMIT_MS,
): Promise<Exclude<T, false | null | undefined>> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== null && value !== undefined) {
      return value as Exclude<T, false | null | undefined>;
    }
    if (performance.now() >= endMs) {
      throw new KeepalivedError("LAB_TIMEOUT", `Gave up waiting for ${what} after ${limitMs} ms`);
    }
    await sleep(POLL_MS);
  }
}

/** Fails when the promise is not settled within the limit. */
export async function within<T>(what: string, promise: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const text = `Gave up waiting for ${what} after ${limitMs} ms`;
      reject(new KeepalivedError("LAB_TIMEOUT", text));
    }, limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
