// Properties of the whole core: whatever happens in whatever order, the invariants hold.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { InstanceSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import { emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import fc from "fast-check";
import { routeOf, ruleOf } from "../testing/routing.js";
import type { VrrpAction } from "./action.js";
import type { VrrpEvent } from "./event.js";
import { instanceOf, linkFact, received, second, virtualAddress } from "./fixtures.js";
import type { Instance } from "./instance.js";
import { createRouter, handle, isFinished, nextDeadline, snapshots } from "./router.js";

const addresses = ["192.0.2.100", "192.0.2.101", "192.0.2.102"].map((text) => virtualAddress(text));

const routes = ["198.51.100.0/24", "203.0.113.0/24"].map((text) => routeOf(text));
const rules = [100, 200].map((preference) => ruleOf(preference, { inputInterface: "eth1" }));

const anyInstance: fc.Arbitrary<VrrpInstanceConfig> = fc
  .record({
    name: fc.constantFrom("VI_1", "VI_2"),
    wantedState: fc.constantFrom("MASTER" as const, "BACKUP" as const),
    basePriority: fc.constantFrom(1, 100, 254, 255),
    preempt: fc.boolean(),
    preemptDelayUs: fc.constantFrom(0, second),
    lowerPriorityNoAdvert: fc.boolean(),
    higherPrioritySendAdvert: fc.boolean(),
    ownerIgnoreAdverts: fc.boolean(),
    trackPrimary: fc.boolean(),
    virtualAddresses: fc.subarray(addresses),
    virtualRoutes: fc.subarray(routes),
    virtualRules: fc.subarray(rules),
    version: fc.constantFrom(2 as const, 3 as const),
    virtualRouterId: fc.constantFrom(51, 52),
  })
  .map(instanceOf);

const anyConfigs: fc.Arbitrary<VrrpInstanceConfig[]> = fc.uniqueArray(anyInstance, {
  selector: ({ name }) => name,
  maxLength: 2,
});

const anyLink = fc
  .record({
    index: fc.constantFrom(2, 3),
    name: fc.constantFrom("eth0", "eth1"),
    isRunning: fc.boolean(),
    ipv4Address: fc.constantFrom(null, "192.0.2.11", "192.0.2.12"),
  })
  .map(linkFact);

const anyAdvert: fc.Arbitrary<VrrpEvent> = fc
  .record({
    config: anyInstance,
    priority: fc.constantFrom(0, 1, 100, 254, 255),
    source: fc.constantFrom("192.0.2.1", "192.0.2.11", "192.0.2.21"),
    ttl: fc.constantFrom(255, 255, 255, 1),
    advertIntervalUs: fc.constantFrom(second, 0, 40_950_000),
  })
  .map(({ config, advertIntervalUs, ...what }) =>
    received(config, { ...what, advert: { advertIntervalUs } }),
  );

