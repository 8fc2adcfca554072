// The addresses, routes and rules of static_ipaddress, static_routes and static_rules: held from
// the start of the process to its end, whoever is MASTER. A new configuration moves only what
// differs. Decides nothing else.

import type { StaticAddress, StaticConfig } from "@keepalived-ts/shared-config/schema/config";
import { routingDifference } from "../core/routing.js";
import { isSame } from "../core/same.js";
import type { Executor } from "./executor.js";
import { staticOwner } from "./static-owner.js";

const nothing: StaticConfig = { trackGroups: [], addresses: [], routes: [], rules: [] };

export class StaticHoldings {
  readonly #executor: Pick<Executor, "addresses" | "routing" | "pump">;
  #held: StaticConfig = nothing;

  constructor(executor: Pick<Executor, "addresses" | "routing" | "pump">) {
    this.#executor = executor;
  }

  /** From now on these are held. The kernel may have some: a predecessor has left them. */
  configure(wanted: StaticConfig): void {
    const { addresses, routing } = this.#executor;
    const former = this.#held;
    this.#held = wanted;
    routing.remove(staticOwner, routingDifference(former, wanted));
    addresses.remove(staticOwner, difference(former.addresses, wanted.addresses));
    addresses.add(staticOwner, difference(wanted.addresses, former.addresses));
    routing.add(staticOwner, routingDifference(wanted, former));
    this.#executor.pump();
  }

  /** The process ends. */
  withdraw(): void {
    this.configure(nothing);
  }
}

function difference(
  from: readonly StaticAddress[],
  without: readonly StaticAddress[],
): readonly StaticAddress[] {
  if (isSame(from, without)) return [];
  const texts = new Set(without.map((each) => JSON.stringify(each)));
  return from.filter((each) => !texts.has(JSON.stringify(each)));
}
