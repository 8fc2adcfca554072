// Fills the section OPTIONS of keepalived.8, read from stdin, with what the program itself knows of
// its options: a page that is kept by hand forgets one.

import { readFileSync } from "node:fs";
import { optionSyntax, optionTable } from "../../packages/parent/dist/cli-options.js";

const PLACE = /^\.\\" OPTIONS$/m;

function escaped(text) {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
}

const page = readFileSync(0, "utf8");
if (!PLACE.test(page)) throw new Error('Cannot find the line .\\" OPTIONS in the manual page');
const options = optionTable.map(
  (option) => `.TP\n.B ${escaped(optionSyntax(option).trim())}\n${escaped(option.help)}`,
);
process.stdout.write(page.replace(PLACE, () => options.join("\n")));
