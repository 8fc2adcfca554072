// What the parent remembers of its own life, for metrics: reloads, children that died, which
// configuration is in force. Decides nothing.

import { createHash } from "node:crypto";
import { usPerMs } from "@keepalived-ts/shared-config/base/units";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import type { DaemonFacts } from "../control/metrics-daemon.js";
import type { ChildKind } from "../core/event.js";

const hashBytes = 6;
/** A hash of a known file with one unknown word in it would tell that word to whoever tries all. */
const secretFields: ReadonlySet<string> = new Set([
  ...["data", "secret", "password", "smtpPassword"],
]);

export class DaemonRecord {
  readonly #restarts: Record<ChildKind, number> = { vrrp: 0, checker: 0 };
  #lastReload: DaemonFacts["lastReload"];
  #hashed: Config | undefined;
  #hash = 0;

  noteReload(isSuccessful: boolean): void {
    this.#lastReload = { isSuccessful, atUs: Date.now() * usPerMs };
  }

  noteDeath(kind: ChildKind): void {
    this.#restarts[kind] += 1;
  }

  facts(config: Config): DaemonFacts {
    if (this.#hashed !== config) {
      this.#hashed = config;
      this.#hash = configHash(config);
    }
    return {
      configHash: this.#hash,
      lastReload: this.#lastReload,
      restarts: this.#restarts,
    };
  }
}

export function configHash(config: Config): number {
  const text = JSON.stringify(config, (name, value: unknown) => {
    return secretFields.has(name) && typeof value === "string" ? undefined : value;
  });
  return createHash("sha256").update(text).digest().readUIntBE(0, hashBytes);
}
