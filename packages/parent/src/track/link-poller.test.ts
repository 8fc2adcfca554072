// Which interfaces are asked, by what, and what is told of their answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LinkBeatMethod } from "@keepalived-ts/netops/link-beat";
import { LinkPoller } from "./link-poller.js";

type Answers = Partial<Record<LinkBeatMethod, boolean | string>>;

function bench(answers: Record<string, Answers>): { poller: LinkPoller; told: string[] } {
  const told: string[] = [];
  const poller = new LinkPoller({
    changed: (name, isUp) => told.push(`${name} ${isUp ? "up" : "down"}`),
    log: ({ level, text }) => told.push(`${level}: ${text}`),
    ask: (name, method) => answers[name]?.[method] ?? "EOPNOTSUPP",
  });
  return { poller, told };
}

test("an interface is asked by what it answers to, and changes are told once", () => {
  const eth0: Answers = { ETHTOOL: true, IOCTL: true };
  const { poller, told } = bench({ eth0 });
  poller.configure([{ interface: "eth0" }]);
  poller.poll();
  assert.deepEqual(told.splice(0), ["detail: eth0 is polled by ETHTOOL", "eth0 up"]);
  eth0.ETHTOOL = false;
  poller.poll();
  poller.poll();
  assert.deepEqual(told.splice(0), ["eth0 down"]);
  // What is known outlasts a reload; the method is found anew.
  poller.configure([{ interface: "eth0" }]);
  assert.deepEqual(told.splice(0), ["detail: eth0 is polled by ETHTOOL"]);
  poller.configure([]);
  poller.poll();
  assert.deepEqual(told, []);
});

test("a method that the driver does not know gives way, with a word", () => {
  const { poller, told } = bench({ eth0: { IOCTL: false } });
  poller.configure([{ interface: "eth0", method: "MII" }]);
  poller.poll();
  assert.deepEqual(told, [
    "warn: Cannot ask eth0 for its link by MII: EOPNOTSUPP; IOCTL is used instead",
    "eth0 down",
  ]);
});

test("nothing is told of an interface that is not there", () => {
  const gone = { MII: "ENODEV", ETHTOOL: "ENODEV", IOCTL: "ENODEV" };
  const { poller, told } = bench({ eth0: gone, eth1: gone });
  poller.configure([{ interface: "eth0" }, { interface: "eth1", method: "ETHTOOL" }]);
  poller.poll();
  assert.deepEqual(told, []);
});
