// Waiting with a limit. Decides nothing about what is waited for: that goes on.

/** Resolves with `work`, or when `limitMs` have passed. */
export async function bounded(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
