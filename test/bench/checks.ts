// Health checks and IPVS, ours and keepalived's, each in a User Mode Linux of its own with one
// processor: there alone both can be had with a kernel that has IPVS.

import { fileURLToPath } from "node:url";
import { runInUml } from "../lab/uml.js";
import type { ChecksQuestion } from "./checks-guest.js";
import type { Contender, Measured, Series } from "./contenders.js";

const program = fileURLToPath(new URL("./checks-guest.js", import.meta.url));

const titles: Readonly<Record<ChecksQuestion, string>> = {
  tcp: "1,000 TCP_CHECK a second",
  http: "1,000 HTTP_GET a second",
  removal: "a server's port closes",
  programming: "IPVS from empty",
  addition: "IPVS by a reload",
  reload: "IPVS reload",
};

async function measure({ command }: Contender, question: ChecksQuestion): Promise<Measured> {
  const { status, stdout, stderr } = await runInUml({
    argv: [process.execPath, program, command, question],
    memoryMb: 1024,
    timeoutS: 180,
  });
  if (status !== 0) throw new Error(`Cannot measure ${titles[question]}: ${stderr.slice(-2000)}`);
  return JSON.parse(stdout) as Measured;
}

export function checksSeries(rounds: number): Series[] {
  const questions = Object.keys(titles) as ChecksQuestion[];
  return questions.map((question) => ({
    benchmark: titles[question],
    rounds,
    measure: (contender) => measure(contender, question),
  }));
}
