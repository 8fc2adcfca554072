// What RouteSocket and RouteMonitor do with routes and rules on a real kernel, iproute2 as the
// witness: steps for whatever guest has a network of its own.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { replayRoutes } from "@keepalived-ts/netops/netlink/kernel-tables";
import { resolveRoute } from "@keepalived-ts/netops/netlink/route-codec";
import {
  expectedRoute,
  hasWantedOptions,
  isSameRoute,
} from "@keepalived-ts/netops/netlink/route-match";
import {
  type KernelRoute,
  type KernelRule,
  RouteMonitor,
  type RouteMonitorOptions,
} from "@keepalived-ts/netops/netlink/route-monitor";
import { type ResolvedRoute, RouteSocket } from "@keepalived-ts/netops/netlink/route-socket";
import { expectedRule, isSameRule, ruleKey } from "@keepalived-ts/netops/netlink/rule-match";
import type { RouteConfig } from "@keepalived-ts/shared-config/schema/config-routes";
import type { Step } from "../lab/steps.js";
import { waitFor } from "../lab/wait.js";
import { hop, prefix, type RouteCase, route, routeCases, rule, ruleCases } from "./route-cases.js";

export function ip(text: string): string {
  return execFileSync("ip", text.split(" "), { encoding: "utf8", maxBuffer: 1 << 26 });
}

export function batch(lines: readonly string[]): void {
  execFileSync("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n` });
}

/** The lines of `ip` with one blank between words, without ids and clocks of the kernel. */
function lines(text: string): string[] {
  return text
    .replaceAll(/\n\s+/g, " ")
    .split("\n")
    .map((line) => line.replaceAll(/\s+/g, " ").replace(/ proto (18|keepalived)\b/, ""))
    .map((line) =>
      line
        .replace(" table main", "")
        .replace(/expires \d+sec/, "expires")
        .trim(),
    )
    .filter((line) => line !== "");
}

function shownRoutes(): string[] {
  return [4, 6].flatMap((family) => lines(ip(`-${family} -d route show table all proto 18`)));
}

function shownRules(): string[] {
  return [4, 6].flatMap((family) =>
    lines(ip(`-${family} -d rule`)).filter((line) => !line.includes("proto kernel")),
  );
}

/** The two interfaces of the cases, and a socket; gone when `use` has ended. */
export async function withNetwork(use: (routes: RouteSocket) => Promise<void>): Promise<void> {
  batch([
    "link set lo up",
    "link add pair0 type veth peer name pair1",
    "link set pair1 up",
    "link set pair0 up",
    "addr add 192.0.2.7/24 dev pair0",
    "addr add 2001:db8::7/64 dev pair0 nodad",
    "addr add 198.51.100.7/24 dev pair1",
    "addr add 2001:db8:ff::7/64 dev pair1 nodad",
  ]);
  const routes = RouteSocket.open();
  try {
    await use(routes);
    const { malformed, overruns, timeouts } = routes.counters;
    assert.deepEqual([malformed, overruns, timeouts], [0, 0, 0]);
  } finally {
    routes.close();
    ip("link del pair0");
    // Those that lead nowhere are on no interface that could take them away.
    for (const family of [4, 6]) ip(`-${family} route flush table all proto 18`);
  }
}

export function resolved(line: RouteConfig): ResolvedRoute {
  const found = resolveRoute(line, {
    interfaceIndex: (name) => Number(ip(`-o link show dev ${name}`).split(":")[0]),
    vrfTable: () => undefined,
  });
  assert.ok(found);
  return found;
}

export function expected(line: RouteConfig): KernelRoute {
  const found = expectedRoute(resolved(line));
  assert.ok(found);
  return found;
}

/** A monitor, and the picture of routes and rules that its words add up to. */
class Picture {
  routes: readonly KernelRoute[] = [];
  readonly rules: Map<string, KernelRule> = new Map();
  /** Everything it said of routes. */
  readonly told: [what: "added" | "removed", route: KernelRoute][] = [];
  resynchronisations = 0;
  readings = 0;
  monitor: RouteMonitor | undefined;

  async open(options: RouteMonitorOptions): Promise<void> {
    const opened = await RouteMonitor.open(
      {
        linkChanged: () => undefined,
        linkRemoved: () => undefined,
        addressAdded: () => undefined,
        addressRemoved: () => undefined,
        resynchronised: () => {
          this.resynchronisations += 1;
        },
        routeAdded: (one, place) => {
          this.told.push(["added", one]);
          this.#apply({ type: "routeAdded", route: one, place });
        },
        routeRemoved: (one) => {
          this.told.push(["removed", one]);
          this.#apply({ type: "routeRemoved", route: one });
        },
        routesRead: (all) => {
          this.readings += 1;
          this.routes = all;
        },
        ruleAdded: (one) => this.rules.set(ruleKey(one), one),
        ruleRemoved: (one) => this.rules.delete(ruleKey(one)),
        rulesRead: (all) => this.#setRules(all),
        failed: (error) => assert.fail(error.message),
      },
      { watchRoutes: true, watchRules: true, ...options },
    );
    this.monitor = opened.monitor;
    this.routes = opened.routes;
    this.#setRules(opened.rules);
  }

  #apply(change: Parameters<typeof replayRoutes>[1][number]): void {
    this.routes = replayRoutes(this.routes, [change], undefined);
  }

  #setRules(all: readonly KernelRule[]): void {
    this.rules.clear();
    for (const one of all) this.rules.set(ruleKey(one), one);
  }
}

