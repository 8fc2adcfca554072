// kactl plan against what the reload does then: the kernel's addresses, routes and rules before and
// after differ by what was planned and nothing else.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { vrrpConfigText } from "../lab/config-text.js";
import { KEEPALIVED_TS, PROJECT_ROOT, startDaemon } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

const kactl: string = join(PROJECT_ROOT, "packages/parent/bin/kactl");

interface Planned {
  readonly instance: string;
  readonly change: string;
  readonly adds: readonly string[];
  readonly removes: readonly string[];
  readonly risks: readonly string[];
  readonly after: { readonly state: string } | null;
}

function text(addresses: readonly string[], gateway: string, more: string): string {
  const lines = [
    ...["virtual_routes {", `198.51.100.0/24 via ${gateway}`, "}"],
    ...["virtual_rules {", `from 203.0.113.${gateway.slice(-1)}/32 table 77`, "}"],
  ];
  const common = { version: 3, advertInterval: 0.1, state: "MASTER", priority: 255 } as const;
  const first = { ...common, addresses, lines };
  const second = { ...common, name: "VI_2", virtualRouterId: 52, addresses: ["192.0.2.200/24"] };
  return vrrpConfigText([first, second]) + more;
}

/** Addresses, routes and rules of ours, in the words of a plan. */
async function holdings(host: Host): Promise<Set<string>> {
  const [addresses, routes, rules] = await Promise.all([
    host.ip("-o", "-4", "address", "show", "dev", "eth0"),
    host.ip("route", "show", "198.51.100.0/24"),
    host.ip("rule", "show"),
  ]);
  return new Set([
    ...[...addresses.matchAll(/inet (\S+)/g)].map(([, it]) => `address ${it} dev eth0`),
    ...[...routes.matchAll(/^(\S+) via (\S+)/gm)].map(([, to, via]) => `route ${to} via ${via}`),
    ...[...rules.matchAll(/from (203\S+) lookup (\d+)/g)].map(([, from]) => `rule from ${from}/32`),
  ]);
}

/** Without what ip(8) does not show in the same place. */
function comparable(planned: readonly string[]): string[] {
  return planned.map((what) => what.replace(/^(rule from \S+|route \S+ via \S+).*/, "$1")).sort();
}

test("a reload does what kactl plan has said", async (t) => {
  const lab = await createLab("plan");
  t.after(() => lab.close());
  const host = await lab.addHost("router", { address: "192.0.2.1/24" });
  const config = join(host.scratch, "plan.conf");
  writeFileSync(config, text(["192.0.2.100/24", "192.0.2.101/24"], "192.0.2.7", ""), {
    mode: 0o600,
  });
  const daemon = startDaemon(host, [KEEPALIVED_TS, "-nlGD", "-f", config]);
  await waitFor("MASTER", () => host.holds("192.0.2.200"));
  await waitFor("the route", async () =>
    (await holdings(host)).has("route 198.51.100.0/24 via 192.0.2.7"),
  );
  const next = join(host.scratch, "next.conf");
  const other = text(["192.0.2.101/24", "192.0.2.102/24"], "192.0.2.8", "");
  writeFileSync(next, other.replace("vrrp_instance VI_2", "vrrp_instance VI_3"));
  const socket = daemon.path("/run/keepalived.sock");
  const ask = [kactl, "--socket", socket, "plan", "--json", next];
  const before = await holdings(host);
  const { instances, configuration } = JSON.parse(await host.must(ask)) as {
    readonly instances: readonly Planned[];
    readonly configuration: readonly { readonly block: string; readonly change: string }[];
  };
  assert.deepEqual(await holdings(host), before, "a plan changes nothing");
  assert.deepEqual(
    instances.map(({ instance, change, after }) => `${instance} ${change} ${after?.state}`),
    ["VI_1 changed MASTER", "VI_2 removed undefined", "VI_3 added MASTER"],
  );
  assert.match(instances[0]?.risks.join() ?? "", /other virtual addresses may discard/);
  assert.deepEqual(
    configuration.map(({ block, change }) => `${block} ${change}`),
    ["vrrp_instance VI_1 changed", "vrrp_instance VI_2 removed", "vrrp_instance VI_3 added"],
  );
  writeFileSync(config, other.replace("vrrp_instance VI_2", "vrrp_instance VI_3"));
  daemon.signal("SIGHUP");
  await daemon.waitForLog(/Reload complete/);
  await waitFor("the new address", () => host.holds("192.0.2.102"));
  await waitFor("the new route", async () =>
    (await holdings(host)).has("route 198.51.100.0/24 via 192.0.2.8"),
  );
  const after = await holdings(host);
  const first = instances.find(({ instance }) => instance === "VI_1");
  const come = [...after].filter((what) => !before.has(what)).sort();
  const gone = [...before].filter((what) => !after.has(what)).sort();
  assert.deepEqual(comparable(first?.adds ?? []), come);
  assert.deepEqual(comparable(first?.removes ?? []), gone);
  assert.equal((await daemon.stop()).status, 0);
});
