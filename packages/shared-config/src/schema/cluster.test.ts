// The comparison of a cluster's routers: pairs and triples of configurations as they are written,
// one change in each, and the faults and the table that come of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryLoader } from "../testing/memory-loader.js";
import { diagnosticCodes } from "../text/codes.js";
import type { Diagnostic } from "../text/diagnostic.js";
import { clusterFaults, clusterOf } from "./cluster.js";
import type { ClusterNode } from "./cluster-match.js";
import { jsonTable, textTable } from "./cluster-table.js";
import { loadPlaces } from "./load.js";

function nodeOf(name: string, text: string): ClusterNode {
  const path = "/etc/keepalived/keepalived.conf";
  const loader = memoryLoader({ [path]: text });
  const places = loadPlaces({ path, loader, configId: name, hostName: name, purpose: "test" });
  const { config, draft, diagnostics } = places;
  assert.ok(config !== undefined && draft !== undefined, JSON.stringify(diagnostics.list()));
  return { name, config, draft, diagnostics };
}

/** The nodes a, b, c ... of these texts. */
function nodesOf(...texts: string[]): ClusterNode[] {
  return texts.map((text, index) => nodeOf("abcdef".charAt(index), text));
}

function faultsOf(...texts: string[]): Diagnostic[] {
  const nodes = nodesOf(...texts);
  return clusterFaults(nodes, clusterOf(nodes));
}

function codesOf(...texts: string[]): string[] {
  const codes = faultsOf(...texts).map(({ code }) => code);
  for (const code of codes) shown.add(code);
  return codes;
}

const shown: Set<string> = new Set();

/** Without the first line, the names of the rows and who is MASTER. */
function tableOf(...texts: string[]): string[] {
  const lines = textTable(clusterOf(nodesOf(...texts))).split("\n");
  return lines
    .filter((line) => line.startsWith("  "))
    .map((line) => line.trim().replace(/ {2,}/, " => "));
}

interface Instance {
  readonly name?: string;
  readonly id?: number;
  readonly device?: string;
  readonly priority?: number;
  readonly addresses?: string;
  readonly more?: string;
}

function instance({
  name = "VI_1",
  id = 51,
  device = "eth0",
  priority = 100,
  addresses = "192.0.2.1/24",
  more = "",
}: Instance = {}): string {
  return `vrrp_instance ${name} {
    interface ${device}
    virtual_router_id ${id}
    priority ${priority}
    ${more}
    virtual_ipaddress {
      ${addresses}
    }
  }\n`;
}

const scripts = `global_defs {
  enable_script_security
  script_user root
}
vrrp_script web {
  script "/usr/bin/pgrep nginx"
}\n`;

/** A router of a pair in unicast. */
function unicast(priority: number, own: string, peers: readonly string[], more = ""): string {
  const lines = peers.map((peer) => `      ${peer}\n`).join("");
  const where = `unicast_src_ip ${own}\n    unicast_peer {\n${lines}    }`;
  return instance({ priority, more: `${where}\n    ${more}` });
}

test("a pair that fits has no fault, multicast or unicast", () => {
  assert.deepEqual(codesOf(instance({ priority: 150 }), instance()), []);
  const a = unicast(150, "198.51.100.1", ["198.51.100.2"]);
  const b = unicast(100, "198.51.100.2", ["198.51.100.1"]);
  assert.deepEqual(codesOf(a, b), []);
});

test("one file with @id lines for three routers fits", () => {
  const sources = ["a", "b", "c"].map(
    (id, index) => `@${id} unicast_src_ip 198.51.100.${index + 1}`,
  );
  const peers = ["a", "b", "c"].map((id, index) => `@^${id} 198.51.100.${index + 1}`);
  const more = `${sources.join("\n")}\nunicast_peer {\n${peers.join("\n")}\n}`;
  const priorities = "@a priority 150\n@b priority 120\n@c priority 100";
  const text = instance({ more }).replace("priority 100", priorities);
  assert.deepEqual(codesOf(text, text, text), []);
  assert.deepEqual(tableOf(text, text, text), [
    "all is well => MASTER a",
    "a is gone => MASTER b",
    "a: interface eth0 fails (FAULT) => MASTER b",
    "b is gone => MASTER a",
    "b: interface eth0 fails (FAULT) => MASTER a",
    "c is gone => MASTER a",
    "c: interface eth0 fails (FAULT) => MASTER a",
  ]);
});

