// The files of the status page, read once. They lie beside the build, so that they are served as
// they are written.

import { readFileSync } from "node:fs";

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

const files: Readonly<Record<string, readonly [name: string, type: string]>> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/page.css": ["page.css", "text/css; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
};
const read: Map<string, PageFile> = new Map();

/** undefined: there is no such file, and no other path ever reaches the disk. */
export function pageFile(path: string): PageFile | undefined {
  const known = Object.hasOwn(files, path) ? files[path] : undefined;
  if (known === undefined) return undefined;
  const [name, type] = known;
  let file = read.get(path);
  if (file === undefined) {
    file = { type, body: readFileSync(new URL(`../../page/${name}`, import.meta.url)) };
    read.set(path, file);
  }
  return file;
}