async function withPicture(
  options: RouteMonitorOptions,
  use: (picture: Picture) => Promise<void>,
): Promise<void> {
  const picture = new Picture();
  await picture.open(options);
  try {
    await use(picture);
    assert.equal(picture.monitor?.counters.malformed, 0);
  } finally {
    picture.monitor?.close();
  }
}

/** The kernel's own routes come and go by themselves: addresses of the link, multicast. */
function texts(routes: readonly KernelRoute[]): string[] {
  return routes
    .filter(({ protocol }) => protocol === 18)
    .map((one) => {
      // IPv6 tells next hops in another order than it keeps them.
      const hops = one.nextHops.map((hop) => JSON.stringify(hop));
      return JSON.stringify({
        ...one,
        expiresS: null,
        hops: one.family === 6 ? hops.sort() : hops,
        nextHops: [],
      });
    })
    .sort();
}

/** Until what the monitor has told is what there is. */
async function waitForTruth(picture: Picture, routes: RouteSocket): Promise<void> {
  await waitFor("the picture to be true", async () => {
    const rules = (await routes.rules()).map(ruleKey).sort();
    return (
      texts(picture.routes).join() === texts(await routes.routes()).join() &&
      [...picture.rules.keys()].sort().join() === rules.join()
    );
  });
}

/** Sets and takes away the routes of the cases, looking at them on every side. */
export async function checkRoutes(cases: readonly RouteCase[]): Promise<void> {
  await withNetwork((routes) =>
    withPicture({}, async (picture) => {
      const wanted = cases.map((one) => resolved(one.route));
      assert.deepEqual(await routes.addRoutes(wanted), Array(cases.length).fill(null));
      assert.deepEqual(shownRoutes().sort(), cases.map(({ witness }) => witness).sort());
      const all = await routes.routes(new Set([18]));
      assert.equal(all.length, cases.length);
      await waitForTruth(picture, routes);
      for (const [i, one] of cases.entries()) {
        const expectation = expected(one.route);
        const seen = all.filter((route) => isSameRoute(route, expectation));
        assert.equal(seen.length, 1, `found: ${one.witness}`);
        assert.ok(seen[0] && hasWantedOptions(seen[0], expectation), one.witness);
        const told = picture.told.filter(([, route]) => isSameRoute(route, expectation));
        assert.ok(told.length > 0, `told: ${one.witness}`);
        // The same table as `ip` shows, one at a time.
        assert.deepEqual(await routes.deleteRoutes(wanted.slice(i, i + 1)), [null]);
        assert.equal(shownRoutes().length, cases.length - i - 1, `gone: ${one.witness}`);
      }
      await waitFor("the last to be told", () => texts(picture.routes).length === 0);
      for (const one of cases) {
        const expectation = expected(one.route);
        const gone = picture.told.some(
          ([what, route]) => what === "removed" && isSameRoute(route, expectation),
        );
        assert.ok(gone, `told to be gone: ${one.witness}`);
      }
    }),
  );
}

async function checkRules(): Promise<void> {
  await withNetwork((routes) =>
    withPicture({}, async (picture) => {
      const rules = ruleCases.map((one) => one.rule);
      assert.deepEqual(await routes.addRules(rules), Array(rules.length).fill(null));
      assert.deepEqual(shownRules().sort(), ruleCases.map(({ witness }) => witness).sort());
      await waitForTruth(picture, routes);
      const all = await routes.rules();
      for (const one of rules) {
        const expectation = expectedRule(one);
        assert.ok(expectation);
        const seen = all.filter((other) => isSameRule(other, expectation));
        assert.equal(seen.length, 1, `rule ${one.preference}`);
      }
      assert.deepEqual(await routes.addRules(rules), Array(rules.length).fill("EEXIST"));
      assert.deepEqual(await routes.deleteRules(rules), Array(rules.length).fill(null));
      assert.deepEqual(await routes.deleteRules(rules), Array(rules.length).fill("ENOENT"));
      assert.deepEqual(shownRules(), []);
      await waitForTruth(picture, routes);
    }),
  );
}

