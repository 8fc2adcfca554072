// docs/config.schema.json: the shape of what --dump-config prints, as JSON Schema, made from the
// zod schemas that the children check with and described by the comments of the types beside them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { configSchema } from "@keepalived-ts/shared-config/schema/config-schema";
import * as z from "zod/mini";

const root: string = join(import.meta.dirname, "../../..");
const types: string = join(root, "packages/shared-config/src/schema");
export const configSchemaPath: string = join(root, "docs/config.schema.json");

type Node = Record<string, unknown>;

/** The text of the file. */
export function configSchemaText(): string {
  const schema = z.toJSONSchema(configSchema, { unrepresentable: "any", reused: "ref" });
  // A copy, in which nothing is shared: fields of one type have descriptions of their own.
  const copy = JSON.parse(JSON.stringify(schema)) as Node;
  describe(copy, fieldComments());
  const title = "What keepalived-ts --dump-config prints";
  const description =
    "The configuration in force, every default filled in. Durations end in Us (microseconds) or S.";
  return `${JSON.stringify({ title, description, ...copy }, null, 2)}\n`;
}

/** Puts the comments to the properties of `node` and of all below it. */
function describe(node: unknown, descriptions: ReadonlyMap<string, string>): void {
  if (typeof node !== "object" || node === null) return;
  const properties = (node as Node)["properties"] as Record<string, Node> | undefined;
  for (const [name, property] of Object.entries(properties ?? {})) {
    const text = descriptions.get(name);
    if (text !== undefined) property["description"] = text;
  }
  for (const inner of Object.values(node)) describe(inner, descriptions);
}

/** What the comments of config*.ts say of each field; the same name in several types: all of it. */
function fieldComments(): Map<string, string> {
  const found = new Map<string, Set<string>>();
  const files = readdirSync(types).filter((name) => /^config(-[a-z-]+)?\.ts$/.test(name));
  for (const name of files.toSorted()) {
    const text = readFileSync(join(types, name), "utf8");
    const pattern = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:export )?(?:readonly )?(\w+)\??:/g;
    for (const [, comment = "", field = ""] of text.matchAll(pattern)) {
      const plain = comment
        .replace(/\n\s*\*/g, " ")
        .replace(/\s+/g, " ")
        .trim();
      found.set(field, (found.get(field) ?? new Set()).add(plain));
    }
  }
  return new Map([...found].map(([field, texts]) => [field, [...texts].join(" | ")]));
}
