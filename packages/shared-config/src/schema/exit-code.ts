// Which exit code diagnostics lead to, at start and in test mode (-t), as keepalived's
// lib/scheduler.h and core/main.c config_test_exit have it.

import type { DiagnosticCode } from "../text/codes.js";
import type { Diagnostic } from "../text/diagnostic.js";

export const exitConfig = 2;
export const exitTestCannotRun = 4;
export const exitTestFoundErrors = 5;
export const exitTestScriptSecurity = 6;
export const exitNoConfig = 6;

/** 0 when the daemon may start, or with `mode` "test" when there is nothing to mend. */
export function configExitCode(
  diagnostics: readonly Diagnostic[],
  mode: "start" | "test" = "start",
): number {
  const has = (...codes: readonly DiagnosticCode[]): boolean =>
    diagnostics.some((each) => codes.includes(each.code));
  const isClean = diagnostics.every(isHarmless);
  if (mode === "test") {
    if (has("CONFIG_FILE_NOT_FOUND")) return exitTestCannotRun;
    // Any script counts, a safe one too; a script that was refused does not (core/notify.c).
    if (has("SCRIPT_SECURITY_OFF", "SECRET_EXPOSED")) return exitTestScriptSecurity;
    return isClean ? 0 : exitTestFoundErrors;
  }
  if (has("CONFIG_FILE_NOT_FOUND")) return exitNoConfig;
  return diagnostics.some((each) => each.severity === "fatal") ? exitConfig : 0;
}

/** What keepalived would not mind either: a check before a roll-out must not fail for our gaps. */
function isHarmless({ severity, code }: Diagnostic): boolean {
  return severity === "hint" || (severity === "warning" && code === "NOT_SUPPORTED_YET");
}
