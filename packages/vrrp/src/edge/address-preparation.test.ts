// Getting addresses ready: all of them, in small portions, and anew when something has changed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { instanceOf } from "../core/fixtures.js";
import { AddressPreparation } from "./address-preparation.js";
import { addresses } from "./fixtures.js";

class Turns {
  readonly prepared: string[] = [];
  readonly preparation = new AddressPreparation(
    (task) => void this.#tasks.push(task),
    (instance, { address }) => void this.prepared.push(`${instance} ${address}`),
  );
  #tasks: (() => void)[] = [];

  /** One turn of the event loop; false if there was nothing to do in it. */
  turn(): boolean {
    const tasks = this.#tasks.splice(0);
    for (const task of tasks) task();
    return tasks.length > 0;
  }

  all(): string[] {
    while (this.turn());
    return this.prepared;
  }
}

test("AddressPreparation prepares the addresses of all instances in their order", () => {
  const turns = new Turns();
  turns.preparation.start([
    instanceOf({ name: "A", virtualAddresses: addresses(1), excludedAddresses: addresses(1, 101) }),
    instanceOf({ name: "B", virtualAddresses: addresses(1, 2), excludedAddresses: [] }),
  ]);
  assert.deepEqual(turns.prepared, []);
  assert.deepEqual(turns.all(), ["A 192.0.2.1", "A 192.0.2.101", "B 192.0.2.2"]);
});

test("AddressPreparation leaves most addresses to later turns of the event loop", () => {
  const turns = new Turns();
  const virtualAddresses = addresses(200);
  turns.preparation.start([instanceOf({ virtualAddresses, excludedAddresses: [] })]);
  turns.turn();
  assert.ok(turns.prepared.length > 0 && turns.prepared.length < 50);
  assert.equal(turns.all().length, 200);
});

test("AddressPreparation begins again when something has changed, and once only", () => {
  const turns = new Turns();
  turns.preparation.start([
    instanceOf({ name: "A", virtualAddresses: addresses(2), excludedAddresses: [] }),
  ]);
  turns.preparation.start([
    instanceOf({ name: "B", virtualAddresses: addresses(2), excludedAddresses: [] }),
  ]);
  turns.preparation.restart();
  assert.deepEqual(turns.all(), ["B 192.0.2.1", "B 192.0.2.2"]);
  turns.preparation.restart();
  assert.equal(turns.all().length, 4);
});
