// Which routes of the kernel are taken for the one that was asked for, and for it as it should be;
// the kernel's side in test/netns.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyRoute, hop, prefix, route, sampleNames } from "../testing/route-samples.js";
import { type KernelRoute, resolveRoute } from "./route-codec.js";
import { expectedRoute, hasWantedOptions, isSameRoute, routeKey } from "./route-match.js";
import type { RouteRequest } from "./route-request.js";

function expected(request: RouteRequest): KernelRoute {
  const resolved = resolveRoute(request, sampleNames);
  assert.ok(resolved);
  const found = expectedRoute(resolved);
  assert.ok(found);
  return found;
}

const ours = route("198.51.100.0/24", { via: "192.0.2.1", device: "v0", protocol: 18 });

test("isSameRoute() tells apart what the kernel tells apart", () => {
  const wanted = expected(ours);
  const others: readonly Partial<RouteRequest>[] = [
    { destination: prefix("198.51.100.0/25") },
    { table: 1000 },
    { metric: 7 },
    { tos: 0x10 },
    { protocol: 3 },
    { type: "blackhole" },
    { via: "192.0.2.2" },
    { via: undefined },
    { device: "v1" },
    { nextHops: [hop({ via: "192.0.2.1", device: "v0" }), hop({ via: "192.0.2.2" })] },
  ];
  for (const changes of others) {
    assert.equal(isSameRoute(expected({ ...ours, ...changes }), wanted), false);
  }
});

test("isSameRoute() lets the kernel choose what the request leaves open", () => {
  const seen = expected({ ...ours, preferredSource: "192.0.2.7", metrics: { mtu: 1400, lock: 0 } });
  assert.equal(isSameRoute(seen, expected({ ...ours, device: undefined })), true);
  const preferring = expected({ ...ours, preferredSource: "192.0.2.8" });
  assert.equal(isSameRoute(seen, preferring), false);
  // A route of IPv6 that leads nowhere is told with the loopback interface.
  const nowhere = route("2001:db8::/32", { type: "unreachable", protocol: 18 });
  assert.equal(isSameRoute(expected({ ...nowhere, device: "v0" }), expected(nowhere)), true);
});

test("isSameRoute() takes one next hop of an IPv6 route for the route, not of an IPv4 one", () => {
  const first = hop({ via: "2001:db8::1", device: "v0" });
  const second = hop({ via: "2001:db8::2", device: "v0" });
  const both = route("2001:db8:1::/48", { nextHops: [first, second] });
  const one = route("2001:db8:1::/48", { via: "2001:db8::2", device: "v0" });
  const other = route("2001:db8:1::/48", { via: "2001:db8::3", device: "v0" });
  assert.equal(isSameRoute(expected(one), expected(both)), true);
  assert.equal(isSameRoute(expected(other), expected(both)), false);
  const ipv4Hops = [hop({ via: "192.0.2.1" }), hop({ via: "192.0.2.2" })];
  const ipv4Both = { ...ours, via: undefined, device: undefined, nextHops: ipv4Hops };
  assert.equal(isSameRoute(expected(ours), expected(ipv4Both)), false);
});

test("expectedRoute() is in the words of the kernel: masked, with the metric of IPv6", () => {
  const found = expected(route("2001:db8::1/32", { scope: 253, tos: 4 }));
  assert.deepEqual(found.destination, prefix("2001:db8::/32"));
  assert.deepEqual([found.metric, found.scope, found.tos], [1024, 0, 0]);
  assert.equal(routeKey(found), "6 254 2001:db8::/32 ::/0 0 1024");
});

test("hasWantedOptions() looks at all that was asked for and at nothing else", () => {
  const encapsulation = { kind: "ip", id: "7", destination: "192.0.2.9" } as const;
  const rich = { ...ours, metrics: { mtu: 1400, congctl: "reno", lock: 4 }, realms: 7 };
  const wanted = expected({ ...rich, encapsulation });
  const seen = expected({ ...rich, encapsulation: { ...encapsulation, hopLimit: 0, flags: 1 } });
  assert.equal(hasWantedOptions(seen, wanted), true);
  const others: readonly Partial<RouteRequest>[] = [
    { scope: 253 },
    { metrics: { ...rich.metrics, mtu: 1300 } },
    { metrics: { ...rich.metrics, lock: 0 } },
    { metrics: { ...rich.metrics, congctl: undefined } },
    { realms: 8 },
    { onLink: true },
    { encapsulation: undefined },
    { encapsulation: { ...encapsulation, id: "8" } },
    { encapsulation: { kind: "mpls", labels: [7] } },
  ];
  for (const changes of others) {
    const other = expected({ ...rich, encapsulation, ...changes });
    assert.equal(hasWantedOptions(other, wanted), false, JSON.stringify(changes));
  }
  assert.equal(hasWantedOptions(seen, expected(ours)), false, "realms that nobody asked for");
});

test("hasWantedOptions() knows the kernel's ceilings of metrics", () => {
  const wanted = expected({ ...ours, metrics: { mtu: 70_000, hoplimit: 0, lock: 0 } });
  const seen = expected({ ...ours, metrics: { mtu: 65_520, lock: 0 } });
  assert.equal(hasWantedOptions(seen, wanted), true);
});

test("hasWantedOptions() wants every next hop of IPv6, in any order", () => {
  const first = hop({ via: "2001:db8::1", device: "v0", weight: 2 });
  const second = hop({ via: "2001:db8::2", device: "v0" });
  const request = route("2001:db8:1::/48", { nextHops: [first, second] });
  const turned = expected({ ...request, nextHops: [second, first] });
  assert.equal(hasWantedOptions(turned, expected(request)), true);
  const lighter = expected({ ...request, nextHops: [second, { ...first, weight: 1 }] });
  assert.equal(hasWantedOptions(lighter, expected(request)), false);
  assert.equal(hasWantedOptions(expected({ ...request, nextHops: [first] }), turned), false);
});

test("every route is itself, as it should be", () => {
  fc.assert(
    fc.property(anyRoute, (request) => {
      // No metric above its ceiling: the kernel would tell another one.
      const metrics = { ...request.metrics, mtu: 1400, advmss: 1300, hoplimit: 64 };
      const wanted = expected({ ...request, metrics });
      assert.ok(isSameRoute(wanted, wanted));
      assert.ok(hasWantedOptions(wanted, wanted));
    }),
  );
});
