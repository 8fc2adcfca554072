// Which FIFOs there are, and which line goes into which: notify_fifo gets everything, the others
// what concerns VRRP or IPVS. A reload leaves alone what it does not change.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { Config, FifoConfig } from "@keepalived-ts/shared-config/schema/config";
import { Fifo } from "./fifo.js";

export type FifoPart = "vrrp" | "lvs";

type Keyword = "notify_fifo" | "vrrp_notify_fifo" | "lvs_notify_fifo";

const parts: Readonly<Record<Keyword, readonly FifoPart[]>> = {
  notify_fifo: ["vrrp", "lvs"],
  vrrp_notify_fifo: ["vrrp"],
  lvs_notify_fifo: ["lvs"],
};

export class Fifos {
  readonly #log: (record: LogRecord) => void;
  readonly #fifos: Map<Keyword, Fifo> = new Map();

  constructor(log: (record: LogRecord) => void) {
    this.#log = log;
  }

  configure({ global, vrrp, checker }: Pick<Config, "global" | "vrrp" | "checker">): void {
    const { notifyFifo, vrrpNotifyFifo, lvsNotifyFifo } = global;
    const hasChild = vrrp !== undefined || checker !== undefined;
    const wanted: readonly [Keyword, FifoConfig | undefined][] = [
      ["notify_fifo", hasChild ? notifyFifo : undefined],
      ["vrrp_notify_fifo", vrrp && vrrpNotifyFifo],
      ["lvs_notify_fifo", checker && lvsNotifyFifo],
    ];
    // All that goes before all that comes: one keyword may take over the path of another.
    const changed = wanted.filter(([keyword, config]) => !this.#isAsBefore(keyword, config));
    for (const [keyword] of changed) {
      void this.#fifos.get(keyword)?.close();
      this.#fifos.delete(keyword);
    }
    for (const [keyword, config] of changed) {
      if (config === undefined) continue;
      const fifo = new Fifo(config, { keyword, umask: global.umask, log: this.#log });
      this.#fifos.set(keyword, fifo);
      fifo.open();
    }
  }

  write(part: FifoPart, line: string): void {
    for (const [keyword, fifo] of this.#fifos) {
      if (parts[keyword].includes(part)) fifo.write(line);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#fifos.values()].map((fifo) => fifo.close()));
    this.#fifos.clear();
  }

  #isAsBefore(keyword: Keyword, config: FifoConfig | undefined): boolean {
    return JSON.stringify(this.#fifos.get(keyword)?.config) === JSON.stringify(config);
  }
}
