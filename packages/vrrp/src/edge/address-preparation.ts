// Goes through the addresses of all instances bit by bit, a few in a turn of the event loop, so
// that what a takeover can have ready is ready. Knows nothing of what is done for each.

import type {
  VirtualAddress,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { Ports } from "./ports.js";

/** Together they take less than half a millisecond. */
const portion = 32;

type Prepare = (instance: string, address: VirtualAddress) => void;

export class AddressPreparation {
  readonly #defer: Ports["defer"];
  readonly #prepare: Prepare;
  #instances: readonly VrrpInstanceConfig[] = [];
  #rest: Iterator<void> | undefined;

  constructor(defer: Ports["defer"], prepare: Prepare) {
    this.#defer = defer;
    this.#prepare = prepare;
  }

  /** From now on it is about these instances. */
  start(instances: readonly VrrpInstanceConfig[]): void {
    this.#instances = instances;
    this.restart();
  }

  /** Something has changed: goes through all of them once more. */
  restart(): void {
    const isUnderWay = this.#rest !== undefined;
    this.#rest = this.#each();
    if (!isUnderWay) this.#defer(() => this.#continue());
  }

  #continue(): void {
    for (let i = 0; i < portion; i++) {
      if (this.#rest?.next().done !== false) {
        this.#rest = undefined;
        return;
      }
    }
    this.#defer(() => this.#continue());
  }

  *#each(): Generator<void> {
    for (const { name, virtualAddresses, excludedAddresses } of this.#instances) {
      for (const address of virtualAddresses) yield this.#prepare(name, address);
      for (const address of excludedAddresses) yield this.#prepare(name, address);
    }
  }
}
