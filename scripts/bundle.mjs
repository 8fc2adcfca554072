// Puts the modules of each process into a few files, packages/*/dist/bundle: Node takes half a
// millisecond a module to start, and a process has hundreds. Parent and children start from these;
// tests use the modules themselves. The addon stays outside,
// and what a running daemon loads late: its file must be there while the package is replaced.

import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const packages = join(dirname(fileURLToPath(import.meta.url)), "../packages");

const banner =
  'import { createRequire as __createRequire } from "node:module"; ' +
  "const require = __createRequire(import.meta.url);";

for (const name of ["parent", "vrrp", "checker"]) {
  const outdir = join(packages, name, "dist/bundle");
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints: {
      main: join(packages, name, "dist/main.js"),
      ...(name === "parent" ? { kactl: join(packages, name, "dist/kactl/main.js") } : {}),
    },
    outdir,
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
}
