// The library that is loaded into our processes before Node (native/preload): where it is, who gets
// it, that nobody else does. Without it they run as well, less safe while they start, and
// unable to lock their memory. Specification: ld.so(8)

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Whoever runs from a source tree or a package without binaries has none. */
export function preloadPath(): string | undefined {
  const path = fileURLToPath(import.meta.resolve("@keepalived-ts/netops/preload"));
  // Both separate the paths of LD_PRELOAD, and nothing can quote them.
  return /[\s:]/.test(path) || !existsSync(path) ? undefined : path;
}

/** `environment` with the library, for a process of ours. */
export function withPreload(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const path = preloadPath();
  if (path === undefined) return environment;
  const others = environment["LD_PRELOAD"];
  return { ...environment, LD_PRELOAD: others ? `${path}:${others}` : path };
}

/** To be called early: no program that this process starts is to get the library. */
export function dropPreload(): void {
  const words = process.env["LD_PRELOAD"]?.split(/[\s:]+/) ?? [];
  const others = words.filter((word) => word !== "" && !isOurs(word));
  if (others.length === words.length) return;
  if (others.length === 0) delete process.env["LD_PRELOAD"];
  else process.env["LD_PRELOAD"] = others.join(":");
}

/** Whether this process has it. */
export function isPreloaded(): boolean {
  return readFileSync("/proc/self/maps", "latin1").includes(fileName);
}

/** By its end: the launcher may have come another way through symbolic links. */
function isOurs(path: string): boolean {
  return path.endsWith(fileName);
}

const fileName = "/netops/build/preload.so";
