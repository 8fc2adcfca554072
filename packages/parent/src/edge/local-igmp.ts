// disable_local_igmp: the kernel is to send no IGMP reports of groups in 224.0.0.0/24 (RFC 4541
// section 2.1.2 has switches flood those groups anyway). Puts the former value back at the end.
// Decides nothing.

import { readFileSync, writeFileSync } from "node:fs";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type { Log } from "@keepalived-ts/shared-config/base/log";

/** ip-sysctl.rst: 1 by default. Of the network namespace that this process is in. */
const path = "/proc/sys/net/ipv4/igmp_link_local_mcast_reports";

export class LocalIgmp {
  readonly #log: Log;
  #isOff = false;
  #former: string | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** What is to be put back; undefined = nothing. */
  get former(): string | undefined {
    return this.#isOff ? this.#former : undefined;
  }

  /** Another release of this daemon has found that, and turned the reports off. */
  adopt(former: string): void {
    this.#isOff = true;
    this.#former = former;
  }

  /** The first call decides for the life of the daemon, as keepalived does it. */
  configure(isOff: boolean): void {
    if (this.#former !== undefined) {
      if (isOff === this.#isOff) return;
      this.#log.warn("Cannot change disable_local_igmp by a reload: restart for that");
      return;
    }
    this.#isOff = isOff;
    this.#former = "1";
    if (!isOff) return;
    try {
      this.#former = readFileSync(path, "latin1").trim();
      if (this.#former !== "0") writeFileSync(path, "0\n");
    } catch (thrown) {
      this.#log.warn(`Cannot act on disable_local_igmp: ${errorText(thrown)}`);
    }
  }

  /** Leaves alone what was off before. */
  close(): void {
    if (!this.#isOff || this.#former === undefined || this.#former === "0") return;
    try {
      writeFileSync(path, `${this.#former}\n`);
    } catch (thrown) {
      this.#log.warn(`Cannot write ${this.#former} to ${path}: ${errorText(thrown)}`);
    }
  }
}