const to = route("10.9.0.0/16", { via: "192.0.2.1", device: "pair0" });

const socketSteps: readonly Step[] = [
  {
    name: "addRoutes() and deleteRoutes() do what `ip route` shows, and the monitor tells of it",
    run: () => checkRoutes(routeCases),
  },
  {
    name: "addRules() and deleteRules() do what `ip rule` shows, and the monitor tells of it",
    run: checkRules,
  },
  {
    name: "addRoutes() and deleteRoutes() give each request its own result",
    run: () =>
      withNetwork(async (routes) => {
        const unreachable = { ...to, via: "203.0.113.1" };
        const direct = resolved({ ...to, via: undefined, metric: 5 });
        const nowhere = { ...direct, interfaceIndex: 9999 };
        const bad = { ...to, destination: prefix("10.9.0.1/16") };
        const wanted = [to, to, unreachable].map(resolved);
        assert.deepEqual(
          await routes.addRoutes([
            ...wanted,
            nowhere,
            resolved(bad),
            resolved({ ...to, metric: 6 }),
          ]),
          [null, "EEXIST", "ENETUNREACH", "ENODEV", "EINVAL", null],
        );
        const gone = resolved({ ...to, table: 4000 });
        assert.deepEqual(await routes.deleteRoutes([gone, resolved({ ...to, metric: 6 })]), [
          "ESRCH",
          null,
        ]);
        assert.equal(shownRoutes().length, 1);
      }),
  },
  {
    name: "addRoutes() puts routes of one key in the order that was asked for",
    run: () =>
      withNetwork(async (routes) => {
        const by = (last: number, insertion: RouteConfig["insertion"]): ResolvedRoute =>
          resolved({ ...to, via: `192.0.2.${last}`, insertion });
        const wanted = [by(1, "add"), by(2, "prepend"), by(3, "append"), by(4, "add")];
        assert.deepEqual(await routes.addRoutes(wanted), [null, null, null, "EEXIST"]);
        const order = shownRoutes().map((line) => / via (\S+)/.exec(line)?.[1]);
        assert.deepEqual(order, ["192.0.2.2", "192.0.2.1", "192.0.2.3"]);
        assert.deepEqual(await routes.deleteRoutes([by(3, "append")]), [null]);
        assert.equal(shownRoutes().length, 2);
      }),
  },
  {
    name: "deleteRoutes() leaves routes of others alone",
    run: () =>
      withNetwork(async (routes) => {
        const mine = route("2001:db8:1::/48", { via: "2001:db8::1", device: "pair0" });
        batch([
          "route add 10.9.0.0/16 via 192.0.2.1 dev pair0 proto 4",
          "route add 2001:db8:1::/48 via 2001:db8::1 dev pair0 proto 4",
          "route add 2001:db8:1::/48 via 2001:db8::1 dev pair0 proto 18 metric 7",
        ]);
        const wanted = [to, mine].map(resolved);
        assert.deepEqual(await routes.deleteRoutes(wanted), ["ESRCH", "ESRCH"]);
        assert.equal(ip("route show proto 4").length > 0, true);
        assert.equal(ip("-6 route show proto 4").length > 0, true);
        assert.equal(shownRoutes().length, 1);
        ip("-6 route flush proto 4");
      }),
  },
  {
    name: "addRoutes() puts 1,000 routes in place and tells of each batch in order",
    run: () =>
      withNetwork((routes) =>
        withPicture({ routeProtocols: new Set([18]) }, async (picture) => {
          const { request, ...numbers } = resolved(to);
          const many = Array.from({ length: 1000 }, (_, i) => ({
            ...numbers,
            request: { ...request, destination: prefix(`10.${i >> 8}.${i & 0xff}.0/24`) },
          }));
          let told = 0;
          await routes.addRoutes(many, (first, results) => {
            assert.equal(first, told);
            told += results.length;
            assert.ok(results.every((one) => one === null));
          });
          assert.equal(told, 1000);
          assert.equal(shownRoutes().length, 1000);
          await waitFor("all to be told", () => picture.routes.length === 1000);
          const removed = await routes.deleteRoutes(many);
          assert.ok(removed.every((one) => one === null));
          await waitFor("all to be told to be gone", () => picture.routes.length === 0);
          assert.equal(picture.monitor?.counters.overruns, 0);
        }),
      ),
  },
];

const several = route("2001:db8:20::/48", {
  nextHops: [
    hop({ via: "2001:db8::1", device: "pair0" }),
    hop({ via: "2001:db8:ff::1", device: "pair1" }),
  ],
});

