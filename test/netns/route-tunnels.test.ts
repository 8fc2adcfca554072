// Routes and rules on Debian's kernel, in User Mode Linux: the same as on the machine's, and those
// that need modules, MPLS and ILA tunnels and VRFs.

import assert from "node:assert/strict";
import { resolveRoute } from "@keepalived-ts/netops/netlink/route-codec";
import { type Step, testInUml } from "../lab/steps.js";
import { hop, type RouteCase, route } from "./route-cases.js";
import { checkRoutes, ip, routeSteps, withNetwork } from "./route-steps.js";

const way = { via: "192.0.2.1", device: "pair0" } as const;

const moduleCases: readonly RouteCase[] = [
  {
    route: route("10.40.0.0/24", { ...way, encapsulation: { kind: "mpls", labels: [100, 200] } }),
    witness: "unicast 10.40.0.0/24 encap mpls 100/200 via 192.0.2.1 dev pair0 scope global",
  },
  {
    route: route("10.41.0.0/24", {
      nextHops: [
        hop({ ...way, encapsulation: { kind: "mpls", labels: [16] } }),
        hop({ via: "192.0.2.2", device: "pair0", encapsulation: { kind: "mpls", labels: [17] } }),
      ],
    }),
    witness:
      "unicast 10.41.0.0/24 scope global nexthop encap mpls 16 via 192.0.2.1 dev pair0 weight 1 " +
      "nexthop encap mpls 17 via 192.0.2.2 dev pair0 weight 1",
  },
  {
    route: route("2001:db8:40::/48", {
      via: "2001:db8::1",
      device: "pair0",
      encapsulation: { kind: "mpls", labels: [1_048_575] },
    }),
    witness:
      "unicast 2001:db8:40::/48 encap mpls 1048575 via 2001:db8::1 dev pair0 scope global " +
      "metric 1024 pref medium",
  },
  // The kernel wants the type of the identifier within the prefix, and not type 0.
  {
    route: route("2001:db8:41:0:2000::/72", {
      via: "2001:db8::1",
      device: "pair0",
      encapsulation: { kind: "ila", locator: "2001:db8:0:7" },
    }),
    witness:
      "unicast 2001:db8:41:0:2000::/72 encap ila 2001:db8:0:7 csum-mode no-action " +
      "ident-type use-format hook-type output via 2001:db8::1 dev pair0 scope global " +
      "metric 1024 pref medium",
  },
];

const moduleSteps: readonly Step[] = [
  {
    name: "addRoutes() and deleteRoutes() do what `ip route` shows of MPLS and ILA tunnels",
    run: () => checkRoutes(moduleCases),
  },
  {
    name: "resolveRoute() puts a route of a VRF into the table that its link tells of",
    run: () =>
      withNetwork(async (routes) => {
        ip("link add red type vrf table 70000");
        const links = await routes.links();
        const names = {
          interfaceIndex: (name: string) => links.find((link) => link.name === name)?.index,
          vrfTable: (name: string) => links.find((link) => link.name === name)?.vrfTable,
        };
        const resolved = resolveRoute(
          route("10.50.0.0/24", { type: "blackhole", vrf: "red" }),
          names,
        );
        assert.ok(resolved);
        assert.deepEqual(await routes.addRoutes([resolved]), [null]);
        assert.match(ip("route show table 70000"), /blackhole 10\.50\.0\.0\/24/);
        assert.deepEqual(await routes.deleteRoutes([resolved]), [null]);
        ip("link del red");
      }),
  },
];

await testInUml(import.meta.url, [...routeSteps, ...moduleSteps], {
  modules: ["mpls_iptunnel", "ila", "vrf"],
});