test("what routers must say alike is told where the second says it", () => {
  const first = instance({ priority: 150 });
  const changes: [string, string[]][] = [
    ["version 3", ["CLUSTER_VERSION_DIFFERS"]],
    ["advert_int 2", ["CLUSTER_INTERVAL_DIFFERS"]],
    ["mcast_dst_ip 224.0.0.50", ["CLUSTER_MODE_DIFFERS"]],
    ["unicast_peer { 198.51.100.1 }", ["CLUSTER_MODE_DIFFERS"]],
    ["authentication {\nauth_type PASS\nauth_pass secret\n}", ["CLUSTER_AUTHENTICATION_DIFFERS"]],
    ["garp_master_delay 1", []],
  ];
  for (const [more, expected] of changes) {
    assert.deepEqual(codesOf(first, instance({ more })), expected, more);
  }
  const [fault] = faultsOf(first, instance({ more: "advert_int 2" }));
  assert.match(fault?.message ?? "", /advert_int .* of b: it has 2, and a 1$/);
  assert.equal(fault?.line, 5);
  assert.equal(fault?.severity, "error");
});

test("checksums differ only where version 3 has them so", () => {
  const more = "version 3";
  const odd = `${more}\n    v3_checksum_as_v2`;
  const first = instance({ priority: 150, more });
  assert.deepEqual(codesOf(first, instance({ more: odd })), ["CLUSTER_CHECKSUM_DIFFERS"]);
  const plain = instance({ priority: 150 });
  assert.deepEqual(codesOf(plain, instance({ more: "v3_checksum_as_v2" })), []);
});

test("passwords and keys are compared and never shown", () => {
  const pass = (word: string): string => `authentication {\nauth_type PASS\nauth_pass ${word}\n}`;
  const hmac = (keys: string, active = 1, more = ""): string =>
    `auth_hmac {\n${keys}\nactive_key ${active}\n${more}\n}`;
  const key = (id: number, letter: string): string => `key ${id} "${letter.repeat(40)}"`;
  const both = `${key(1, "s")}\n${key(2, "t")}`;
  const rows: [string, string, number][] = [
    [pass("one-word"), pass("one-word"), 0],
    [pass("one-word"), pass("different"), 1],
    [pass("one-word"), "authentication {\nauth_type AH\nauth_pass one-word\n}", 1],
    [hmac(key(1, "s")), hmac(key(1, "s")), 0],
    [hmac(key(1, "s")), hmac(key(1, "t")), 1],
    [hmac(key(1, "s")), hmac(key(2, "s"), 2), 1],
    [hmac(both), hmac(both, 2), 0],
    [hmac(key(1, "s")), "", 1],
    [hmac(key(1, "s"), 1, "mode receive-only"), "", 0],
  ];
  for (const [first, second, count] of rows) {
    const isHmac = (first + second).includes("auth_hmac");
    const version = isHmac ? "version 3\n" : "";
    const faults = faultsOf(
      instance({ priority: 150, more: version + first }),
      instance({ more: version + second }),
    );
    assert.equal(faults.length, count, `${first} ${second} ${JSON.stringify(faults)}`);
    for (const { message, sourceLine = "", code } of faults) {
      assert.equal(code, "CLUSTER_AUTHENTICATION_DIFFERS");
      assert.doesNotMatch(message + sourceLine, /one-word|different|sss|ttt/);
    }
  }
});

test("addresses, sources and peers are compared", () => {
  const first = instance({ priority: 150, addresses: "192.0.2.1\n192.0.2.2" });
  const second = instance({ addresses: "192.0.2.1\n192.0.2.3" });
  assert.deepEqual(codesOf(first, second), ["CLUSTER_ADDRESSES_DIFFER"]);
  assert.match(
    faultsOf(first, second)[0]?.message ?? "",
    /it has not 192\.0\.2\.2, it has 192\.0\.2\.3 more$/,
  );
  const a = unicast(150, "198.51.100.1", ["198.51.100.2"]);
  assert.deepEqual(codesOf(a, unicast(100, "198.51.100.2", ["198.51.100.9"])), [
    "CLUSTER_PEER_MISSING",
  ]);
  // The file of the first router, copied with another priority.
  assert.deepEqual(codesOf(a, unicast(100, "198.51.100.1", ["198.51.100.2"])), [
    "CLUSTER_SOURCE_SHARED",
  ]);
});

