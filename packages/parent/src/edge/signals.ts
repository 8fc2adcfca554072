// The signals that keepalived's parent listens to. Real-time ones need netops: Node cannot catch
// them, and an exporter that asks for JSON (36) would otherwise kill the daemon.

import { watchSignals } from "@keepalived-ts/netops/process/signals";

export type SignalOrder = "reload" | "stop" | "data" | "statistics" | "statisticsClear" | "json";

/** signal(7), and SIGRTMIN + 2 and SIGRTMAX - 1 of glibc, as keepalived --signum prints them. */
const orders: ReadonlyMap<number, SignalOrder> = new Map([
  [1, "reload"],
  [2, "stop"],
  [10, "data"],
  [12, "statistics"],
  [15, "stop"],
  [36, "json"],
  [63, "statisticsClear"],
]);
const interrupt = 2;
/** Node sets those below back to their default in a child, whatever the parent does. */
const realTimeFirst = 32;

export interface OrderWatch {
  close(): void;
  /** Runs what starts a child process, which is then born ignoring real-time signals. */
  shielded<T>(start: () => T): T;
}

/** Calls `handler` for every signal of keepalived's until closed. */
export function watchOrders(
  ignoreInterrupt: boolean,
  handler: (order: SignalOrder) => void,
): OrderWatch {
  const handle = (signal: number): void => {
    const order = orders.get(signal);
    if (order === undefined || (signal === interrupt && ignoreInterrupt)) return;
    handler(order);
  };
  const numbers = [...orders.keys()];
  const ordinary = watchSignals(
    numbers.filter((signal) => signal < realTimeFirst),
    handle,
  );
  const realTime = watchSignals(
    numbers.filter((signal) => signal >= realTimeFirst),
    handle,
  );
  return {
    close: () => {
      ordinary.close();
      realTime.close();
    },
    shielded: (start) => realTime.suspended(start),
  };
}
