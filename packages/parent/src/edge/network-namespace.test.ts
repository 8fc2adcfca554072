// Where the configuration is read: here, or in the namespace that it or the command line names.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { buildConfig } from "../testing/builders.js";
import type { ReadRequest } from "./config-source.js";
import type { Host } from "./daemon.js";
import { readInNamespace, withNamespace } from "./network-namespace.js";

const request: ReadRequest = {
  ...{ path: "/etc/keepalived/keepalived.conf", configId: undefined },
  ...{ purpose: "start", isStrict: false },
};

function configured(netNamespace: string | undefined, netNamespaceIpvs = netNamespace): Config {
  const config = buildConfig("vrrp");
  return { ...config, global: { ...config.global, netNamespace, netNamespaceIpvs } };
}

/** Reads `config`, of which an interface is there in namespace `home` only; tells what happened. */
async function read(config: Config, home: string, override?: string): Promise<string[]> {
  const told: string[] = [];
  let place = "here";
  const host: Host = {
    modules: { vrrp: "", checker: "" },
    program: [],
    readConfig: ({ assumesLinks = false }) => {
      const isUsable = assumesLinks || place === home;
      told.push(`${assumesLinks ? "peek" : "read"} in ${place}: ${isUsable ? "good" : "bad"}`);
      return { config: isUsable ? config : undefined, diagnostics: [] };
    },
  };
  await readInNamespace(host, request, override, async (name) => {
    told.push(`enter ${name}`);
    place = name;
  });
  return told;
}

test("readInNamespace() reads once where no namespace is named", async () => {
  assert.deepEqual(await read(configured(undefined), "here"), ["read in here: good"]);
});

test("readInNamespace() reads again in the namespace that the configuration names", async () => {
  assert.deepEqual(await read(configured("blue"), "blue"), [
    ...["read in here: bad", "peek in here: good"],
    ...["enter blue", "read in blue: good"],
  ]);
});

test("readInNamespace() goes where the command line says", async () => {
  const told = ["enter red", "read in red: good"];
  assert.deepEqual(await read(configured("blue"), "red", "red"), told);
});

test("withNamespace() outdoes the configuration, IPVS goes along unless it has its own", () => {
  const global = (config: Config): unknown[] => {
    const outdone = withNamespace({ config, diagnostics: [] }, "red").config?.global;
    return [outdone?.netNamespace, outdone?.netNamespaceIpvs, outdone?.usePidDirectory];
  };
  assert.deepEqual(global(configured("blue")), ["red", "red", true]);
  assert.deepEqual(global(configured("blue", "green")), ["red", "green", true]);
  assert.deepEqual(global(configured("blue", "")), ["red", "", true]);
});
