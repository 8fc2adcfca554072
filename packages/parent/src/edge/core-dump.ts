// Core files of processes that crash, -m and -M: the limit, which children inherit, and where the
// kernel puts them. That is one setting for the whole machine, so it is put back at the end.

import { readFileSync, writeFileSync } from "node:fs";
import { setResourceLimit } from "@keepalived-ts/netops/process/control";
import { errorText } from "@keepalived-ts/shared-config/base/error";

const patternFile = "/proc/sys/kernel/core_pattern";

/** As large as they come, or as large as may be. */
export function allowCoreFiles(warn: (text: string) => void): void {
  try {
    setResourceLimit("CORE", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  } catch {
    const limits = readFileSync("/proc/self/limits", "latin1");
    const hard = Number(/^Max core file size\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? 0);
    setResourceLimit("CORE", hard, hard);
    warn(`Cannot lift the limit of core files: it is ${hard} bytes (ulimit -Hc), raise it before`);
  }
}

/** Returns what puts the former pattern back, unless somebody else has changed it since. */
export function setCorePattern(
  pattern: string,
  warn: (text: string) => void,
  file: string = patternFile,
): () => void {
  try {
    const former = readFileSync(file, "latin1");
    writeFileSync(file, `${pattern}\n`);
    return () => {
      if (readFileSync(file, "latin1") === `${pattern}\n`) writeFileSync(file, former);
    };
  } catch (thrown) {
    warn(`Cannot set the pattern of core files to "${pattern}": ${errorText(thrown)}`);
    return () => undefined;
  }
}
