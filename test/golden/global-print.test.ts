// What printConfig() makes of the settings of global_defs and the top level reads back as the same
// settings, for every golden case about them.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { emptyConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import { configSchema } from "@keepalived-ts/shared-config/schema/config-schema";
import { type LoadResult, loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { printConfig } from "@keepalived-ts/shared-config/schema/print-config";
import { memoryLoader } from "@keepalived-ts/shared-config/testing/memory-loader";
import { inputFiles, parseCase } from "./case-file.js";
import { caseHost } from "./case-host.js";

const folder: string = join(import.meta.dirname, "../../golden/cases");
const path = "/etc/keepalived/keepalived.conf";

function load(input: string, files: Readonly<Record<string, string>>): LoadResult {
  const host = caseHost(input);
  const loader = memoryLoader(files);
  return loadConfig({
    ...{ path, loader, host, configId: "main", hostName: "router.example" },
    purpose: "test",
  });
}

function printed(config: Config): string {
  const text = printConfig({ ...config, vrrp: undefined, checker: undefined });
  const instance = config.global.lvsSyncDaemon?.instance;
  if (instance === undefined) return text;
  // lvs_sync_daemon follows an instance, which must then be there.
  return `${text}vrrp_instance ${instance} { interface eth0\nvirtual_router_id 1 }\n`;
}

for (const block of ["global_defs", "top", "script"]) {
  for (const name of readdirSync(join(folder, block)).toSorted()) {
    const { input } = parseCase(readFileSync(join(folder, block, name), "utf8"));
    const { config } = load(input, inputFiles(input));
    if (config === undefined) continue;
    test(`printConfig() gives back the settings of ${block}/${name}`, () => {
      configSchema.parse(config);
      const again = load(input, { [path]: printed(config) });
      assert.deepEqual(again.config?.global, config.global);
      const complaints = again.diagnostics.filter(
        ({ severity, code }) => severity === "error" && code !== "UNKNOWN_ACCOUNT",
      );
      assert.deepEqual(complaints, []);
    });
  }
}

test("printConfig() of nothing prints every default, and all of it is understood", () => {
  const text = printConfig(emptyConfig);
  const { config, diagnostics } = load("", { [path]: text });
  assert.deepEqual(config?.global, emptyConfig.global);
  const codes = new Set(diagnostics.map(({ code }) => code));
  assert.deepEqual([...codes].toSorted(), ["NOTHING_TO_DO", "NOT_SUPPORTED_YET"]);
});
