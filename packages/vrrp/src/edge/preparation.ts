// Does work that is not urgent bit by bit, a little in a turn of the event loop, so that what a
// takeover can have ready is ready. Knows nothing of what is done.

import type { Ports } from "./ports.js";

export class Preparation {
  readonly #defer: Ports["defer"];
  readonly #portion: number;
  #begin: () => Iterator<void> = nothing;
  #rest: Iterator<void> | undefined;

  /** `portion` steps in a turn are to take less than a millisecond. */
  constructor(defer: Ports["defer"], portion: number) {
    this.#defer = defer;
    this.#portion = portion;
  }

  /** From now on it is about the steps of this work. */
  start(begin: () => Iterator<void>): void {
    this.#begin = begin;
    this.restart();
  }

  /** Something has changed: does all of it once more. */
  restart(): void {
    const isUnderWay = this.#rest !== undefined;
    this.#rest = this.#begin();
    if (!isUnderWay) this.#defer(() => this.#continue());
  }

  #continue(): void {
    for (let i = 0; i < this.#portion; i++) {
      if (this.#rest?.next().done !== false) {
        this.#rest = undefined;
        return;
      }
    }
    this.#defer(() => this.#continue());
  }
}

function* nothing(): Generator<void> {
  // No step.
}
