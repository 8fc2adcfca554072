// The quorum against a second telling of its rules, over every state that up to five servers can be
// in: since each transition depends on the state alone, that covers all orders of events.

import assert from "node:assert/strict";
import { test } from "node:test";
import { quorumAfter, quorumText } from "./quorum.js";

interface Farm {
  readonly weights: readonly number[];
  readonly quorum: number;
  readonly hysteresis: number;
}

/** keepalived's manual in other words: enough is a band, and inside it nothing changes. */
function modelled({ weights, quorum, hysteresis }: Farm, had: boolean, alive: number): boolean {
  let sum = 0;
  for (const [i, weight] of weights.entries()) if ((alive & (1 << i)) !== 0) sum += weight;
  if (sum === 0) return false;
  const isPlenty = sum >= quorum + hysteresis;
  const isTooLittle = sum < quorum - hysteresis;
  return isPlenty || (had && !isTooLittle);
}

function aliveSum({ weights }: Farm, alive: number): number {
  return weights.reduce((sum, weight, i) => sum + ((alive & (1 << i)) !== 0 ? weight : 0), 0);
}

function* farms(): Generator<Farm> {
  for (const weights of [
    [1],
    [0],
    [1, 1],
    [2, 1],
    [1, 1, 1],
    [3, 2, 0],
    [1, 1, 1, 1],
    [4, 3, 2, 1],
    [1, 1, 1, 1, 1],
    [5, 4, 3, 2, 1],
    [2, 2, 0, 0, 3],
  ]) {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (let quorum = 1; quorum <= Math.max(total, 1); quorum++) {
      for (let hysteresis = 0; hysteresis < quorum; hysteresis++) {
        yield { weights, quorum, hysteresis };
      }
    }
  }
}

test("quorumAfter() agrees with the model in every state that events lead to", () => {
  let transitions = 0;
  for (const farm of farms()) {
    const events = farm.weights.length;
    const reached = new Set<number>();
    const todo = [0, 2 ** events - 1].map((alive) => ({ alive, had: false }));
    for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
      const has = quorumAfter(farm, state.had, aliveSum(farm, state.alive));
      assert.equal(has, modelled(farm, state.had, state.alive), JSON.stringify({ farm, state }));
      assert.equal(quorumAfter(farm, has, aliveSum(farm, state.alive)), has, "judging settles");
      const code = state.alive * 2 + Number(has);
      if (reached.has(code)) continue;
      reached.add(code);
      for (let i = 0; i < events; i++) todo.push({ alive: state.alive ^ (1 << i), had: has });
      transitions += events;
    }
  }
  assert.ok(transitions > 10_000, `${transitions} transitions`);
});

test("quorumAfter(): hysteresis 0 forgets, and more weight never loses a quorum", () => {
  for (const farm of farms()) {
    const total = aliveSum(farm, 31);
    for (let weight = 0; weight <= total; weight++) {
      for (const had of [false, true]) {
        const has = quorumAfter(farm, had, weight);
        if (farm.hysteresis === 0) assert.equal(has, quorumAfter(farm, !had, weight));
        if (has) assert.ok(quorumAfter(farm, had, weight + 1));
        if (has) assert.ok(weight > 0, "nobody alive is never a quorum");
      }
    }
  }
});

test("quorumText() writes the comparison as keepalived's log does", () => {
  const rule = { quorum: 3, hysteresis: 1 };
  assert.equal(quorumText(rule, true, 5), "3+1=4 <= 5");
  assert.equal(quorumText(rule, false, 1), "3-1=2 > 1");
});
