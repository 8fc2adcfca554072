// What a configuration asks for and this release does not do yet. Each is said once; those that
// must not be ignored, since the daemon would then do something else than asked to others' harm,
// keep it from starting.

import type { Diagnostics } from "../text/diagnostic.js";
import type { Span } from "../text/source.js";

/** Why and how a keyword is not acted on yet. */
export interface Later {
  /** What comes of ignoring it, where "accepted but not acted on yet" says too little. */
  readonly consequence?: string | undefined;
  /** Why the daemon must not run without it. */
  readonly harm?: string | undefined;
  /** First words with which the keyword asks for nothing: "off". */
  readonly exceptFor?: readonly string[] | undefined;
}

interface LaterItem extends Later {
  readonly what: string;
  readonly span: Span;
}

/** More than this in one file is one message too many. */
const itemsMax = 200;

export class LaterList {
  readonly #items: Map<string, LaterItem> = new Map();

  /** `what` as a user would name it: "track_bfd in vrrp_instance". Counts once. */
  add(what: string, span: Span, later: Later): void {
    const key = later.harm === undefined ? what : `${what} ${later.harm}`;
    if (this.#items.has(key) || this.#items.size >= itemsMax) return;
    this.#items.set(key, { what, span, ...later });
  }

  /** Tells of all; for a `start`, harm is fatal. */
  report(diagnostics: Diagnostics, purpose: "start" | "test"): void {
    for (const { what, span, consequence, harm } of this.#items.values()) {
      const more = harm ?? consequence;
      diagnostics.report(span, {
        severity: harm !== undefined && purpose === "start" ? "fatal" : "warning",
        code: "NOT_SUPPORTED_YET",
        message: `Cannot act on ${what} yet: ${more ?? "it is accepted but not acted on yet"}`,
      });
    }
  }
}
