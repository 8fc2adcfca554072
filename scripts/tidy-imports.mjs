// The arrows of import of docs/ARCHITECTURE.md as a table, and a reader of import statements. Tests
// may import anything; product code only what its layer's row allows.

import { dirname, join, normalize } from "node:path";

/** Tests, and what only tests use. */
export const TEST_SUPPORT = /\.test\.(ts|mjs)$|\/fixtures\.ts$|\/src\/testing\//;

const FROM = /(import|export)\s+(type\s)?(?:([\w*{}\s,$]+?)\sfrom\s+)?"([^"\n]+)"/.source;
const STATEMENT = new RegExp(`(?:^|\\n)[ \\t]*${FROM}|\\bimport\\(\\s*"([^"\\n]+)"\\s*\\)`, "g");

/** Every import and re-export: its target and whether it vanishes when compiled. */
export function importsOf(text) {
  return [...text.matchAll(STATEMENT)].map(([, , typeWord, names, target, dynamic]) => {
    const listed = names?.match(/^\{([\s\S]*)\}$/)?.[1];
    const isEachType = listed?.split(",").every((name) => /^\s*(type\s.*)?$/.test(name)) ?? false;
    return { target: target ?? dynamic, isType: typeWord !== undefined || isEachType };
  });
}

/** The source file an import means, or null for a package of somebody else. */
export function resolveImport(from, target) {
  const own = /^@keepalived-ts\/([a-z-]+)\/(.+)$/.exec(target);
  if (own !== null) return `packages/${own[1]}/src/${own[2]}.ts`;
  if (!target.startsWith(".")) return null;
  const path = normalize(join(dirname(from), target));
  return path.endsWith(".js") ? path.replace(/\.js$/, ".ts") : path;
}

const BASE = "shared-config/base";
const TYPES_ONLY = ["shared-config/schema-types", "shared-config/ipc"];
const CHILD = [BASE, ...TYPES_ONLY, "netops"];

/**
 * Layer: what it may import beside itself, and of what it may import types. node:, npm: as such.
 */
const ARROWS = {
  "shared-config/base": { values: ["node:"], types: [] },
  "shared-config/text": { values: [BASE, "node:"], types: [] },
  "shared-config/schema-types": { values: [BASE, "npm:"], types: [] },
  "shared-config/schema": {
    values: [BASE, "shared-config/text", "shared-config/schema-types", "npm:", "node:"],
    types: [],
  },
  "shared-config/ipc": { values: [BASE, "shared-config/schema-types", "npm:", "node:"], types: [] },
  netops: { values: [BASE, "npm:", "node:"], types: [] },
  // HMAC is a pure function; the crypto module has more than that.
  "vrrp/packet": { values: [BASE, "node:crypto"], types: [] },
  "vrrp/core": { values: [BASE, "vrrp/packet"], types: TYPES_ONLY },
  "vrrp/edge": { values: [...CHILD, "vrrp/core", "vrrp/packet", "node:"], types: [] },
  "checker/core": { values: [BASE], types: TYPES_ONLY },
  "checker/edge": { values: [...CHILD, "checker/core", "node:"], types: [] },
  "parent/core": { values: [BASE], types: TYPES_ONLY },
  "parent/edge": {
    values: [
      ...CHILD,
      "shared-config/text",
      "shared-config/schema",
      "parent/core",
      "npm:",
      "node:",
    ],
    types: [],
  },
};

/** The layer of a product source file. */
export function layerOf(path) {
  const match = /^packages\/([a-z-]+)\/src\/(.+)$/.exec(path);
  if (match === null) return null;
  const [, name, inside] = match;
  if (name === "netops") return "netops";
  const folder = inside.split("/")[0];
  if (name === "shared-config") {
    if (/^schema\/config(-[a-z-]+)?\.ts$/.test(inside)) return "shared-config/schema-types";
    return `shared-config/${folder}`;
  }
  if (folder === "core" || folder === "packet") return `${name}/${folder}`;
  return `${name}/edge`;
}

function layerOfTarget(from, target) {
  if (target.startsWith("node:")) return "node:";
  const file = resolveImport(from, target);
  return file === null ? "npm:" : (layerOf(file) ?? file);
}

/** Imports of a product file that its layer must not have, as "LINE: complaint". */
export function arrowViolations(path, text) {
  const layer = layerOf(path);
  if (layer === null || TEST_SUPPORT.test(path)) return [];
  const arrows = ARROWS[layer];
  if (arrows === undefined) return [`1: lies in no layer of the architecture (${layer})`];
  return importsOf(text).flatMap(({ target, isType }) => {
    const wanted = layerOfTarget(path, target);
    if (wanted === layer || arrows.values.includes(wanted)) return [];
    if (arrows.values.includes(target)) return [];
    if (isType && arrows.types.includes(wanted)) return [];
    const line = text.slice(0, text.indexOf(`"${target}"`)).split("\n").length;
    const how = arrows.types.includes(wanted) ? "only types of" : "nothing of";
    return [`${line}: ${layer} may import ${how} ${wanted}, but imports "${target}"`];
  });
}
