// Entry of the demonstration: prints the story and ends with status 0 only if all of it came true.

import { errorText } from "@keepalived-ts/shared-config/base/error";
import { runKeepalivedTs } from "../lab/daemon.js";
import { PICTURE, summaryLines, tellStory } from "./story.js";
import { Terminal } from "./terminal.js";

const NO_COLOR = process.env["NO_COLOR"] ?? "";
const hasColour = process.stdout.isTTY === true && NO_COLOR === "";
const terminal = new Terminal((text) => process.stdout.write(text), hasColour);

if (process.getuid?.() !== 0) {
  process.stderr.write("Cannot show the demonstration: want to be root, for network namespaces\n");
  process.exit(1);
}
terminal.line("keepalived-ts: two routers, a client, and the death of a master", "bold");
terminal.line();
for (const line of PICTURE) terminal.line(`  ${line}`);
try {
  const result = await tellStory(terminal, runKeepalivedTs);
  terminal.line("\nWithout an answer for the client:", "bold");
  for (const line of summaryLines(result)) terminal.line(`  ${line}`);
  terminal.line("\nAll as it should be; nothing is left behind", "good");
} catch (error) {
  terminal.line(`\nFAILED: ${errorText(error)}`, "bad");
  process.exitCode = 1;
}