test("the third router of a triple is missed in the peers of the others", () => {
  const a = unicast(150, "198.51.100.1", ["198.51.100.2"]);
  const b = unicast(120, "198.51.100.2", ["198.51.100.1", "198.51.100.3"]);
  const c = unicast(100, "198.51.100.3", ["198.51.100.1", "198.51.100.2"]);
  const faults = faultsOf(a, b, c);
  assert.deepEqual(
    faults.map(({ code, message }) => [code, / (.) from .* of (.):/.exec(message)?.slice(1)]),
    [["CLUSTER_PEER_MISSING", ["c", "a"]]],
  );
});

test("an instance that another router lacks stands alone", () => {
  const two =
    instance({ priority: 150 }) + instance({ name: "VI_2", id: 52, addresses: "192.0.2.9" });
  assert.deepEqual(codesOf(two, instance()), ["CLUSTER_ALONE"]);
});

test("instances of one VRID on several interfaces find their counterparts", () => {
  const inside = { name: "inside", device: "eth1", addresses: "10.0.0.1" };
  const a = instance({ priority: 150 }) + instance({ ...inside, priority: 150 });
  const b = instance({ ...inside, name: "in" }) + instance({ name: "out" });
  assert.deepEqual(codesOf(a, b), []);
  // Other names of interfaces: the addresses tell.
  const c = instance({ device: "ens1" }) + instance({ ...inside, device: "ens2" });
  assert.deepEqual(codesOf(a, c), []);
});

test("equal priorities are a tie, unless weights tell the routers apart", () => {
  assert.deepEqual(codesOf(instance(), instance()), ["CLUSTER_PRIORITIES_EQUAL"]);
  assert.deepEqual(tableOf(instance(), instance())[0], "all is well => not decided by priority");
  const owners = faultsOf(instance({ priority: 255 }), instance({ priority: 255 }));
  assert.match(owners[0]?.hint ?? "", /only one router can own/);
  const more = "track_interface { eth1 weight 10 }";
  assert.deepEqual(codesOf(instance({ more }), instance()), ["CLUSTER_WEIGHT_TOO_SMALL"]);
});

test("with equal priorities the higher source address is MASTER where both are known", () => {
  const a = unicast(100, "198.51.100.9", ["198.51.100.10"]);
  const b = unicast(100, "198.51.100.10", ["198.51.100.9"]);
  assert.equal(tableOf(a, b)[0], "all is well => MASTER b");
});

test("a weight that is smaller than the lead is told at its line", () => {
  const track = (weight: number): string => `track_script {\n      web weight ${weight}\n    }`;
  const pair = (weight: number, more = ""): [string, string] => [
    scripts + instance({ priority: 150, more: track(weight) }),
    scripts + instance({ more: `${track(weight)}\n    ${more}` }),
  ];
  assert.deepEqual(codesOf(...pair(-60)), []);
  assert.ok(tableOf(...pair(-60)).includes("a: script web fails (90) => MASTER b"));
  // At equal priorities a BACKUP stays BACKUP.
  assert.deepEqual(codesOf(...pair(-50)), ["CLUSTER_WEIGHT_TOO_SMALL"]);
  const [fault] = faultsOf(...pair(-20));
  assert.match(fault?.message ?? "", /of a by "web": 130 is left, and b has 100$/);
  assert.match(fault?.hint ?? "", /beyond 50 /);
  assert.equal(fault?.sourceLine?.trim(), "web weight -20");
  assert.deepEqual(codesOf(...pair(-60, "nopreempt\nstate BACKUP")), ["CLUSTER_NOPREEMPT"]);
});

test("a failure that is a FAULT moves mastership whatever the priorities", () => {
  const more = "track_script { web }\n    track_interface { eth1 }\n    nopreempt";
  const pair = [scripts + instance({ priority: 150, more }), scripts + instance({ more })] as const;
  assert.deepEqual(codesOf(...pair), []);
  assert.deepEqual(tableOf(...pair).slice(0, 5), [
    "all is well => MASTER a",
    "a is gone => MASTER b",
    "a: interface eth0 fails (FAULT) => MASTER b",
    "a: interface eth1 fails (FAULT) => MASTER b",
    "a: script web fails (FAULT) => MASTER b",
  ]);
});

