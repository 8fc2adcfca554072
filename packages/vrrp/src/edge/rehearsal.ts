// A takeover runs perhaps once in the life of a process, and code that never ran is slow: it has
// to be compiled, and later to be fetched into the processor's caches. So takeovers are played on
// a stage: many at the start, so that all is compiled, and a small one just before a real one.

import { Stage, type StagePorts } from "./rehearsal-stage.js";

/** After so many a takeover costs no less; the memory that the rounds leave behind is more. */
const rounds = 20;
/** More than a slice of the address queue, so that everything has its turn. */
const addressCount = 70;
/** Enough to touch all the code, and done within a millisecond or two. */
const warmUpAddressCount = 5;

export class Rehearsal {
  readonly #ports: StagePorts;
  #warmUpStage: Stage | undefined;
  #isPlaying = false;

  constructor(ports: StagePorts) {
    this.#ports = ports;
  }

  /** Plays until everything is compiled, one round in a turn of the event loop. */
  async play(): Promise<void> {
    this.#isPlaying = true;
    const stage = new Stage(this.#ports, addressCount);
    for (let round = 0; round < rounds; round++) {
      await stage.playRound();
      await new Promise<void>((resolve) => this.#ports.defer(resolve));
    }
    this.#warmUpStage = new Stage(this.#ports, warmUpAddressCount);
    this.#isPlaying = false;
  }

  /** One takeover and what ends it; nothing while another is being played. */
  async warmUp(): Promise<void> {
    if (this.#isPlaying || this.#warmUpStage === undefined) return;
    this.#isPlaying = true;
    await this.#warmUpStage.playRound();
    this.#isPlaying = false;
  }
}
