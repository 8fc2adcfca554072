// name-watch.ts with a DNS of the test's and a clock of the test's.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { NameAnswer } from "@keepalived-ts/shared-config/ipc/messages";
import type { WatchedName } from "../core/named-servers.js";
import { type NameRecord, NameWatch } from "./name-watch.js";

const web: WatchedName = { name: "web.example.org", family: 4 };

class World {
  readonly told: string[] = [];
  readonly failures: string[] = [];
  readonly asked: string[] = [];
  /** By name; an error is thrown, a promise waited for. */
  readonly zone: Map<string, readonly NameRecord[] | Error | Promise<never>> = new Map();
  readonly watch: NameWatch;
  readonly #context: TestContext;

  constructor(context: TestContext) {
    this.#context = context;
    context.mock.timers.enable({ apis: ["setTimeout"] });
    this.watch = new NameWatch(
      {
        resolved: ({ name, addresses }: NameAnswer) =>
          this.told.push(`${name} ${addresses.join(" ")}`),
        failed: (text) => this.failures.push(text),
      },
      async ({ name }) => {
        this.asked.push(name);
        const found = await this.zone.get(name);
        if (found === undefined || found instanceof Error) throw found ?? new Error("none");
        return found;
      },
    );
  }

  async pass(seconds: number): Promise<void> {
    this.#context.mock.timers.tick(seconds * 1000);
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }
}

function records(ttl: number, ...addresses: readonly string[]): NameRecord[] {
  return addresses.map((address) => ({ address, ttl }));
}

test("an answer is told in order, each address once, and what is none is left out", async (t) => {
  const world = new World(t);
  const hostile = ["0.0.0.0", "224.0.0.1", "nonsense"];
  world.zone.set(web.name, records(30, "10.0.0.2", "10.0.0.1", "10.0.0.2", ...hostile));
  world.watch.watch([web]);
  await world.pass(0);
  assert.deepEqual(world.told, ["web.example.org 10.0.0.1 10.0.0.2"]);
});

test("an expired answer is asked for again, within bounds; only news is told", async (t) => {
  const world = new World(t);
  world.zone.set(web.name, records(30, "10.0.0.1"));
  world.watch.watch([web]);
  await world.pass(0);
  await world.pass(29);
  assert.equal(world.asked.length, 1);
  world.zone.set(web.name, records(0, "10.0.0.1"));
  await world.pass(1);
  assert.equal(world.asked.length, 2);
  await world.pass(4);
  assert.equal(world.asked.length, 2);
  world.zone.set(web.name, records(86_400, "10.0.0.3"));
  await world.pass(1);
  await world.pass(60);
  assert.equal(world.asked.length, 4);
  assert.deepEqual(world.told, ["web.example.org 10.0.0.1", "web.example.org 10.0.0.3"]);
});

test("a failure keeps the last answer, is told once, and is tried again", async (t) => {
  const world = new World(t);
  world.zone.set(web.name, records(5, "10.0.0.1"));
  world.watch.watch([web]);
  await world.pass(0);
  world.zone.set(web.name, Object.assign(new Error("no"), { code: "ENOTFOUND" }));
  for (let i = 0; i < 3; i++) await world.pass(5);
  assert.equal(world.asked.length, 4);
  assert.deepEqual(world.failures, [
    "Cannot find an IPv4 address of web.example.org: ENOTFOUND; its servers stay, trying again",
  ]);
  world.zone.set(web.name, records(5, "10.0.0.1"));
  await world.pass(5);
  assert.deepEqual(world.told, ["web.example.org 10.0.0.1"]);
  world.zone.set(web.name, []);
  await world.pass(5);
  assert.deepEqual(world.told.length, 1, "nothing is no answer");
});

test("a name watched no more is not asked for, and a late answer counts for nothing", async (t) => {
  const world = new World(t);
  world.zone.set(web.name, records(5, "10.0.0.1"));
  world.watch.watch([web]);
  world.watch.watch([]);
  await world.pass(60);
  assert.deepEqual(world.told, []);
  assert.equal(world.asked.length, 1);
});

test("a few names are asked for at a time; those that hang hold their places only", async (t) => {
  const world = new World(t);
  const names = Array.from(
    { length: 30 },
    (_, i): WatchedName => ({ name: `n${i}.org`, family: 4 }),
  );
  for (const { name } of names.slice(0, 10)) world.zone.set(name, new Promise(() => undefined));
  for (const { name } of names.slice(10)) world.zone.set(name, records(60, "10.0.0.1"));
  world.watch.watch(names);
  assert.equal(world.asked.length, 16);
  for (let i = 0; i < 10; i++) await world.pass(0);
  assert.equal(world.told.length, 20);
});
