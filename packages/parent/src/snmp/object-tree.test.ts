// Finding objects: exactly, the next one, in bulk; and what a set is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { agentxError } from "./agentx-types.js";
import { answerRead, testSet } from "./answer.js";
import { ObjectTree, placed } from "./object-tree.js";
import { compareOids, oidText } from "./oid.js";
import { integer } from "./values.js";

interface Change {
  readonly row: number;
  readonly to: number;
}

/** Column 1 is there for odd rows only; column 3 can be set. */
function treeOf(entry: readonly number[], indexes: readonly (readonly number[])[]) {
  return placed<number, Change>({
    entry,
    columns: {
      1: (row) => (row % 2 === 1 ? integer(row) : undefined),
      3: {
        read: (row) => integer(-row),
        write: (row, value) =>
          value.type === "integer" ? { row, to: value.value } : { error: agentxError.wrongType },
      },
    },
    rows: () => indexes.map((index, row) => ({ index, row })),
  });
}

const tree = new ObjectTree<Change>([
  ...treeOf([1, 2], [[5, 1], [5], [4, 9]]),
  ...treeOf([1, 1], [[0]]),
]);
const header = { sessionId: 1, transactionId: 1, packetId: 1 };

function walk(start: readonly number[], end: readonly number[] = []): string[] {
  const found: string[] = [];
  let at = start;
  for (;;) {
    const next = tree.next({ start: at, isIncluded: false, end });
    if (next === undefined) return found;
    found.push(oidText(next.oid));
    at = next.oid;
  }
}

const all = ["1.1.3.0", "1.2.1.5", "1.2.3.4.9", "1.2.3.5", "1.2.3.5.1"];

test("ObjectTree walks every object in order, up to an end", () => {
  assert.deepEqual(walk([]), all);
  assert.deepEqual(walk([1, 2]), all.slice(1));
  assert.deepEqual(walk([1, 2], [1, 2, 3]), ["1.2.1.5"]);
  assert.deepEqual(walk([1, 2, 3, 4, 9, 1]), ["1.2.3.5", "1.2.3.5.1"]);
  assert.deepEqual(walk([1, 2, 2, 99]), all.slice(2));
  assert.deepEqual(walk([2]), []);
  assert.equal(
    oidText(tree.next({ start: [1, 2, 1, 5], isIncluded: true, end: [] })?.oid ?? []),
    "1.2.1.5",
  );
});

test("ObjectTree tells what is no object from what is no instance of one", () => {
  assert.equal(tree.get([1, 2, 2, 5]), "noSuchObject");
  assert.equal(tree.get([1, 2, 1, 4, 9]), "noSuchInstance");
  assert.equal(tree.get([1, 2, 3]), "noSuchInstance");
  const found = tree.get([1, 2, 3, 5, 1]);
  assert.ok(typeof found !== "string");
  assert.deepEqual(found.value, integer(-0));
});

test("ObjectTree's next object is the first of all that come behind", () => {
  const number = fc.integer({ min: 0, max: 6 });
  fc.assert(
    fc.property(fc.array(number, { maxLength: 6 }), (start) => {
      const next = tree.next({ start, isIncluded: false, end: [] });
      const expected = all.find((each) => compareOids(each.split(".").map(Number), start) > 0);
      assert.equal(next && oidText(next.oid), expected);
    }),
  );
});

test("answerRead() repeats what is to be repeated, until nothing is left or it is enough", () => {
  const range = (start: number[]) => ({ start, isIncluded: false, end: [] });
  const ranges = [range([1]), range([1, 2, 3])];
  const answer = answerRead(
    { type: "getBulk", header, nonRepeaters: 1, maxRepetitions: 9, ranges },
    tree,
  );
  assert.deepEqual(
    answer.varbinds.map(({ oid, value }) => `${oidText(oid)} ${value.type}`),
    [
      "1.1.3.0 integer",
      "1.2.3.4.9 integer",
      "1.2.3.5 integer",
      "1.2.3.5.1 integer",
      "1.2.3.5.1 endOfMibView",
    ],
  );
  const many = { type: "getBulk", header, nonRepeaters: 0, maxRepetitions: 65_535 } as const;
  const greedy = answerRead(
    { ...many, ranges: Array.from({ length: 900 }, () => range([])) },
    tree,
  );
  assert.ok(greedy.varbinds.length <= 2_000, `${greedy.varbinds.length} variables`);
});

test("testSet() wants all of it to be possible", () => {
  const good = { oid: [1, 2, 3, 5], value: integer(7) };
  assert.deepEqual(testSet([good], tree), { ok: true, changes: [{ row: 1, to: 7 }] });
  const cases = [
    [{ oid: [1, 2, 3, 9], value: integer(7) }, agentxError.noCreation],
    [{ oid: [1, 2, 1, 5], value: integer(7) }, agentxError.notWritable],
    [{ oid: [1, 2, 3, 5], value: { type: "null" } }, agentxError.wrongType],
  ] as const;
  for (const [bad, error] of cases) {
    const tested = testSet([good, bad], tree);
    assert.ok(!tested.ok);
    assert.deepEqual([tested.response.error, tested.response.index], [error, 2]);
  }
});
