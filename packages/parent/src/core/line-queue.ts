// Lines for a FIFO whose reader may be slow or absent: kept in order while the pipe is full, the
// oldest dropped when too many wait. Decides what is said about that; writes nothing itself.

export interface LineQueue {
  readonly waiting: string[];
  dropped: number;
}

/** Beside the 64 KiB that the pipe itself holds. */
export const linesMax = 1_000;

export function createLineQueue(): LineQueue {
  return { waiting: [], dropped: 0 };
}

/** Returns what is to be warned of: once, until lines go through again. */
export function addLine(queue: LineQueue, line: string): string | undefined {
  queue.waiting.push(line);
  if (queue.waiting.length <= linesMax) return undefined;
  queue.waiting.shift();
  queue.dropped += 1;
  if (queue.dropped > 1) return undefined;
  return `nobody reads it and ${linesMax} lines wait: the oldest are dropped`;
}

/**
 * `write` gives false when the pipe is full. Returns what is to be told: how many lines were lost
 * before it took any again.
 */
export function passLines(queue: LineQueue, write: (line: string) => boolean): string | undefined {
  let isAnyTaken = false;
  for (;;) {
    const [line] = queue.waiting;
    if (line === undefined || !write(line)) break;
    queue.waiting.shift();
    isAnyTaken = true;
  }
  if (!isAnyTaken || queue.dropped === 0) return undefined;
  const text = `it is read again, after ${queue.dropped} lines were dropped`;
  queue.dropped = 0;
  return text;
}
