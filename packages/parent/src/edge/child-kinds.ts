// How the two children look from outside: their idents in the log and how Node runs them.

import type { ChildKind } from "../core/event.js";
import { processName } from "./pidfile.js";

/** syslog idents, as keepalived's. */
export const idents: Readonly<Record<ChildKind, string>> = {
  vrrp: "Keepalived_vrrp",
  checker: "Keepalived_healthcheckers",
};

/**
 * The title shows as process name, which exporters look for. What V8's options are worth to the
 * VRRP process stands in docs/internals/vrrp-process.md; they make its start 10 ms longer.
 */
export const childExecArgv: Readonly<Record<ChildKind, readonly string[]>> = {
  vrrp: [
    `--title=${processName}`,
    "--no-opt",
    "--no-flush-bytecode",
    "--min-semi-space-size=4",
    "--max-semi-space-size=4",
  ],
  checker: [`--title=${processName}`],
};
