// For tests only: routes and rules with every default filled in.

import type { IpPrefix, RouteConfig, RuleConfig } from "@keepalived-ts/shared-config/schema/config";

export function routeOf(destination: string, overrides: Partial<RouteConfig> = {}): RouteConfig {
  return {
    family: 4,
    type: "unicast",
    destination: prefixOf(destination),
    via: "192.0.2.1",
    device: "eth0",
    table: 254,
    scope: 0,
    protocol: 18,
    tos: 0,
    onLink: false,
    metrics: { lock: 0 },
    insertion: "add",
    isTracked: true,
    nextHops: [],
    ...overrides,
  };
}

/** From 10.0.0.0/8 to table 100. */
export function ruleOf(preference: number, overrides: Partial<RuleConfig> = {}): RuleConfig {
  return {
    family: 4,
    isInverted: false,
    from: prefixOf("10.0.0.0/8"),
    tos: 0,
    preference,
    protocol: 18,
    action: { kind: "table", table: 100 },
    isTracked: true,
    ...overrides,
  };
}

function prefixOf(text: string): IpPrefix {
  const [address = "", length] = text.split("/");
  return { address, prefixLength: Number(length) };
}
