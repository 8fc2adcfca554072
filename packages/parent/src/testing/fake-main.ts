// The daemon with fake children, for the tests of this package: everything else is the real thing.
// Interfaces are taken to exist, so that no test needs any.

import { fileURLToPath } from "node:url";
import { loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { runCommand } from "../run.js";

const child = fileURLToPath(new URL("./fake-child.js", import.meta.url));

const status = await runCommand(process.argv.slice(2), {
  modules: { vrrp: child, checker: child },
  readConfig: (path) => loadConfig({ path, linkExists: () => true }),
});
process.exit(status);
