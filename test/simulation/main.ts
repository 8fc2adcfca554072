// The command behind scripts/simulate: runs seeds in a row, prints a failing one with the end of
// its trace, and exits with 1 then.

import { parseArgs } from "node:util";
import { exploreModel } from "./model.js";
import { modelCases } from "./model-cases.js";
import { runSeed } from "./run.js";

const usage =
  "usage: scripts/simulate [--seeds N] [--seed FIRST] [--first-failure] [--verbose]\n" +
  "       scripts/simulate --model [--harm N]";

function main(): number {
  const values = readOptions();
  if (values === undefined || values.help) {
    console.error(usage);
    return values === undefined ? 2 : 0;
  }

  if (values.model) return searchModel(Number(values.harm));
  const count = Number(values.seeds);
  const first = Number(values.seed);
  if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(first) || first < 0) {
    console.error(usage);
    return 2;
  }
  return simulate(first, count, values["first-failure"], values.verbose);
}

const options = {
  help: { type: "boolean", short: "h", default: false },
  seeds: { type: "string", default: "2000" },
  seed: { type: "string", default: "1" },
  "first-failure": { type: "boolean", default: false },
  verbose: { type: "boolean", default: false },
  model: { type: "boolean", default: false },
  harm: { type: "string", default: "2" },
} as const;

/** Undefined, after a word about it, when there is one that nobody knows. */
function readOptions():
  | ReturnType<typeof parseArgs<{ options: typeof options }>>["values"]
  | undefined {
  try {
    return parseArgs({ options }).values;
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : thrown);
    return undefined;
  }
}

/** Every order of events of the small cases, with so many faults and losses in one history. */
function searchModel(harm: number): number {
  if (!Number.isSafeInteger(harm) || harm < 0) {
    console.error(usage);
    return 2;
  }
  let failed = 0;
  for (const each of modelCases) {
    const startedAt = performance.now();
    const found = exploreModel({ ...each, faultsMax: harm, lossesMax: harm });
    const took = ((performance.now() - startedAt) / 1000).toFixed(1);
    const size = `${found.states} states, ${found.transitions} transitions, depth ${found.depth}`;
    console.log(
      `${each.name}: ${size}, ${found.isComplete ? "complete" : "not complete"}, ${took} s`,
    );
    if (found.violation === null) continue;
    failed += 1;
    console.log(`  ${found.violation}`);
    for (const choice of found.history) console.log(`  ${choice}`);
  }
  return failed === 0 ? 0 : 1;
}

function simulate(
  first: number,
  count: number,
  isFirstEnough: boolean,
  isVerbose: boolean,
): number {
  const startedAt = performance.now();
  let failed = 0;
  let steps = 0;
  let simulatedUs = 0;
  for (let seed = first; seed < first + count; seed++) {
    const outcome = runSeed(seed, isVerbose ? 400 : 40);
    steps += outcome.steps;
    simulatedUs += outcome.simulatedUs;
    if (outcome.violation === null) continue;
    failed++;
    console.log(`seed ${seed}: ${outcome.violation}`);
    if (failed === 1 || isVerbose) for (const line of outcome.trace) console.log(`  ${line}`);
    console.log(`  again with: scripts/simulate --seed ${seed} --seeds 1 --verbose`);
    if (isFirstEnough) break;
  }
  const took = ((performance.now() - startedAt) / 1000).toFixed(1);
  const hours = (simulatedUs / 3.6e9).toFixed(1);
  console.log(
    `${count} seeds, ${failed} failed, ${steps} steps, ${hours} hours simulated in ${took} s`,
  );
  return failed === 0 ? 0 : 1;
}

process.exitCode = main();
