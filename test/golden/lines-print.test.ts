// Lines of addresses, routes and rules come back from their print as they were: text,
// configuration, text, configuration.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { VrrpConfig } from "@keepalived-ts/shared-config/schema/config";
import { printBlock } from "@keepalived-ts/shared-config/schema/keyword";
import { loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { renderStatements } from "@keepalived-ts/shared-config/schema/printed";
import { staticTopKeywords } from "@keepalived-ts/shared-config/schema/statics";
import { schemaViolations } from "@keepalived-ts/shared-config/schema/validate";
import { instanceKeywords } from "@keepalived-ts/shared-config/schema/vrrp-instance";
import { memoryLoader } from "@keepalived-ts/shared-config/testing/memory-loader";
import { caseOptions, inputFiles, mainPath, parseCase } from "./case-file.js";

const folder: string = join(import.meta.dirname, "../../golden/cases");

const cases: readonly string[] = [
  ...["static_ipaddress/good", "static_ipaddress/bad", "static_ipaddress/alone"],
  ...["static_routes/good", "static_routes/bad", "static_routes/document", "static_routes/told"],
  ...["static_routes/nexthop-bad", "static_rules/good", "static_rules/bad"],
  ...["static_rules/document", "static_rules/told", "track_group/good", "track_group/bad"],
  ...["vrrp_instance/virtual_routes", "vrrp_instance/virtual_ipaddress-good"],
];

for (const name of cases) {
  test(`lines of ${name} read back as they were printed`, () => {
    const { input } = parseCase(readFileSync(join(folder, `${name}.golden`), "utf8"));
    const first = load(input, inputFiles(input));
    const text = print(first);
    const second = load(input, { [mainPath]: text });
    assert.deepEqual(lines(second), lines(first), text);
    assert.equal(print(second), text);
  });
}

function load(input: string, files: Record<string, string>): VrrpConfig {
  const { config } = loadConfig({
    ...caseOptions(input),
    path: mainPath,
    loader: memoryLoader(files),
  });
  assert.ok(config?.vrrp, "the case has a configuration");
  assert.deepEqual(schemaViolations(mainPath, config), []);
  return config.vrrp;
}

/** The blocks under test, in instances of nothing else. */
function print(vrrp: VrrpConfig): string {
  const statics = renderStatements(printBlock(staticTopKeywords, { vrrp }));
  const instances = vrrp.instances.map((instance) => {
    const { virtual_ipaddress, virtual_ipaddress_excluded, virtual_routes, virtual_rules } =
      instanceKeywords;
    const table = { virtual_ipaddress, virtual_ipaddress_excluded, virtual_routes, virtual_rules };
    const { name, interface: device, virtualRouterId } = instance;
    const block = renderStatements(printBlock(table as typeof instanceKeywords, instance));
    const head = `interface ${device}\nvirtual_router_id ${virtualRouterId}\n`;
    return `vrrp_instance ${name} {\n${head}${block}}\n`;
  });
  return [statics, ...instances].join("");
}

function lines({ statics, instances }: VrrpConfig): unknown {
  return {
    statics,
    instances: instances.map(
      ({ virtualAddresses, excludedAddresses, virtualRoutes, virtualRules }) => ({
        ...{ virtualAddresses, excludedAddresses, virtualRoutes, virtualRules },
      }),
    ),
  };
}
