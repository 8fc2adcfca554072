// difference.ts: blocks and lines that two texts do not share.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryLoader } from "../testing/memory-loader.js";
import { configDifference } from "./difference.js";
import { loadConfig } from "./load.js";

const instance = (lines: string): string => `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  ${lines}
  virtual_ipaddress {
    192.0.2.7/24
  }
}
`;

function difference(before: string, after: string): ReturnType<typeof configDifference> {
  const [old, now] = [before, after].map((text) => {
    const loader = memoryLoader({ "/k.conf": text });
    return loadConfig({ path: "/k.conf", loader, host: { linkExists: () => true } }).config;
  });
  assert.ok(old && now);
  return configDifference(old, now);
}

test("configDifference() finds nothing where only the writing differs", () => {
  const text = instance("priority 100\n  state MASTER");
  const other = `! a comment\n${instance("state MASTER # here\n\n priority   100")}`;
  assert.deepEqual(difference(text, other), []);
});

test("configDifference() shows the lines of a block that differ, with their blocks", () => {
  const server = (weight: number): string => `virtual_server 192.0.2.7 80 {
    protocol TCP
    real_server 192.0.2.20 80 {
      weight ${weight}
      TCP_CHECK {
      }
    }
  }
  `;
  const found = difference(
    instance("priority 100") + server(1),
    instance("priority 90") + server(2),
  );
  assert.deepEqual(found, [
    {
      block: "vrrp_instance VI_1",
      change: "changed",
      removed: ["priority 100"],
      added: ["priority 90"],
    },
    {
      block: "virtual_server 192.0.2.7 80",
      change: "changed",
      removed: ["real_server 192.0.2.20 80 / weight 1"],
      added: ["real_server 192.0.2.20 80 / weight 2"],
    },
  ]);
});

test("configDifference() conceals secrets, and still tells that they differ", () => {
  const secret = (pass: string): string =>
    instance(`authentication {\n auth_type PASS\n auth_pass ${pass}\n }`);
  const found = difference(secret("first123"), secret("other456"));
  assert.equal(found.length, 1);
  assert.equal(found[0]?.removed.length, 1);
  assert.doesNotMatch(JSON.stringify(found), /first123|other456/);
});

test("configDifference() tells which blocks come and go", () => {
  const other = instance("priority 100").replaceAll("VI_1", "VI_2").replace("51", "52");
  const found = difference(instance("priority 100"), other);
  assert.deepEqual(
    found.map(({ block, change }) => `${block} ${change}`),
    ["vrrp_instance VI_1 removed", "vrrp_instance VI_2 added"],
  );
});