test("a sync group fails and moves as a whole", () => {
  const group = "vrrp_sync_group G {\n  group {\n    VI_1\n    VI_2\n  }\n}\n";
  const two = (first: number, second: number): string =>
    instance({ priority: first }) +
    instance({ name: "VI_2", id: 52, device: "eth1", priority: second, addresses: "10.0.0.1" });
  assert.deepEqual(codesOf(two(150, 150) + group, two(100, 100) + group), []);
  assert.deepEqual(tableOf(two(150, 150) + group, two(100, 100) + group).slice(0, 4), [
    "all is well => MASTER a",
    "a is gone => MASTER b",
    "a: interface eth0 fails (FAULT) => MASTER b",
    "a: interface eth1 fails (FAULT) => MASTER b",
  ]);
  assert.deepEqual(codesOf(two(150, 90) + group, two(100, 100) + group), ["CLUSTER_GROUP_TORN"]);
  assert.deepEqual(codesOf(two(150, 150) + group, two(100, 100)), ["CLUSTER_GROUP_TORN"]);
});

test("the weight of one member moves no sync group", () => {
  const group = `vrrp_sync_group G {
    group {
      VI_1
      VI_2
    }
    sync_group_tracking_weight
  }\n`;
  const two = (priority: number): string =>
    instance({ priority, more: "track_interface { eth2 weight -60 }" }) +
    instance({ name: "VI_2", id: 52, device: "eth1", priority, addresses: "10.0.0.1" }) +
    group;
  const [fault, ...others] = faultsOf(two(150), two(100));
  assert.equal(fault?.code, "CLUSTER_WEIGHT_TOO_SMALL");
  assert.match(fault?.message ?? "", /other members of its sync group stay ahead$/);
  assert.deepEqual(others, []);
});

test("comments silence faults", () => {
  const line = "# keepalived-ts: silence";
  const b = instance().replace("priority 100", `priority 100 ${line} CLUSTER_PRIORITIES_EQUAL`);
  assert.deepEqual(codesOf(instance(), b), []);
  assert.deepEqual(codesOf(instance(), `${line}-file CLUSTER_PRIORITIES_EQUAL\n${instance()}`), []);
  assert.equal(codesOf(instance(), instance()).length, 1);
});

test("the table as JSON says the same", () => {
  const more = "track_interface { eth1 weight -60 }";
  const cluster = clusterOf(nodesOf(instance({ priority: 150, more }), instance()));
  const [router] = jsonTable(cluster);
  assert.equal(router?.virtualRouterId, 51);
  assert.deepEqual(router?.instances, [
    { node: "a", name: "VI_1" },
    { node: "b", name: "VI_1" },
  ]);
  assert.deepEqual(router?.rows.at(3), {
    ...{ failure: "tracked", node: "a", tracked: { kind: "interface", name: "eth1" } },
    ...{ priority: 90, isFault: false, master: "b", isUndecided: false },
  });
});

test("a router alone leaves nobody", () => {
  const rows = tableOf(
    instance(),
    "virtual_server 192.0.2.1 80 {\n  real_server 192.0.2.2 80 { }\n}\n",
  );
  assert.deepEqual(rows.slice(0, 2), ["all is well => MASTER a", "a is gone => nobody"]);
});

test("hundreds of instances are compared in time that grows with their number", () => {
  const many = (priority: number): string =>
    Array.from({ length: 255 }, (_, index) =>
      instance({ name: `V${index}`, id: index + 1, priority, addresses: `10.0.0.${index}` }),
    ).join("");
  assert.deepEqual(codesOf(many(150), many(100), many(50)), []);
});

test("every code of a cluster was shown", () => {
  const codes = Object.keys(diagnosticCodes).filter((code) => code.startsWith("CLUSTER_"));
  assert.deepEqual(
    codes.filter((code) => !shown.has(code) && code !== "CLUSTER_AUTHENTICATION_DIFFERS"),
    [],
  );
});
