// Passwords of version 2 between our daemon and Debian's keepalived: the right one is accepted both
// ways, a wrong or missing one both ways refused, so that both routers go on as if alone.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readStatistics } from "../lab/daemon.js";
import { waitFor } from "../lab/wait.js";
import { expectNothingRejected, Pair, patienceMs, REJECTED, VIP } from "./pair.js";

const ADVERT_INTERVAL_S = 1;
const LIMIT_MS = patienceMs(ADVERT_INTERVAL_S);

describe("PASS authentication with Debian's keepalived", { concurrency: 6 }, () => {
  for (const name of ["ours", "peer"] as const) {
    it(`the same password on both sides: one holder, ${name} being higher`, async (t) => {
      const pair = await Pair.create(t, { label: "pass" });
      const high = pair.side(name);
      high.start({ version: 2, priority: 150, password: "secret12" });
      pair.other(high).start({ version: 2, priority: 100, password: "secret12" });
      await pair.settledAt(high, LIMIT_MS);
      await expectNothingRejected(pair);
    });
  }

  const refusals = [
    { title: "other passwords", ours: "secret12", peer: "secret13", counter: "Failure" },
    {
      title: "a password on our side only",
      ours: "secret12",
      peer: null,
      counter: "Type Mismatch",
    },
    {
      title: "a password on the peer's side only",
      ours: null,
      peer: "secret12",
      counter: "Type Mismatch",
    },
  ] as const;
  for (const { title, ours, peer, counter } of refusals) {
    it(`${title}: each refuses the other's adverts`, async (t) => {
      const pair = await Pair.create(t, { label: "refuse" });
      const start = { version: 2, priority: 100 } as const;
      pair.ours.start({ ...start, ...(ours === null ? {} : { password: ours }) });
      pair.peer.start({ ...start, ...(peer === null ? {} : { password: peer }) });
      await pair.ours.watch.waitFor(VIP, true, LIMIT_MS);
      await pair.peer.watch.waitFor(VIP, true, LIMIT_MS);
      await waitFor("our daemon to say so", () => REJECTED.test(pair.ours.log()), LIMIT_MS);
      const name = `VI_1/Authentication Errors/${counter}`;
      const refused = async (): Promise<boolean> =>
        ((await readStatistics(pair.peer.daemon)).get(name) ?? 0) > 0;
      await waitFor("the peer to count it", refused, LIMIT_MS);
      assert.doesNotMatch(pair.ours.log(), /secret1/, "a password is never logged");
      assert.equal(await pair.ours.host.holds(VIP), true);
      assert.equal(await pair.peer.host.holds(VIP), true);
    });
  }
});
