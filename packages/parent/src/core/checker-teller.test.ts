// Notices of the checker: scripts, lines and mail, for what a reload removed too.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckerNotice, FromChecker } from "@keepalived-ts/shared-config/ipc/messages";
import type { RealServerConfig } from "@keepalived-ts/shared-config/schema/config";
import { buildChecker } from "../testing/builders.js";
import { configureCheckerTeller, createCheckerTeller, tellChecker } from "./checker-teller.js";

const script = (name: string) => ({ argv: [name], user: "root" });
const virtualServer = "[192.0.2.1]:tcp:80";
const realServer = "[192.0.2.20]:tcp:80";

const server: RealServerConfig = {
  address: "192.0.2.20",
  port: 80,
  weight: 1,
  forwarding: "NAT",
  upperThreshold: 0,
  lowerThreshold: 0,
  inhibitOnFailure: false,
  smtpAlert: true,
  notifyUp: script("up"),
  notifyDown: script("down"),
  checks: [],
};

function notice(state: "UP" | "DOWN", fifoLine: string, mailText: string | null): CheckerNotice {
  return { state, fifoLine, mailText, isStopping: false };
}

function serverState(told: CheckerNotice | null): FromChecker {
  const snapshot = { virtualServer, realServer, isUp: true, checks: [] };
  return { type: "realServerState", snapshot, notice: told } as unknown as FromChecker;
}

function serviceState(told: CheckerNotice): FromChecker {
  const key = { kind: "address" };
  const snapshot = { virtualServer, key };
  return { type: "virtualServerState", snapshot, notice: told } as unknown as FromChecker;
}

function configured() {
  const teller = createCheckerTeller();
  const config = buildChecker();
  const [service] = config.virtualServers;
  assert(service !== undefined);
  const quorum = { quorumUp: script("gained"), quorumDown: script("lost") };
  const virtualServers = [{ ...service, ...quorum, smtpAlert: false, realServers: [server] }];
  configureCheckerTeller(teller, { ...config, virtualServers });
  return teller;
}

test("tellChecker() takes the scripts of the server and keepalived's lines", () => {
  const teller = configured();
  const line = `RS ${realServer} ${virtualServer} UP`;
  assert.deepEqual(tellChecker(teller, serverState(notice("UP", line, "TCP CHECK succeed"))), {
    change: { kind: "REAL_SERVER", virtualServer, realServer, isUp: true },
    part: "lvs",
    subject: `Realserver ${realServer} of virtual server ${virtualServer}`,
    title: `Realserver ${realServer} of virtual server ${virtualServer} UP`,
    line: `${line}\n`,
    scripts: [script("up")],
    mail: {
      subject: `Realserver ${realServer} of virtual server ${virtualServer} - UP`,
      body: "=> TCP CHECK succeed <=",
    },
  });
  assert.equal(tellChecker(teller, serverState(null)), undefined);
  const lost = tellChecker(teller, serviceState(notice("DOWN", "VS x DOWN", "Lost quorum")));
  assert.deepEqual(lost?.scripts, [script("lost")]);
  assert.equal(lost?.mail, undefined);
});

test("tellChecker() tells the services of one mark apart by their family", () => {
  const teller = createCheckerTeller();
  const config = buildChecker();
  const [service] = config.virtualServers;
  assert(service !== undefined);
  const of = (family: 4 | 6) => {
    const key = { kind: "fwmark", mark: 5, family } as const;
    return { ...service, name: "[FWM 5]", key, quorumDown: script(`lost${family}`) };
  };
  configureCheckerTeller(teller, { ...config, virtualServers: [of(4), of(6)] });
  for (const family of [4, 6] as const) {
    const snapshot = { virtualServer: "[FWM 5]", key: of(family).key };
    const message = { type: "virtualServerState", snapshot, notice: notice("DOWN", "VS", null) };
    const told = tellChecker(teller, message as unknown as FromChecker);
    assert.deepEqual(told?.scripts, [script(`lost${family}`)]);
  }
});

test("tellChecker() knows the scripts of what a reload has removed", () => {
  const teller = configured();
  configureCheckerTeller(teller, undefined);
  const told = tellChecker(teller, serverState(notice("DOWN", "RS x", null)));
  assert.deepEqual(told?.scripts, [script("down")]);
  assert.equal(told?.mail, undefined);
});
