// nftables_ipvs from the configuration to the kernel's ruleset: the same table as Debian's
// keepalived makes of the same file (test/vectors). The services that the marks lead to are
// test/ipvs's matter.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createPool, handle } from "@keepalived-ts/checker/core/pool";
import { createMarksPort } from "@keepalived-ts/checker/edge/marks-port";
import { loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { memoryLoader } from "@keepalived-ts/shared-config/testing/memory-loader";
import { comparableRuleset } from "../lab/ruleset.js";
import { type Step, testInNamespace } from "../lab/steps.js";

const file = new URL("../../vectors/keepalived-2.2.7-nftables-ipvs.json", import.meta.url);
const vector = JSON.parse(readFileSync(file, "utf8")) as {
  readonly configuration: readonly string[];
  readonly ruleset: object;
};

function ruleset(): readonly string[] {
  return comparableRuleset(execFileSync("nft", ["-j", "list", "ruleset"], { encoding: "utf8" }));
}

/** What the checker orders of nftables at a start with this configuration, then at its end. */
function orders(text: string): Parameters<ReturnType<typeof createMarksPort>["mark"]>[0][] {
  const loader = memoryLoader({ "/k.conf": text });
  const { config } = loadConfig({ path: "/k.conf", loader, host: {} });
  assert.ok(config?.checker);
  const pool = createPool({ seed: 1 });
  const known = { resume: [], resumeVirtualServers: [], trackers: [], isSyncMaster: false };
  const configured = { type: "configured", generation: 1, config: config.checker } as const;
  const actions = [
    ...handle(pool, { ...configured, ...known }, 0),
    ...handle(pool, { type: "stopRequested" }, 1),
  ];
  return actions.flatMap((action) => (action.type === "markGroups" ? [action.order] : []));
}

const steps: readonly Step[] = [
  {
    name: "nftables_ipvs makes keepalived's table, and takes it away at the end",
    async run(): Promise<void> {
      const port = createMarksPort();
      const [start, end, ...more] = orders(vector.configuration.join("\n"));
      assert.ok(start !== undefined && end !== undefined && more.length === 0);
      assert.equal(await port.mark(start), null);
      assert.deepEqual(ruleset(), comparableRuleset(JSON.stringify(vector.ruleset)));
      // Again is none too many: a successor does not know what is there.
      assert.equal(await port.mark(start), null);
      assert.deepEqual(ruleset(), comparableRuleset(JSON.stringify(vector.ruleset)));
      assert.equal(await port.mark(end), null);
      assert.deepEqual(ruleset(), []);
    },
  },
  {
    name: "nftables_ipvs marks every port of an address whose port is 0, and ranges of SCTP",
    async run(): Promise<void> {
      const range = { first: "2001:db8::1", last: "2001:db8::ffff" };
      const marked = [{ protocol: "SCTP", ...range, port: 0, mark: 7 } as const];
      assert.equal(await createMarksPort().mark({ table: "t", priority: 5, marked }), null);
      const text = execFileSync("nft", ["list", "ruleset"], { encoding: "utf8" });
      assert.match(text, /2001:db8::1-2001:db8::ffff \. 0-65535 : 0x00000007/);
      assert.match(text, /priority filter \+ 5;/);
      assert.match(text, /meta mark set ip6 daddr \. sctp dport map @sctp_map return/);
      assert.equal(await createMarksPort().mark({ table: "t", priority: 5, marked: [] }), null);
    },
  },
];

await testInNamespace(import.meta.url, steps);
