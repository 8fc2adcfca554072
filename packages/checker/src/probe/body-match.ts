// What a url asks of the body: its MD5 digest and a pattern. Keeps no more of the body than a
// window for the pattern, and gives the pattern a bound of time, since a hostile body can make a
// careless one go on for hours.
//
// Rejected: a linear-time engine (re2js), which knows no look-around and is many times slower on
// honest patterns than V8; a worker, which costs megabytes and a turn-around for each probe. V8's
// own watchdog ends a match wherever it is, and the time it may take is short.

import { createHash, type Hash } from "node:crypto";
import { type Context, createContext, Script } from "node:vm";
import { translatePcre } from "@keepalived-ts/shared-config/base/pcre";
import { usPerMs } from "@keepalived-ts/shared-config/base/units";
import type { RegexConfig, UrlConfig } from "@keepalived-ts/shared-config/schema/config";

/** Bytes of the body that a pattern gets to see. */
export const windowBytesMax: number = 1024 * 1024;
/** Of the processor. A match that takes longer holds up every other probe. */
const matchMsMax = 50;

export type BodyVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export class BodyMatch {
  readonly #url: Pick<UrlConfig, "digest" | "regex">;
  readonly #hash: Hash | undefined;
  readonly #window: Buffer[] = [];
  #windowBytes = 0;

  constructor(url: Pick<UrlConfig, "digest" | "regex">) {
    this.#url = url;
    this.#hash = url.digest === undefined ? undefined : createHash("md5");
  }

  feed(bytes: Buffer): void {
    this.#hash?.update(bytes);
    if (this.#url.regex === undefined || this.#windowBytes >= windowBytesMax) return;
    const part = bytes.subarray(0, windowBytesMax - this.#windowBytes);
    this.#windowBytes += part.length;
    this.#window.push(part);
  }

  judge(): BodyVerdict {
    const { digest, regex } = this.#url;
    const found = this.#hash?.digest("hex");
    if (found !== digest) return { ok: false, reason: `MD5 digest ${found}` };
    if (regex === undefined) return { ok: true };
    const matches = matchesWithin(regex, Buffer.concat(this.#window).toString("latin1"));
    if (matches === "timeout") return { ok: false, reason: "regex takes too long" };
    if (matches !== regex.noMatch) return { ok: true };
    return { ok: false, reason: matches ? "regex matches" : "regex does not match" };
  }
}

const compiled: WeakMap<RegexConfig, RegExp> = new WeakMap();

function compile(regex: RegexConfig): RegExp {
  const known = compiled.get(regex);
  if (known !== undefined) return known;
  const translated = translatePcre(regex.pattern, regex.options);
  // The configuration let it in, so that it can be translated; if not, nothing matches.
  const expression = new RegExp(translated.ok ? translated.source : "[]", "g");
  compiled.set(regex, expression);
  return expression;
}

const sandbox: { run: () => boolean } = { run: () => false };
/** Made when it is first wanted: a context takes a millisecond and more. */
let runner: { readonly context: Context; readonly script: Script } | undefined;

/** Offsets are where a match may start. */
function matchesWithin(regex: RegexConfig, body: string): boolean | "timeout" {
  const expression = compile(regex);
  sandbox.run = () => {
    expression.lastIndex = regex.offsetMin;
    const found = expression.exec(body);
    return found !== null && found.index <= (regex.offsetMax ?? Number.POSITIVE_INFINITY);
  };
  runner ??= { context: createContext(sandbox), script: new Script("run()") };
  const { context, script } = runner;
  const before = process.cpuUsage();
  for (;;) {
    try {
      return script.runInContext(context, { timeout: matchMsMax }) === true;
    } catch {
      // The watchdog goes by the clock. On a busy host that is not the time that the match had.
      const { user, system } = process.cpuUsage(before);
      if (user + system >= matchMsMax * usPerMs) return "timeout";
    }
  }
}