const monitorSteps: readonly Step[] = [
  {
    name: "RouteMonitor follows routes that are replaced, put before and behind others, and gone",
    run: () =>
      withNetwork((routes) =>
        withPicture({}, async (picture) => {
          const add = "10.9.0.0/16 dev pair0 proto 18";
          const add6 = "2001:db8:1::/48 proto 18";
          batch([
            `route add ${add} metric 5`,
            `route prepend ${add} metric 5 via 192.0.2.1`,
            `route append ${add} metric 5 via 192.0.2.2`,
            `route replace ${add} metric 5 via 192.0.2.3`,
            `route add ${add6} via 2001:db8::1 dev pair0`,
            `route append ${add6} via 2001:db8::2 dev pair0`,
            `route append ${add6} via 2001:db8::3 dev pair0`,
            `route del ${add6} via 2001:db8::2 dev pair0`,
          ]);
          await waitForTruth(picture, routes);
          batch([
            `route replace ${add6} via 2001:db8::9 dev pair0`,
            `route del ${add} metric 5 via 192.0.2.2`,
            "rule add from 192.0.2.0/24 table 7",
            "rule add from 192.0.2.0/24 table 7 not",
          ]);
          await waitForTruth(picture, routes);
          assert.equal(picture.resynchronisations + picture.readings, 0);
          batch(["rule del from 192.0.2.0/24 table 7", "rule del from 192.0.2.0/24 table 7"]);
          await waitForTruth(picture, routes);
        }),
      ),
  },
  {
    name: "RouteMonitor tells of routes that the kernel takes away, with a word or without",
    run: () =>
      withNetwork((routes) =>
        withPicture({}, async (picture) => {
          const preferring = { ...to, metric: 7, preferredSource: "192.0.2.8" };
          ip("addr add 192.0.2.8/24 dev pair0");
          const wanted = [to, preferring, several, { ...to, via: undefined, tos: 4, scope: 253 }];
          assert.deepEqual(await routes.addRoutes(wanted.map(resolved)), Array(4).fill(null));
          await waitForTruth(picture, routes);
          ip("addr del 192.0.2.8/24 dev pair0");
          await waitFor(
            "the route with its source to go",
            () => texts(picture.routes).length === 3,
          );
          await waitForTruth(picture, routes);
          ip("link set pair0 down");
          await waitFor("routes to go with the link", () => texts(picture.routes).length === 1);
          await waitForTruth(picture, routes);
          const [rest] = picture.routes.filter(({ protocol }) => protocol === 18);
          assert.ok(rest && isSameRoute(rest, expected(several)));
          assert.ok(picture.readings > 0);
          assert.equal(picture.resynchronisations, 0);
        }),
      ),
  },
  {
    name: "RouteMonitor resynchronises routes and rules after ENOBUFS",
    run: () =>
      withNetwork((routes) =>
        withPicture({ receiveBufferBytes: 4096 }, async (picture) => {
          // The loop is blocked meanwhile, so the small buffer must overflow.
          batch(
            Array.from(
              { length: 1000 },
              (_, i) => `route add 10.${i >> 8}.${i & 0xff}.0/24 dev pair0 proto 18`,
            ),
          );
          batch(["rule add from 192.0.2.0/24 table 7", "route del 10.0.7.0/24 proto 18"]);
          await waitFor("the resynchronisation", () => picture.resynchronisations > 0);
          await waitForTruth(picture, routes);
          assert.equal(texts(picture.routes).length, 999);
          ip("rule del from 192.0.2.0/24 table 7");
          ip("route add 10.99.0.0/16 dev pair0 proto 18");
          await waitForTruth(picture, routes);
        }),
      ),
  },
  {
    name: "RouteMonitor loses nothing of routes and rules that change while it opens",
    run: () =>
      withNetwork(async (routes) => {
        const { request, ...numbers } = resolved(to);
        const many = Array.from({ length: 500 }, (_, i) => ({
          ...numbers,
          request: { ...request, destination: prefix(`10.${i >> 8}.${i & 0xff}.0/24`) },
        }));
        const changes = Promise.all([
          routes.addRoutes(many),
          routes.deleteRoutes(many.slice(0, 100)),
          routes.addRules([rule(300), rule(301)]),
        ]);
        await withPicture({}, async (picture) => {
          await changes;
          await waitForTruth(picture, routes);
          assert.equal(texts(picture.routes).length, 400);
          await routes.deleteRules([rule(300), rule(301)]);
          await waitForTruth(picture, routes);
        });
      }),
  },
];

export const routeSteps: readonly Step[] = [...socketSteps, ...monitorSteps];
