// The effective configuration as JSON, for people and programs that want to know what is in force.
// Its shape is configSchema, written out in docs/config.schema.json. Secrets are concealed unless
// asked for.

import type { Config } from "./config.js";

const concealed = "********";

/** The fields that hold a secret, wherever they stand. */
const secretFields: ReadonlySet<string> = new Set(["data", "secret", "password", "smtpPassword"]);

export interface DumpOptions {
  readonly showsSecrets: boolean;
}

/** The text, two blanks a level, with a newline at its end. */
export function dumpJson(config: Config, { showsSecrets }: DumpOptions): string {
  const conceal = (key: string, value: unknown): unknown =>
    secretFields.has(key) && typeof value === "string" ? concealed : value;
  return `${JSON.stringify(config, showsSecrets ? undefined : conceal, 2)}\n`;
}
