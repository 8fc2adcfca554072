// What is kept up in the kernel besides the core's orders: static addresses, routes and rules; and
// the watch on routes and rules that others remove. Binds the two together.

import type { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type { VrrpConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Executor } from "./executor.js";
import type { ReportPort } from "./ports.js";
import { RoutingWatch } from "./routing-watch.js";
import { StaticHoldings } from "./static-holdings.js";

export class Upkeep {
  readonly #statics: StaticHoldings;
  readonly #routing: RoutingWatch;

  /** `failed`: the kernel will be heard no more. */
  constructor(executor: Executor, parent: ReportPort, failed: (error: KeepalivedError) => void) {
    this.#statics = new StaticHoldings(executor);
    this.#routing = new RoutingWatch(executor.routing, (record) => parent.log(record), failed);
  }

  /** To come before what the core orders: its routes may need what is static. */
  configure(config: VrrpConfig): void {
    this.#routing.configure(config);
    this.#statics.configure(config.statics);
  }

  /** The process ends, and nobody is MASTER any more. */
  withdraw(): void {
    this.#statics.withdraw();
  }
}
