// Whether what somebody else has taken away is put back, and how soon: a quarrel with a program
// that removes it again and again must not fill the machine. Holds no timer.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import { staticOwner } from "./static-owner.js";

/** So often at once; a burst of a thousand addresses that are flushed together is one loss each. */
const repairsInWindow = 5;
const windowUs = 10 * usPerSecond;
/** After that everything that is lost waits for so long. */
const calmDelayMs = 1_000;
/** Objects that are remembered at most; then all windows start afresh. */
const objectsMax = 4_096;

interface Window {
  startedAt: number;
  count: number;
}

export class RepairPolicy {
  #repairing: ReadonlySet<string> = new Set();
  readonly #windows: Map<string, Window> = new Map();

  /** From now on these instances, and what they say of `vip_repair`, count. */
  configure(instances: readonly VrrpInstanceConfig[]): void {
    const repairing = instances.filter(({ vipRepair }) => vipRepair);
    this.#repairing = new Set(repairing.map(({ name }) => name));
  }

  /** What is static comes back always (keepalived). */
  repairs(owner: string): boolean {
    return owner === staticOwner || this.#repairing.has(owner);
  }

  /** How long `object` is to be left alone before it is put back; counts the loss. */
  delayMs(object: string, now: number): number {
    const window = this.#windows.get(object);
    if (window === undefined || now - window.startedAt >= windowUs) {
      if (this.#windows.size >= objectsMax) this.#windows.clear();
      this.#windows.set(object, { startedAt: now, count: 1 });
      return 0;
    }
    window.count += 1;
    return window.count <= repairsInWindow ? 0 : calmDelayMs;
  }
}
