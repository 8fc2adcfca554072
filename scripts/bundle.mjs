// Puts the modules of each process into a few files, packages/*/dist/bundle: Node takes half a
// millisecond a module to start, and a process has hundreds. Parent and children start from these;
// tests use the modules themselves. The addon stays outside,
// and what a running daemon loads late: its file must be there while the package is replaced.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const packages = join(dirname(fileURLToPath(import.meta.url)), "../packages");

const banner =
  'import { createRequire as __createRequire } from "node:module"; ' +
  "const require = __createRequire(import.meta.url);";

for (const name of ["parent", "vrrp", "checker"]) {
  const outdir = join(packages, name, "dist/bundle");
  const { outputFiles } = await build({
    entryPoints: {
      main: join(packages, name, "dist/main.js"),
      ...(name === "parent" ? { kactl: join(packages, name, "dist/kactl/main.js") } : {}),
    },
    outdir,
    write: false,
    bundle: true,
    // What only some calls need, as the daemon itself, is loaded when it is needed.
    splitting: true,
    platform: "node",
    target: "node20",
    format: "esm",
    external: ["netlink/*", "nodemailer"],
    // What is CommonJS asks for Node's own modules by require().
    banner: { js: banner },
    logLevel: "warning",
  });
  replaceFiles(outdir, outputFiles);
}

/** At no moment is one missing or half written: a daemon may start meanwhile. */
function replaceFiles(folder, files) {
  mkdirSync(folder, { recursive: true });
  const former = new Set(readdirSync(folder));
  for (const { path, contents } of files) {
    const name = basename(path);
    if (former.delete(name) && readFileSync(path).equals(contents)) continue;
    writeFileSync(`${path}.new`, contents);
    renameSync(`${path}.new`, path);
  }
  for (const name of former) rmSync(join(folder, name));
}
