// Trackers, track lists and groups: what is printed reads back to the same, whatever was written,
// and thousands of names take no more than linear time.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { memoryLoader } from "../testing/memory-loader.js";
import { diagnosticsMax } from "../text/diagnostic.js";
import type { Config, VrrpInstanceConfig } from "./config.js";
import { groupTopKeywords } from "./groups-top.js";
import { printBlock } from "./keyword.js";
import { type LoadResult, loadConfig } from "./load.js";
import { renderStatements } from "./printed.js";
import { trackLists } from "./track-lists.js";
import { trackTopKeywords } from "./track-top.js";

function load(text: string): LoadResult {
  return loadConfig({ path: "/c", loader: memoryLoader({ "/c": text }), hostName: "box.example" });
}

/** The configuration as text; of an instance what this test gives it. */
function print(config: Config): string {
  const tables = { ...trackTopKeywords, ...groupTopKeywords };
  const instances = config.vrrp?.instances ?? [];
  return renderStatements(printBlock(tables, config)) + instances.map(printInstance).join("");
}

function printInstance(instance: VrrpInstanceConfig): string {
  return [
    `vrrp_instance ${instance.name} {`,
    `interface ${instance.interface}`,
    `virtual_router_id ${instance.virtualRouterId}`,
    `priority ${instance.basePriority}`,
    `state ${instance.wantedState}`,
    instance.preempt ? "preempt" : "nopreempt",
    `down_timer_adverts ${instance.downTimerAdverts}`,
    renderStatements(printBlock(trackLists, instance)),
    "}\n",
  ].join("\n");
}

const names = ["a", "b", '"a b"', '"#c"', '"d{"', "é", "a-name-of-more-than-thirty-one-letters"];
const words = [
  ...["0", "1", "-1", "3", "254", "-254", "253", "255", "0.5", "0.0005", "4294", "1000", "20000"],
  ...["x", "reverse", "noreverse", "overwrite", "initial", "partial", "on", "off", "/bin/true"],
  ...["192.0.2.1", "2001:db8::1", "eth0", "eth1", "MII", "root", '"/bin/true a  b"', "weight"],
];
const keywords = {
  vrrp_script: ["script", "user", "interval", "timeout", "weight", "rise", "fall", "init_fail"],
  track_file: ["file", "weight", "init_file"],
  vrrp_track_file: ["file", "weight", "init_file"],
  vrrp_track_process: [
    ...["process", "param_match", "weight", "quorum", "quorum_max", "fork_delay"],
    ...["terminate_delay", "delay", "full_command"],
  ],
  bfd_instance: [
    ...["neighbor_ip", "neighbour_ip", "source_ip", "min_rx", "min_tx", "idle_tx", "multiplier"],
    ...["passive", "ttl", "hoplimit", "max_hops", "multihop", "weight", "vrrp", "checker"],
  ],
} as const;
/** Without these a block is left out. */
const needed: Readonly<Record<keyof typeof keywords, string>> = {
  vrrp_script: "script /bin/true",
  track_file: "file /f",
  vrrp_track_file: "file /f",
  vrrp_track_process: "process p",
  bfd_instance: "",
};
const lists = ["track_interface", "track_script", "track_file", "track_process", "track_bfd"];

const word = fc.constantFrom(...words);
const name = fc.constantFrom(...names);

/** A keyword with one word; more come seldom, and a missing one would be fatal. */
function line(keyword: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...keyword), fc.array(word, { minLength: 1, maxLength: 3 }))
    .map(([first, rest]) => [first, ...rest].join(" "));
}

const tracker = fc
  .constantFrom(...(Object.keys(keywords) as (keyof typeof keywords)[]))
  .chain((kind) =>
    fc
      .tuple(name, fc.array(line(keywords[kind]), { maxLength: 6 }), fc.integer({ max: 9, min: 1 }))
      .map(([own, lines, id]) => {
        const address = kind === "bfd_instance" ? `neighbor_ip 198.51.100.${id}` : needed[kind];
        return `${kind} ${own} {\n${[address, ...lines].join("\n")}\n}\n`;
      }),
  );

const reference = fc
  .tuple(fc.constantFrom(...lists), fc.constantFrom(...names, "eth0", "eth1"), fc.array(word))
  .map(([list, own, rest]) => {
    const options = rest.length === 0 ? [] : ["weight", ...rest.slice(0, 2)];
    return `${list} {\n${[own, ...options].join(" ")}\n}\n`;
  });
const references = fc.array(reference, { maxLength: 8 }).map((each) => each.join(""));

