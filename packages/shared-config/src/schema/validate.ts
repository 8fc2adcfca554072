// The last word on a configuration before it goes to the children: their own schemas. A failure
// here is our mistake and not the user's, so that only a daemon that is about to use it asks.

import type { Diagnostic } from "../text/diagnostic.js";
import type { Config } from "./config.js";
import { checkerConfigSchema } from "./config-checker-schema.js";
import { vrrpConfigSchema } from "./config-vrrp-schema.js";

/** What the children would refuse in `config`, as fatal diagnostics about the file at `path`. */
export function schemaViolations(path: string, config: Config): Diagnostic[] {
  const results = [
    config.vrrp && vrrpConfigSchema.safeParse(config.vrrp),
    config.checker && checkerConfigSchema.safeParse(config.checker),
  ];
  return results.flatMap((result) =>
    (result?.error?.issues ?? []).map((issue) => ({
      severity: "fatal",
      code: "SCHEMA_MISMATCH",
      message: `Cannot accept the configuration at ${issue.path.join(".")}: ${issue.message}`,
      file: path,
      line: 0,
      column: 0,
      length: 0,
    })),
  );
}
