// A printed command is split into the same arguments again, whatever they hold.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryLoader } from "../testing/memory-loader.js";
import type { ScriptConfig } from "./config-script.js";
import { loadConfig } from "./load.js";
import { printScript } from "./script.js";

const commands: readonly (readonly string[])[] = [
  ["/bin/true"],
  ["/bin/a b", "x y", ""],
  ["/bin/echo", '"a', "'b", "it's 7"],
  ["/bin/echo", "a\\", "\\x41", "\\101", "\\"],
  ["/bin/echo", "two\nlines", "tab\t", "\u0001f", "\u0085"],
  ["/bin/echo", `${"$"}{NAME}`, "$NAME", "$(id)", "`id`"],
  ["/bin/echo", "#", "!", "{", "}", "a#b"],
  ["/bin/echo", "\u00e9'\u00e9", "\u{1f600}"],
  ["~/run", "@home", "~SEQ(i,1,2)"],
];

function readBack(script: ScriptConfig): ScriptConfig | undefined {
  const [printed] = printScript("script")("startup_script", { script });
  const text = `global_defs {\nstartup_script ${printed?.words.join(" ")}\n}\n`;
  const { config } = loadConfig({
    ...{ path: "/c", loader: memoryLoader({ "/c": text }), configId: "main", hostName: "router" },
    purpose: "test",
  });
  return config?.global.startupScript;
}

for (const argv of commands) {
  test(`printScript() writes ${JSON.stringify(argv)} so that it reads back`, () => {
    assert.deepEqual(readBack({ argv, user: "root" }), { argv, user: "root" });
  });
}

test("printScript() writes users and groups so that they read back", () => {
  for (const account of [
    { user: "nobody", group: "nogroup" },
    { user: "DOMAIN\\ha user", group: ":adm", hasSupplementaryGroups: true },
  ]) {
    const script = { argv: ["/bin/true"], ...account };
    assert.deepEqual(readBack(script), script);
  }
});
