// The deadline table against a plain sorted list.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Deadlines } from "./deadlines.js";

test("Deadlines serves equal instants in the order in which they were set", () => {
  const deadlines = new Deadlines<string>();
  deadlines.set("b", 5);
  deadlines.set("a", 5);
  deadlines.set("c", 1);
  deadlines.set("b", 5);
  const served = [deadlines.takeDue(5), deadlines.takeDue(5), deadlines.takeDue(5)];
  assert.deepEqual(served, ["c", "a", "b"]);
  assert.equal(deadlines.takeDue(5), undefined);
});

test("Deadlines.takeDue() leaves what is not due", () => {
  const deadlines = new Deadlines<string>();
  deadlines.set("later", 10);
  assert.equal(deadlines.takeDue(9.999), undefined);
  assert.equal(deadlines.at("later"), 10);
  assert.equal(deadlines.takeDue(10), "later");
  assert.equal(deadlines.next(), undefined);
});

test("Deadlines agrees with a plain list under any order of operations", () => {
  const operation = fc.record({
    key: fc.integer({ min: 0, max: 12 }),
    at: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const deadlines = new Deadlines<number>();
      const model = new Map<number, number>();
      for (const { key, at } of operations) {
        if (at === undefined) {
          deadlines.clear(key);
          model.delete(key);
        } else {
          deadlines.set(key, at);
          model.set(key, at);
        }
        const earliest = model.size === 0 ? undefined : Math.min(...model.values());
        assert.equal(deadlines.next(), earliest);
        assert.equal(deadlines.size, model.size);
      }
      let last = -1;
      for (let key = deadlines.takeDue(100); key !== undefined; key = deadlines.takeDue(100)) {
        const at = model.get(key);
        assert.ok(at !== undefined && at >= last);
        last = at;
        model.delete(key);
      }
      assert.equal(model.size, 0);
    }),
  );
});
