// Every value that Debian's VRRP process holds for a file, beside ours.

import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { compare } from "./dump-compare.js";
import { globalRuntime, globalTable } from "./dump-global.js";
import { instanceLines, instanceRuntime, instanceTable } from "./dump-instance.js";
import { compareObjects } from "./dump-objects.js";
import { linesOf, parseDump } from "./dump-parse.js";

/** One line for each difference. */
export function compareVrrp(text: string, config: Config): string[] {
  const dump = parseDump(text);
  const shown = linesOf(dump.get("VRRP Topology") ?? [], "VRRP Instance");
  const instances = config.vrrp?.instances ?? [];
  const names = [shown.map(({ value }) => value), instances.map(({ name }) => name)];
  const [theirs = "", ours = ""] = names.map((each) => each.join(", "));
  return [
    ...(theirs === ours ? [] : [`instances: theirs ${theirs}, ours ${ours}`]),
    ...instances.flatMap((instance) => {
      const line = shown.find(({ value }) => value === instance.name);
      if (line === undefined) return [];
      return compare({
        where: instance.name,
        lines: instanceLines(line),
        object: { config, instance },
        table: instanceTable,
        runtime: instanceRuntime,
      });
    }),
    ...compareObjects(dump, config),
    ...compare({
      where: "global_defs",
      lines: dump.get("Global definitions") ?? [],
      object: config,
      table: globalTable,
      runtime: globalRuntime,
    }),
  ];
}
