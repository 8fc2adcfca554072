// A Loader over texts in memory, for tests, golden cases and fuzzing.

import type { Loader } from "../text/loader.js";

/** Serves `files`, a table of absolute path and text. */
export function memoryLoader(files: Readonly<Record<string, string>>): Loader {
  const texts = new Map(Object.entries(files));
  return {
    read(path) {
      const text = texts.get(path);
      if (text !== undefined) return { ok: true, text, encoding: "utf8" };
      return { ok: false, failure: "missing", detail: "no such file" };
    },
    list(directory, namesMax) {
      const prefix = directory.endsWith("/") ? directory : `${directory}/`;
      const names = [...texts.keys()]
        .filter((path) => path.startsWith(prefix))
        .map((path) => path.slice(prefix.length).split("/", 1)[0] ?? "");
      return [...new Set(names)].slice(0, namesMax);
    },
  };
}
