// One seed from start to end: chaos, calm, a probe, and again. Returns what went wrong, if
// anything.

import { nextInteger, type RandomState } from "@keepalived-ts/shared-config/base/random";
import { settledMaxUs } from "./bounds.js";
import { brewChaos, calmDown } from "./chaos.js";
import { Checker, checkSettled, Violation } from "./checker.js";
import { probe } from "./probes.js";
import { planScenario } from "./scenario.js";
import { World } from "./world.js";

const rounds = 2;

export interface Outcome {
  readonly seed: number;
  /** Null when every invariant held. */
  readonly violation: string | null;
  readonly trace: readonly string[];
  readonly steps: number;
  readonly simulatedUs: number;
}

/** Runs `seed`; on a violation runs it again to record the trace. */
export function runSeed(seed: number, traceLines: number): Outcome {
  const outcome = attempt(seed, false, 0);
  return outcome.violation === null ? outcome : attempt(seed, true, traceLines);
}

function attempt(seed: number, isTracing: boolean, traceLines: number): Outcome {
  const random: RandomState = { seed };
  const world = new World(planScenario(seed, random), random, isTracing);
  let violation: string | null = null;
  try {
    play(world);
  } catch (thrown) {
    // A throw of the core is as much a find as a violation.
    violation = thrown instanceof Violation ? thrown.message : String(thrown);
  }
  const { steps, time } = world;
  return { seed, violation, trace: world.traceTail(traceLines), steps, simulatedUs: time };
}

function play(world: World): void {
  const { random, scenario } = world;
  const checker = new Checker(world);
  const check = (): void => checker.check();
  for (const host of world.hosts) {
    world.after(nextInteger(random, 0, 4 * scenario.slowestUs), () => {
      if (!host.isRunning) host.start(world.time, false);
    });
  }
  for (let round = 0; round < rounds; round++) {
    const end = world.time + nextInteger(random, 10, 40) * scenario.slowestUs;
    brewChaos(world, end);
    world.runUntil(end, check);
    calmDown(world);
    settle(world, check);
    probe(world, check);
    settle(world, check);
  }
}

function settle(world: World, check: () => void): void {
  world.runUntil(world.time + settledMaxUs(world.scenario), check);
  if (world.hosts.some((host) => host.isAble)) checkSettled(world);
}