const instance = fc
  .tuple(references, fc.constantFrom("", "priority 255", "nopreempt", "down_timer_adverts 1"))
  .map(([track, more]) => `interface eth0\n${more}\n${track}`);
const instances = fc
  .array(instance, { maxLength: 4 })
  .map((each) =>
    each.map((body, id) => `vrrp_instance V${id} {\nvirtual_router_id ${id + 1}\n${body}}\n`),
  );

const member = fc.constantFrom("V0", "V1", "V2", "V3", "W");
const group = fc
  .tuple(
    name,
    fc.array(member),
    references,
    line(["notify_master", "notify", "smtp_alert", "sync_group_tracking_weight", "nosuch"]),
  )
  .map(([own, members, track, more]) => {
    return `vrrp_sync_group ${own} {\ngroup {\n${members.join("\n")}\n}\n${track}${more}\n}\n`;
  });
const interfaces = fc
  .tuple(
    line(["garp_interval", "gna_interval"]),
    fc.constantFrom("eth0", "eth1", "eth0 eth1"),
    fc.constantFrom("1", "5 0.5", "0.000001 255", "x"),
    fc.constantFrom("", "MII", "ETHTOOL", "x"),
  )
  .map(([interval, device, delays, method]) => {
    const [first = "eth0"] = device.split(" ");
    return [
      `garp_group {\n${interval}\ninterfaces {\n${device}\n}\n}`,
      `interface_up_down_delays {\n${first} ${delays}\n}`,
      `linkbeat_interfaces {\n${first} ${method}\n}\n`,
    ].join("\n");
  });

const configuration = fc
  .tuple(
    fc.array(tracker, { maxLength: 8 }),
    instances,
    fc.array(group, { maxLength: 3 }),
    fc.array(interfaces, { maxLength: 2 }),
  )
  .map((parts) => parts.flat().join(""));

test("what is printed of trackers and groups reads back to the same", () => {
  let count = 0;
  fc.assert(
    fc.property(configuration, (text) => {
      const { config, diagnostics } = load(text);
      assert.ok(diagnostics.every((each) => each.code !== "SCHEMA_MISMATCH"));
      if (config === undefined) return;
      count += config.tracking.scripts.length + (config.vrrp?.syncGroups.length ?? 0);
      const printed = print(config);
      const again = load(printed);
      assert.deepEqual(again.config, config, printed);
    }),
    { numRuns: 2000 },
  );
  assert.ok(count > 100, "the texts must make something");
});

function repeat(count: number, one: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => one(index)).join("");
}

const many = 10_000;
const instanceOf = (body: string, id = 1): string =>
  `vrrp_instance V${id} {\ninterface eth0\nvirtual_router_id ${(id % 255) + 1}\n${body}}\n`;
const script = (index: number): string => `vrrp_script s${index} {\nscript /bin/true\n}\n`;

/** What is at stake is that time stays linear. */
const hostile: Readonly<Record<string, string>> = {
  "names that nothing has":
    repeat(many, script) + instanceOf(`track_script {\n${repeat(many, (i) => `t${i}\n`)}}\n`),
  "names further down":
    instanceOf(`track_script {\n${repeat(many, (i) => `s${i}\n`)}}\n`) + repeat(many, script),
  "one list of many":
    repeat(many, script) + instanceOf(`track_script {\n${repeat(many, (i) => `s${i}\n`)}}\n`),
  "members that are not there":
    `vrrp_sync_group G {\ngroup {\n${repeat(many, (i) => `W${i}\n`)}}\n}\n` +
    repeat(many, (i) => instanceOf("", i)),
  "groups of one": repeat(
    many,
    (i) => `vrrp_sync_group G${i} {\ngroup {\nV${i}\n}\n}\n${instanceOf("", i)}`,
  ),
  "interfaces in many lists":
    repeat(many, (i) => `garp_group {\ngarp_interval 1\ninterface i${i}\n}\n`) +
    `interface_up_down_delays {\n${repeat(many, (i) => `i${i} 1\n`)}}\n` +
    instanceOf(`track_interface {\n${repeat(many, (i) => `i${i}\n`)}}\n`),
  "neighbours by the thousand": repeat(
    many,
    (i) => `bfd_instance b${i} {\nneighbor_ip 10.0.${i >> 8}.${i & 255}\n}\n`,
  ),
};

for (const [what, text] of Object.entries(hostile)) {
  test(`loadConfig() gets through thousands of names: ${what}`, { timeout: 20_000 }, () => {
    const { diagnostics } = load(text);
    assert.ok(diagnostics.length <= 3 * diagnosticsMax + 1);
    assert.ok(diagnostics.every((each) => each.code !== "SCHEMA_MISMATCH"));
  });
}
