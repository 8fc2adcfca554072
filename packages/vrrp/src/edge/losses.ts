// What to make of the kernel's word that something we hold is gone. It is asked for again first,
// which also tells whether the word was old. If it was gone indeed, our own requests may have done
// it (a subnet's first address takes the others along): that is mended without a word. Of what
// others have done the core is told, unless it is to be put back.

import type { Ports } from "./ports.js";
import type { RepairPolicy } from "./repair-policy.js";
import { ownerPrefix } from "./static-owner.js";

/** Something that `owner` holds is gone. */
export interface Loss {
  readonly owner: string;
  /** "192.0.2.1 of eth0" */
  readonly what: string;
  /** False for no_track. */
  readonly isTracked: boolean;
  /** The netlink port of whoever has done it; 0 = the kernel does not say. */
  readonly port: number;
}

export interface LossPorts extends Pick<Ports, "now" | "later" | "parent"> {
  /** An instance has lost something that is not to be put back. */
  readonly lost: (instance: string, what: string) => void;
}

export class Losses {
  readonly #ports: LossPorts;
  readonly #policy: RepairPolicy;
  readonly #isOwnPort: (port: number) => boolean;

  constructor(ports: LossPorts, policy: RepairPolicy, isOwnPort: (port: number) => boolean) {
    this.#ports = ports;
    this.#policy = policy;
    this.#isOwnPort = isOwnPort;
  }

  /** Has it asked for again, at once or when a quarrel over it has calmed down. */
  note(loss: Loss, ask: () => void): void {
    const { owner, what, isTracked, port } = loss;
    if (this.#isOwnPort(port)) {
      ask();
      return;
    }
    if (!isTracked) return;
    const isRepaired = this.#policy.repairs(owner);
    const delayMs = isRepaired ? this.#policy.delayMs(`${owner} ${what}`, this.#ports.now()) : 0;
    if (delayMs === 0) ask();
    else this.#ports.later(delayMs, ask);
  }

  /** What the kernel has answered then; true if it is back and has to stay. */
  conclude({ owner, what, port }: Loss, errno: string | null): boolean {
    if (errno === "EEXIST") return false;
    if (this.#isOwnPort(port)) return errno === null;
    const text = `${what} was removed, ${removerText(port)}`;
    if (!this.#policy.repairs(owner)) {
      this.#ports.lost(owner, text);
      return false;
    }
    if (errno !== null) return false;
    this.#ports.parent.log({ level: "warn", text: `${ownerPrefix(owner)}${text}; put back` });
    return true;
  }
}

function removerText(port: number): string {
  if (port === 0) return "the kernel does not say by whom";
  return `by netlink port ${port} (as a rule the pid)`;
}
