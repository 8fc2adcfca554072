// The data file of the checker process: how states stand in it. Its form
// test/ipvs/realistic.test.ts compares with Debian's.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RealServerSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import type { CheckerConfig, TcpCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import { plainRealServer } from "@keepalived-ts/shared-config/schema/config-empty";
import { buildChecker, buildConfig } from "../testing/builders.js";
import { checkerText } from "./checker-data.js";

const nothingKnown = { realServers: new Map(), virtualServers: new Map(), trackers: new Map() };
const virtualServer = "[192.0.2.1]:tcp:80";
const realServer = "[10.0.0.1]:tcp:80";

const check: TcpCheckConfig = {
  kind: "TCP_CHECK",
  connectAddress: "10.0.0.1",
  connectPort: 80,
  connectTimeoutUs: 5_000_000,
  retry: 1,
  delayBeforeRetryUs: 1_000_000,
  delayLoopUs: 6_000_000,
  warmupUs: 6_000_000,
  alpha: true,
  logAllFailures: false,
};

function checker(): CheckerConfig {
  const real = { ...plainRealServer, address: "10.0.0.1", port: 80, weight: 3, checks: [check] };
  const { virtualServers, ...rest } = buildChecker();
  return {
    ...rest,
    virtualServers: virtualServers.map((one) => ({ ...one, realServers: [real] })),
  };
}

function snapshot(isUp: boolean, result: boolean | null): RealServerSnapshot {
  return { virtualServer, realServer, isUp, weight: 2, checks: [result] };
}

test("checkerText() is about a checker only", () => {
  assert.equal(checkerText({ ...nothingKnown, config: buildConfig("vrrp") }), undefined);
});

test("checkerText() shows what the checker has told of servers and checks", () => {
  const config = { ...buildConfig(""), checker: checker() };
  const rows: [RealServerSnapshot | undefined, RegExp[]][] = [
    [undefined, [/EFF WEIGHT = 3$/m, /alive = 0$/m, /failed checkers = 1$/m, /Up = no$/m]],
    [snapshot(false, null), [/EFF WEIGHT = 2$/m, /alive = 0$/m, /Up = no$/m, /Has run = no$/m]],
    [snapshot(true, true), [/alive = 1$/m, /failed checkers = 0$/m, /Up = yes$/m, /run = yes$/m]],
    [snapshot(false, false), [/alive = 0$/m, /failed checkers = 1$/m, /Up = no$/m, /run = yes$/m]],
  ];
  for (const [known, patterns] of rows) {
    const servers = new Map(known === undefined ? [] : [[realServer, known] as const]);
    const realServers = new Map([[virtualServer, servers]]);
    const text = checkerText({ ...nothingKnown, config, realServers }) ?? "";
    for (const pattern of patterns) assert.match(text, pattern);
  }
});

test("checkerText() shows that there is a pass phrase, not which", () => {
  const ssl = { password: "sesame", ca: "/etc/ca.pem" };
  const config = { ...buildConfig(""), checker: { ...checker(), ssl } };
  const text = checkerText({ ...nothingKnown, config }) ?? "";
  assert.match(text, /^ Password : \(not shown\)\n CA-file : \/etc\/ca\.pem$/m);
  assert.doesNotMatch(text, /sesame/);
});
