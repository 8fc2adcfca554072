// What is kept up in the kernel besides the core's orders: static addresses, routes and rules, the
// promotion of secondary addresses; and the watch on routes and rules that others remove. Binds the
// parts together.

import { LinkSocket } from "@keepalived-ts/netops/netlink/link-socket";
import { errorText, type KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type { VrrpConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Executor } from "./executor.js";
import type { LinkPort, ReportPort } from "./ports.js";
import { Promotion } from "./promotion.js";
import { RoutingWatch } from "./routing-watch.js";
import { StaticHoldings } from "./static-holdings.js";

export class Upkeep {
  readonly #statics: StaticHoldings;
  readonly #routing: RoutingWatch;
  readonly #promotion: Promotion;
  readonly #log: ReportPort["log"];

  /** `failed`: the kernel will be heard no more. */
  constructor(
    executor: Executor,
    links: Pick<LinkPort, "link">,
    parent: ReportPort,
    failed: (error: KeepalivedError) => void,
  ) {
    this.#log = (record) => parent.log(record);
    this.#statics = new StaticHoldings(executor);
    this.#routing = new RoutingWatch(executor.routing, failed);
    this.#promotion = new Promotion(LinkSocket.open(), links, this.#log);
  }

  /** To come before what the core orders: its routes may need what is static. */
  async configure(config: VrrpConfig): Promise<void> {
    await this.#promotion.configure(config.instances);
    try {
      await this.#routing.configure(config);
    } catch (thrown) {
      // Without it what others remove is not noticed; everything else goes on.
      const text = `Cannot notice routes and rules that are removed: ${errorText(thrown)}`;
      this.#log({ level: "error", text });
    }
    this.#statics.configure(config.statics);
  }

  /** An interface of that name is there. */
  appeared(name: string): void {
    void this.#promotion.appeared(name);
  }

  /** The process ends, and nobody is MASTER any more. */
  withdraw(): void {
    this.#statics.withdraw();
  }

  /** When the last address is gone. */
  restore(): Promise<void> {
    return this.#promotion.restore();
  }
}
