// nftables_ipvs: which groups get a mark, which one, and what is to be marked.

import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  CheckerConfig,
  GroupEntry,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { config, realServer, virtualServer } from "../testing/builders.js";
import { Harness } from "../testing/harness.js";
import type { MarksOrder } from "./group-marks.js";
import { virtualServerSnapshots } from "./pool.js";

const groupMarks = { table: "keepalived_ipvs", priority: -1, firstMark: 1000 };

function addresses(first: string, port: number, last = first): GroupEntry {
  return { kind: "addresses", first, last, port };
}

function ofGroup(group: string, protocol: "TCP" | "UDP" = "TCP"): VirtualServerConfig {
  const key = { kind: "group", group, family: 4, protocol } as const;
  return { ...virtualServer(1, [realServer(1)]), name: `[${group}]:0`, key };
}

function grouped(
  groups: Readonly<Record<string, readonly GroupEntry[]>>,
  ...virtualServers: readonly VirtualServerConfig[]
): CheckerConfig {
  const base = config(...virtualServers);
  const list = Object.entries(groups).map(([name, entries]) => ({ name, entries }));
  return { ...base, groups: list, ipvs: { ...base.ipvs, groupMarks } };
}

const web = { web: [addresses("192.0.2.1", 80, "192.0.2.3"), addresses("2001:db8::1", 443)] };

/** What was ordered since the last call, one line an entry; undefined = nothing. */
function ordered(harness: Harness): readonly string[] | undefined {
  const orders = harness.told.flatMap((action) =>
    action.type === "markGroups" ? [action.order] : [],
  );
  harness.told = [];
  return orders.at(-1)?.marked.map(textOf);
}

function textOf({ protocol, first, last, port, mark }: MarksOrder["marked"][number]): string {
  return `${protocol} ${first}-${last} ${port} is ${mark}`;
}

function services(harness: Harness): string[] {
  return [...harness.kernel.services.keys()];
}

test("a group of addresses is one service a family, by a mark that nftables sets", () => {
  const harness = new Harness();
  harness.configure(grouped(web, ofGroup("web")));
  assert.deepEqual(services(harness), ["fwmark 1000 4", "fwmark 1000 6"]);
  assert.deepEqual(ordered(harness), [
    "TCP 192.0.2.1-192.0.2.3 80 is 1000",
    "TCP 2001:db8::1-2001:db8::1 443 is 1000",
  ]);
});

test("every virtual server has a mark of its own, none that the configuration names", () => {
  const harness = new Harness();
  const groups = {
    dns: [addresses("192.0.2.53", 53)],
    marked: [{ kind: "fwmark", mark: 1000 }, addresses("192.0.2.9", 9)] as const,
  };
  const all = [ofGroup("dns", "UDP"), ofGroup("dns"), ofGroup("marked")];
  harness.configure(grouped(groups, ...all));
  assert.deepEqual(ordered(harness), [
    "UDP 192.0.2.53-192.0.2.53 53 is 1001",
    "TCP 192.0.2.53-192.0.2.53 53 is 1002",
  ]);
  assert.deepEqual(services(harness).toSorted(), [
    ...["TCP 192.0.2.9 9", "fwmark 1000 4", "fwmark 1001 4", "fwmark 1002 4"],
  ]);
});

test("a reload keeps marks, and orders only what is new", () => {
  const harness = new Harness();
  const two = { ...web, dns: [addresses("192.0.2.53", 53)] };
  harness.configure(grouped(two, ofGroup("web"), ofGroup("dns")));
  ordered(harness);
  harness.configure(grouped(two, ofGroup("web"), ofGroup("dns")));
  assert.equal(ordered(harness), undefined);
  const more = { ...two, mail: [addresses("192.0.2.25", 25)] };
  harness.configure(grouped(more, ofGroup("mail"), ofGroup("dns")));
  assert.deepEqual(ordered(harness), [
    "TCP 192.0.2.25-192.0.2.25 25 is 1000",
    "TCP 192.0.2.53-192.0.2.53 53 is 1001",
  ]);
  assert.deepEqual(services(harness).toSorted(), ["fwmark 1000 4", "fwmark 1001 4"]);
});

test("a successor goes on with the marks of a dead child", () => {
  const first = new Harness();
  const two = { ...web, dns: [addresses("192.0.2.53", 53)] };
  first.configure(grouped(two, ofGroup("web"), ofGroup("dns")));
  const second = new Harness();
  second.configure(grouped(two, ofGroup("dns")), [], virtualServerSnapshots(first.pool));
  assert.deepEqual(ordered(second), ["TCP 192.0.2.53-192.0.2.53 53 is 1001"]);
});

test("a stop takes the marks away before the services, and a start an old table", () => {
  const harness = new Harness();
  harness.configure(grouped(web, ofGroup("web")));
  ordered(harness);
  harness.feed({ type: "stopRequested" });
  assert.deepEqual(ordered(harness), []);
  const empty = new Harness();
  empty.configure(grouped({}, virtualServer(1, [realServer(1)])));
  assert.deepEqual(ordered(empty), []);
});

test("no reload begins or ends it, and without it groups are what they were", () => {
  const harness = new Harness();
  const plain = { ...grouped(web, ofGroup("web")), ipvs: config().ipvs };
  harness.configure(plain);
  assert.equal(ordered(harness), undefined);
  assert.equal(services(harness).length, 4);
  harness.configure(grouped(web, ofGroup("web")));
  assert.equal(ordered(harness), undefined);
  assert.equal(services(harness).length, 4);
});