const anyEvent: fc.Arbitrary<VrrpEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<VrrpEvent>({ type: "deadlineReached" }) },
  { weight: 5, arbitrary: anyAdvert },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("VI_1", "VI_2")
      .map((instance): VrrpEvent => ({ type: "holdingLost", instance, what: "it was removed" })),
  },
  { weight: 2, arbitrary: anyLink.map((link): VrrpEvent => ({ type: "linkChanged", link })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(2, 3).map((index): VrrpEvent => ({ type: "linkRemoved", index })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(anyConfigs, fc.array(anyLink, { maxLength: 2 }))
      .map(([instances, links]): VrrpEvent => configuredBy(instances, links, [])),
  },
);

function configuredBy(
  instances: readonly VrrpInstanceConfig[],
  links: Parameters<typeof linkFact>[0][],
  resume: readonly InstanceSnapshot[],
): VrrpEvent {
  return {
    type: "configured",
    config: { ...emptyVrrpConfig, instances },
    links: links.map((link) => linkFact(link)),
    resume,
    trackers: [],
  };
}

/** What each instance holds according to the orders given. */
class Holdings {
  readonly #held: Map<string, Set<string>> = new Map();

  take(actions: readonly VrrpAction[]): void {
    for (const action of actions) {
      if (action.type === "reportInstanceRemoved") {
        assert.deepEqual(this.of(action.instance), [], "a removed instance holds nothing");
      }
      if (action.type === "addAddresses" || action.type === "removeAddresses") {
        this.#change(action.instance, action.addresses, action.type === "addAddresses");
      } else if (action.type === "addRouting" || action.type === "removeRouting") {
        const lines = [...action.routes, ...action.rules];
        this.#change(action.instance, lines, action.type === "addRouting");
      }
    }
  }

  #change(instance: string, objects: readonly object[], isAddition: boolean): void {
    const held = this.#held.get(instance) ?? new Set();
    this.#held.set(instance, held);
    for (const object of objects) {
      if (isAddition) held.add(JSON.stringify(object));
      else held.delete(JSON.stringify(object));
    }
  }

  of(instance: string): string[] {
    return [...(this.#held.get(instance) ?? [])].sort();
  }
}

test("handle() keeps addresses, timers and reports in line with the state, come what may", () => {
  const steps = fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 5 * second })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(anyConfigs, steps, (instances, events) => {
      const router = createRouter({ seed: 7 });
      const holdings = new Holdings();
      const reported = new Map<string, string>();
      let now = 1;
      const take = (event: VrrpEvent): void => {
        const actions = handle(router, event, now);
        holdings.take(actions);
        for (const action of actions) {
          if (action.type !== "reportInstance") continue;
          const { instance, state } = action.snapshot;
          reported.set(instance, state);
        }
        checkInvariants(router, holdings, reported);
      };
      take(configuredBy(instances, [linkFact()], []));
      for (const [event, pause] of events) {
        now += pause;
        take(event);
        const next = nextDeadline(router);
        if (event.type === "deadlineReached") {
          assert.ok(next === undefined || next > now, "every deadline that was due is dealt with");
        }
      }
      take({ type: "stopRequested" });
      now += 5 * second;
      take({ type: "deadlineReached" });
      assert.ok(isFinished(router), "every hand-over ends in time");
      assert.equal(nextDeadline(router), undefined);
    }),
    { numRuns: 500 },
  );
});

function checkInvariants(
  router: ReturnType<typeof createRouter>,
  holdings: Holdings,
  reported: ReadonlyMap<string, string>,
): void {
  let isAnyWaiting = false;
  for (const instance of router.instances.values()) {
    const { name, state, ending } = instance;
    const wanted = state === "MASTER" ? belongings(instance) : [];
    assert.deepEqual(holdings.of(name), wanted, `${name} is ${state}`);
    assert.equal(reported.get(name), state, "the parent knows the state");
    const isArmed = (timer: "advert" | "masterDown" | "handOver"): boolean =>
      router.deadlines.at(instance.timers[timer]) !== undefined;
    assert.equal(isArmed("advert"), state === "MASTER" && ending === null);
    assert.equal(isArmed("handOver"), ending !== null);
    assert.equal(isArmed("masterDown"), state === "BACKUP");
    isAnyWaiting ||= state === "MASTER" || state === "BACKUP";
  }
  for (const instance of router.leaving) {
    const { name, state } = instance;
    const kept = belongings(instance);
    assert.deepEqual([state, holdings.of(name)], ["MASTER", kept], `${name} is leaving`);
    isAnyWaiting = true;
  }
  assert.equal(nextDeadline(router) !== undefined, isAnyWaiting);
}

/** Everything that a MASTER holds. */
function belongings({ addresses: own, config }: Instance): string[] {
  const all = [...own, ...config.virtualRoutes, ...config.virtualRules];
  return all.map((each) => JSON.stringify(each)).sort();
}

test("handle() gives the same orders for the same events", () => {
  const steps = fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 5 * second })), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(anyConfigs, steps, (instances, events) => {
      const play = (): string => {
        const router = createRouter({ seed: 7 });
        let now = 1;
        const all = handle(router, configuredBy(instances, [linkFact()], []), now);
        for (const [event, pause] of events) {
          now += pause;
          // A recording is text: what comes back from it must do the same.
          all.push(...handle(router, JSON.parse(JSON.stringify(event)) as VrrpEvent, now));
        }
        return JSON.stringify([all, snapshots(router)]);
      };
      assert.equal(play(), play());
    }),
    { numRuns: 100 },
  );
});
