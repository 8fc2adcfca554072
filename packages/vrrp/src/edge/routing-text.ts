// Routes and rules in words for an administrator, and what to say when the kernel refuses one: what
// was tried, the errno and what to do about it. Pure.

import type { IpPrefix, RouteConfig, RuleConfig } from "@keepalived-ts/shared-config/schema/config";
import type { RoutingStep } from "./routing-work.js";
import { ownerPrefix, staticOwner } from "./static-owner.js";

const advice: Readonly<Record<string, string>> = {
  ENODEV: "an interface that it names does not exist",
  ENETDOWN: "its interface is down",
  ENETUNREACH: "the gateway must be in a network of an interface that is up, or use onlink",
  EHOSTUNREACH: "the gateway cannot be reached by its interface",
  EINVAL: "check gateway, source, scope and options; a source must be an address of this host",
  EPERM: "the process needs CAP_NET_ADMIN in this network namespace",
  EACCES: "IPv6 may be disabled on the interface, see net.ipv6.conf.*.disable_ipv6",
  EOPNOTSUPP: "the kernel lacks an option of it, see its modules for tunnels and policy routing",
  EAFNOSUPPORT: "the kernel lacks policy routing, or IPv6 is disabled",
  ENOENT: "the kernel lacks something that it names, as a congestion algorithm",
  ENOTUNIQ: "another route has this destination, table and metric; remove it or give a metric",
  ENOBUFS: "the kernel is short of memory",
  ENOMEM: "the kernel is short of memory",
  ETIMEDOUT: "the kernel did not answer in time",
};

const order: Readonly<Record<RoutingStep, string>> = { add: "add", remove: "remove" };

export function routingFailureText(
  owners: Iterable<string>,
  step: RoutingStep,
  what: string,
  errno: string,
): string {
  const prefix = ownerPrefix([...owners].filter((name) => name !== staticOwner).join(", "));
  const hint = advice[errno];
  return `${prefix}Cannot ${order[step]} ${what}: ${errno}${hint === undefined ? "" : `, ${hint}`}`;
}

/** "route 10.0.0.0/8 via 192.0.2.1 dev eth0 table 100". */
export function routeText(route: RouteConfig): string {
  const { type, destination, vrf, table, nextHops } = route;
  const where = table === mainTable ? [] : ["table", table];
  const words = [
    ...["route", ...(type === "unicast" ? [] : [type])],
    destination.prefixLength === 0 ? "default" : prefixText(destination),
    ...optional("from", route.source && prefixText(route.source)),
    ...wayWords(route),
    ...nextHops.flatMap((hop) => ["nexthop", ...wayWords(hop)]),
    ...optional("src", route.preferredSource),
    ...(vrf === undefined ? where : ["vrf", vrf]),
    ...optional("metric", route.metric),
  ];
  return words.join(" ");
}

/** "rule from 10.0.0.0/8 table 100 preference 50". */
export function ruleText(rule: RuleConfig): string {
  const { action, from, to, firewallMark, isInverted } = rule;
  const value = "table" in action ? [action.table] : [];
  const words = [
    ...["rule", ...(isInverted ? ["not"] : [])],
    ...optional("from", from && prefixText(from)),
    ...optional("to", to && prefixText(to)),
    ...optional("iif", rule.inputInterface),
    ...optional("oif", rule.outputInterface),
    ...optional("fwmark", firewallMark?.mark),
    ...(action.kind === "goto" ? ["goto", action.preference] : [action.kind, ...value]),
    ...["preference", rule.preference],
  ];
  return words.join(" ");
}

const mainTable = 254;

function wayWords(way: Pick<RouteConfig, "via" | "device">): string[] {
  return [...optional("via", way.via), ...optional("dev", way.device)];
}

function prefixText({ address, prefixLength }: IpPrefix): string {
  return `${address}/${prefixLength}`;
}

function optional(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [name, String(value)];
}
