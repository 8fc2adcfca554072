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

export interface SignalWatch {
  close(): void;
}

/** Calls `handler` for every signal of keepalived's until closed. */
export function watchOrders(
  ignoreInterrupt: boolean,
  handler: (order: SignalOrder) => void,
): SignalWatch {
  return watchSignals([...orders.keys()], (signal) => {
    const order = orders.get(signal);
    if (order === undefined || (signal === interrupt && ignoreInterrupt)) return;
    handler(order);
  });
}
