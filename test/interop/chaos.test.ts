// Random harm to three routers: whatever it was, once it stops there is one master, the best, no
// process and no descriptor too many, and no error of ours in a log.
//
// KEEPALIVED_CHAOS_MINUTES says for how long (half a minute by default), KEEPALIVED_CHAOS_SEED has
// a run again as far as its harms go.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Chaos } from "./chaos.js";

const minutes = Number(process.env["KEEPALIVED_CHAOS_MINUTES"] ?? "0.5");
const seed = Number(process.env["KEEPALIVED_CHAOS_SEED"] ?? Date.now() % 1_000_000);
const roundsMin = 3;

test("three routers survive what is done to them", async (t) => {
  const chaos = await Chaos.start(seed);
  t.after(() => chaos.lab.close());
  const endAt = performance.now() + minutes * 60_000;
  let rounds = 0;
  try {
    while (rounds < roundsMin || performance.now() < endAt) {
      await chaos.round();
      rounds += 1;
    }
    await chaos.stop();
  } catch (thrown) {
    const history = chaos.history.slice(-30).join(", ");
    assert.fail(`seed ${seed}, round ${rounds}, after ${history}: ${thrown}\n${chaos.logs()}`);
  }
  t.diagnostic(`seed ${seed}: ${rounds} rounds, ${chaos.history.length} events`);
});
