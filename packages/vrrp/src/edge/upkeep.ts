// What is kept up in the kernel besides the core's orders: static addresses, routes and rules; and
// the watch on routes and rules that others remove. Binds the two together.

import { errorText, type KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type { VrrpConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Executor } from "./executor.js";
import type { ReportPort } from "./ports.js";
import { RoutingWatch } from "./routing-watch.js";
import { StaticHoldings } from "./static-holdings.js";

export class Upkeep {
  readonly #statics: StaticHoldings;
  readonly #routing: RoutingWatch;
  readonly #log: ReportPort["log"];

  /** `failed`: the kernel will be heard no more. */
  constructor(executor: Executor, parent: ReportPort, failed: (error: KeepalivedError) => void) {
    this.#log = (record) => parent.log(record);
    this.#statics = new StaticHoldings(executor);
    this.#routing = new RoutingWatch(executor.routing, failed);
  }

  /** To come before what the core orders: its routes may need what is static. */
  async configure(config: VrrpConfig): Promise<void> {
    try {
      await this.#routing.configure(config);
    } catch (thrown) {
      // Without it what others remove is not noticed; everything else goes on.
      const text = `Cannot notice routes and rules that are removed: ${errorText(thrown)}`;
      this.#log({ level: "error", text });
    }
    this.#statics.configure(config.statics);
  }

  /** The process ends, and nobody is MASTER any more. */
  withdraw(): void {
    this.#statics.withdraw();
  }
}
