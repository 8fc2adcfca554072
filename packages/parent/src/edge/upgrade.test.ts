// upgrade.ts where it cannot begin: nothing is ended, and the next try is one.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Log } from "@keepalived-ts/shared-config/base/log";
import { handle } from "../core/supervisor.js";
import { createSupervisor } from "../core/supervisor-state.js";
import { buildConfig } from "../testing/builders.js";
import { Upgrade, type UpgradePorts } from "./upgrade.js";

test("start() says that the state finds no room, each time, and orders nothing", async () => {
  const supervisor = createSupervisor({ kinds: new Set(["vrrp"]), respawn: true });
  handle(supervisor, { type: "configured", config: buildConfig("vrrp") }, 0);
  handle(supervisor, { type: "vrrpSaid", message: { type: "ready", generation: 1 } }, 1);
  const orders: string[] = [];
  const ports = {
    log: { warn: () => undefined } as unknown as Log,
    daemon: { program: ["/bin/false"], startFolder: "/", pidFile: () => "/proc/nowhere/x.pid" },
    supervisor,
    reloads: { confirmUntilUs: undefined, isUnsettled: false },
    notifications: { groups: [], isQuiet: true },
    settings: { memories: [] },
    localIgmp: { former: undefined },
    order: (type: string) => orders.push(type),
  };
  const upgrade = new Upgrade(ports as unknown as UpgradePorts);
  for (let attempt = 0; attempt < 2; attempt++) {
    const outcome = await upgrade.start();
    assert.match(
      outcome === "accepted" ? outcome : outcome.why,
      /^Cannot try the installed rel.*ENOENT/,
    );
  }
  assert.deepEqual(orders, []);
});
