// Elections between our daemon and Debian's keepalived: every order of start, priority above, below
// and equal, both versions. One holder comes out, the right one, and each accepts the other's
// adverts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { doubleLimitUs, expectNothingRejected, Pair, patienceMs, VIP } from "./pair.js";

type Name = "ours" | "peer";
type Order = "ours first" | "peer first" | "together";

interface Case {
  readonly version: 2 | 3;
  readonly advertInterval: number;
  readonly order: Order;
  readonly priorities: Readonly<Record<Name, number>>;
  readonly higherAddress: Name;
}

const ORDERS: readonly Order[] = ["ours first", "peer first", "together"];
const PRIORITIES = [
  { ours: 150, peer: 100 },
  { ours: 100, peer: 150 },
  { ours: 100, peer: 100 },
] as const;
const VERSIONS = [
  { version: 2, advertInterval: 1 },
  { version: 3, advertInterval: 0.2 },
] as const;

function cases(): readonly Case[] {
  return VERSIONS.flatMap((timing) =>
    ORDERS.flatMap((order) =>
      PRIORITIES.flatMap((priorities) =>
        (["ours", "peer"] as const)
          // The address decides a tie only.
          .filter((name) => priorities.ours === priorities.peer || name === "peer")
          .map((higherAddress) => ({ ...timing, order, priorities, higherAddress })),
      ),
    ),
  );
}

/** Who has to win; null when the start decides by chance. */
function winner({ order, priorities }: Case): Name | null {
  if (priorities.ours !== priorities.peer) {
    return priorities.ours > priorities.peer ? "ours" : "peer";
  }
  // Equal priority does not preempt (RFC 9568 section 6.4.2, 450).
  if (order === "together") return null;
  return order === "ours first" ? "ours" : "peer";
}

async function startInOrder(pair: Pair, { order, ...test }: Case): Promise<void> {
  const start = (name: Name): void =>
    pair.side(name).start({ ...test, priority: test.priorities[name] });
  const first = order === "peer first" ? "peer" : "ours";
  const second = first === "ours" ? "peer" : "ours";
  start(first);
  if (order !== "together") {
    await pair.settledAt(pair.side(first), patienceMs(test.advertInterval));
  }
  start(second);
}

function title(test: Case): string {
  const { version, order, priorities, higherAddress } = test;
  const tie = priorities.ours === priorities.peer ? `, higher address: ${higherAddress}` : "";
  return `v${version}, ${order}, priority ${priorities.ours} to ${priorities.peer}${tie}`;
}

describe("one holder after an election with Debian's keepalived", { concurrency: 6 }, () => {
  for (const test of cases()) {
    it(title(test), async (t) => {
      const pair = await Pair.create(t, { label: "election", ...test });
      await startInOrder(pair, test);
      const wanted = winner(test);
      const limitMs = patienceMs(test.advertInterval);
      if (wanted === null) {
        // Whoever wins: wait for one to become master at all, then for both to agree.
        await pair.settled(limitMs);
      } else {
        await pair.settledAt(pair.side(wanted), limitMs);
      }
      const doubleUs = pair.longestDoubleUs();
      assert.ok(doubleUs <= doubleLimitUs(test.advertInterval), `two holders for ${doubleUs} us`);
      await expectNothingRejected(pair);
    });
  }
});

describe("adverts of each side are accepted by the other", { concurrency: 2 }, () => {
  for (const { version, advertInterval } of VERSIONS) {
    it(`v${version}: a preempted master gives way, whichever side it is on`, async (t) => {
      const pair = await Pair.create(t, { label: "accept" });
      const limitMs = patienceMs(advertInterval);
      for (const name of ["ours", "peer"] as const) {
        const low = pair.side(name);
        const high = pair.other(low);
        low.start({ version, advertInterval, priority: 50 });
        await pair.settledAt(low, limitMs);
        high.start({ version, advertInterval, priority: 200 });
        await pair.settledAt(high, limitMs);
        await low.watch.waitFor(VIP, false);
        await low.daemon.stop();
        await high.daemon.stop();
      }
      assert.ok(pair.longestDoubleUs() <= doubleLimitUs(advertInterval));
    });
  }
});
