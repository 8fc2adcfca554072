// The daemon with fake children, for the tests of this package: everything else is the real thing.
// Interfaces are taken to exist, so that no test needs any.

import { fileURLToPath } from "node:url";
import { assert } from "@keepalived-ts/shared-config/base/assert";
import { loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { hostFacts } from "../../edge/host-facts.js";
import { runCommand } from "../../run.js";

const child = fileURLToPath(new URL("../fake-child/main.js", import.meta.url));

const status = await runCommand(process.argv.slice(2), {
  modules: { vrrp: child, checker: child },
  program: [process.execPath, "--title=keepalived", fileURLToPath(import.meta.url)],
  readConfig: ({ path }) => {
    const loaded = loadConfig({ path, host: { ...hostFacts(), linkExists: () => true } });
    const isBug = loaded.config?.global.routerId === "bug";
    assert(!isBug, "the fake daemon was told to make a mistake");
    return loaded;
  },
});
process.exit(status);
