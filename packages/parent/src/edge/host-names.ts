// The tables in which iproute2 gives numbers names: one file a table and further ones in a folder
// beside it (ip-route(8), ip-rule(8)). Of two entries with one name the first counts.

import { join } from "node:path";
import type { NameTable } from "@keepalived-ts/shared-config/schema/host";
import { listBounded, readBounded } from "./read-bounded.js";

/** Where distributions keep them, the administrator's place first. */
export const iprouteFolders: readonly string[] = [
  "/etc/iproute2",
  "/usr/share/iproute2",
  "/usr/lib/iproute2",
];

const tableBytesMax = 1024 * 1024;
const namesMax = 100_000;
const numberMax = 4294967295;

/** Numbers by name out of all `folders`. */
export function readNameTable(
  table: NameTable,
  folders: readonly string[],
): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  for (const folder of folders) {
    const paths = [join(folder, table), ...listBounded(join(folder, `${table}.d`), ".conf")];
    for (const path of paths) addNames(names, readBounded(path, tableBytesMax));
  }
  return names;
}

/** Lines of a number in decimal or hexadecimal and a name; "#" starts a comment. */
function addNames(names: Map<string, number>, text: string): void {
  for (const line of text.split("\n")) {
    const [, digits, name] = /^\s*(0[xX][0-9a-fA-F]{1,8}|\d{1,10})\s+([^\s#]+)/.exec(line) ?? [];
    if (digits === undefined || name === undefined || names.has(name)) continue;
    const number = Number(digits);
    if (number <= numberMax && names.size < namesMax) names.set(name, number);
  }
}
