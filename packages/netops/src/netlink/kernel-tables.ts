// The kernel's tables of links, addresses, routes and rules as notifications change them: what a
// message says, and what tables look like after changes that came while they were read. A change
// may be in the tables already; the last one of an object decides, and that is never older than the
// table's entry. Pure.

import { RTM_DELADDR, RTM_DELLINK, RTM_NEWADDR, RTM_NEWLINK } from "../constants/netlink.js";
import {
  NLM_F_APPEND,
  NLM_F_REPLACE,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from "../constants/routing.js";
import { decodeAddress, type InterfaceAddress } from "./address-codec.js";
import { decodeLink, type Link } from "./link-codec.js";
import type { NetlinkMessage } from "./message.js";
import type { KernelNextHop } from "./next-hop-codec.js";
import { decodeRoute, type KernelRoute, routeProtocol } from "./route-codec.js";
import { routeKey } from "./route-match.js";
import { decodeRule, type KernelRule } from "./rule-codec.js";
import { ruleKey } from "./rule-match.js";

export interface Tables {
  readonly links: readonly Link[];
  readonly addresses: readonly InterfaceAddress[];
  /** Empty unless they are watched. */
  readonly routes: readonly KernelRoute[];
  /** Empty unless they are watched. */
  readonly rules: readonly KernelRule[];
}

export type TableChange =
  | { readonly type: "linkChanged"; readonly link: Link }
  | { readonly type: "linkRemoved"; readonly index: number }
  | { readonly type: "addressAdded"; readonly address: InterfaceAddress }
  | { readonly type: "addressRemoved"; readonly address: InterfaceAddress }
  | {
      readonly type: "routeAdded";
      readonly route: KernelRoute;
      readonly place: RoutePlace;
    }
  | { readonly type: "routeRemoved"; readonly route: KernelRoute }
  | { readonly type: "ruleAdded" | "ruleRemoved"; readonly rule: KernelRule };

/**
 * Where a new route is among those of its key: before the others, behind them, or instead of the
 * first, of which nothing else is told.
 */
export type RoutePlace = "before" | "behind" | "instead";

/** RTPROT_* of the routes that are looked at; undefined = all. */
export type RouteProtocols = ReadonlySet<number> | undefined;

/** The change in a message; null = none of ours; undefined = malformed. */
export function decodeChange(
  message: NetlinkMessage,
  protocols: RouteProtocols,
): TableChange | null | undefined {
  const { type, payload } = message;
  switch (type) {
    case RTM_NEWLINK: {
      const link = decodeLink(payload);
      return link ? { type: "linkChanged", link } : link;
    }
    case RTM_DELLINK: {
      const link = decodeLink(payload);
      return link ? { type: "linkRemoved", index: link.index } : link;
    }
    case RTM_NEWADDR:
    case RTM_DELADDR: {
      const address = decodeAddress(payload);
      const what = type === RTM_NEWADDR ? "addressAdded" : "addressRemoved";
      return address ? { type: what, address } : address;
    }
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      return decodeRouteChange(message, protocols);
    case RTM_NEWRULE:
    case RTM_DELRULE: {
      const rule = decodeRule(payload);
      return rule ? { type: type === RTM_NEWRULE ? "ruleAdded" : "ruleRemoved", rule } : rule;
    }
    default:
      return null;
  }
}

function decodeRouteChange(
  { type, flags, payload }: NetlinkMessage,
  protocols: RouteProtocols,
): TableChange | null | undefined {
  const isAddition = type === RTM_NEWROUTE;
  const isReplacement = isAddition && (flags & NLM_F_REPLACE) !== 0;
  // A route of somebody else may have taken the place of one that is looked at.
  const route = isReplacement ? decodeRoute(payload) : decodeWantedRoute(payload, protocols);
  if (!route) return route;
  if (!isAddition) return { type: "routeRemoved", route };
  const place = (flags & NLM_F_APPEND) !== 0 ? "behind" : "before";
  return { type: "routeAdded", route, place: isReplacement ? "instead" : place };
}

/** As decodeRoute(), and null for a route of a protocol that is not looked at. */
export function decodeWantedRoute(
  payload: Uint8Array,
  protocols: RouteProtocols,
): KernelRoute | null | undefined {
  const protocol = routeProtocol(payload);
  if (protocol !== undefined && protocols !== undefined && !protocols.has(protocol)) return null;
  return decodeRoute(payload);
}

export function replay(
  tables: Tables,
  changes: readonly TableChange[],
  protocols: RouteProtocols,
): Tables {
  if (changes.length === 0) return tables;
  const links = new Map(tables.links.map((link) => [link.index, link]));
  const addresses = new Map(tables.addresses.map((address) => [addressKey(address), address]));
  const rules = new Map(tables.rules.map((rule) => [ruleKey(rule), rule]));
  for (const change of changes) {
    if (change.type === "linkChanged") links.set(change.link.index, change.link);
    else if (change.type === "linkRemoved") links.delete(change.index);
    else if (change.type === "addressAdded") {
      addresses.set(addressKey(change.address), change.address);
    } else if (change.type === "addressRemoved") addresses.delete(addressKey(change.address));
    else if (change.type === "ruleAdded") rules.set(ruleKey(change.rule), change.rule);
    else if (change.type === "ruleRemoved") rules.delete(ruleKey(change.rule));
  }
  return {
    links: [...links.values()],
    addresses: [...addresses.values()],
    routes: replayRoutes(tables.routes, changes, protocols),
    rules: [...rules.values()],
  };
}

function addressKey(address: InterfaceAddress): string {
  return `${address.interfaceIndex} ${address.address}/${address.prefixLength}`;
}

/** The routes after those of the changes that are about routes. */
export function replayRoutes(
  routes: readonly KernelRoute[],
  changes: readonly TableChange[],
  protocols: RouteProtocols,
): readonly KernelRoute[] {
  const routeChanges = changes.filter(
    (change) => change.type === "routeAdded" || change.type === "routeRemoved",
  );
  if (routeChanges.length === 0) return routes;
  const byKey = new Map<string, KernelRoute[]>();
  for (const route of routes) {
    const key = routeKey(route);
    const former = byKey.get(key);
    if (former === undefined) byKey.set(key, [route]);
    else former.push(route);
  }
  for (const change of routeChanges) {
    const key = routeKey(change.route);
    const former = byKey.get(key) ?? [];
    byKey.set(key, afterChange(former, change));
  }
  const all = [...byKey.values()].flat();
  return protocols === undefined ? all : all.filter(({ protocol }) => protocols.has(protocol));
}

type RouteChange = Extract<TableChange, { readonly route: KernelRoute }>;

/** The routes of one key after one change. */
function afterChange(former: readonly KernelRoute[], change: RouteChange): KernelRoute[] {
  const { route } = change;
  if (change.type === "routeRemoved") {
    if (route.family === 4) return former.filter((one) => !isEqualRoute(one, route));
    return former.flatMap((one) => withoutHops(one, route));
  }
  const others = former.filter((one) => !isEqualRoute(one, route));
  // The reading has seen it already, with all that it did to others.
  if (others.length < former.length) return [...former];
  if (change.place === "instead") {
    const replaced = firstReplaceable(others, route);
    return others.length === 0 ? [route] : others.map((one) => (one === replaced ? route : one));
  }
  // An IPv6 route that has got another next hop is told as a whole.
  const rest = others.flatMap((one) => (route.family === 6 ? withoutHops(one, route) : one));
  return change.place === "before" ? [route, ...rest] : [...rest, route];
}

/** fib6_add_rt2node() in net/ipv6/ip6_fib.c looks for one with a gateway as the new one has. */
function firstReplaceable(
  routes: readonly KernelRoute[],
  { family, nextHops }: KernelRoute,
): KernelRoute | undefined {
  const hasGateway = (hops: readonly KernelNextHop[]): boolean =>
    hops.some(({ via }) => via !== null);
  const alike = routes.find((one) => hasGateway(one.nextHops) === hasGateway(nextHops));
  return family === 6 && alike !== undefined ? alike : routes[0];
}

function isEqualRoute(one: KernelRoute, other: KernelRoute): boolean {
  return textOf(one) === textOf(other);
}

/** Without what may differ between a table and a notification: clocks, the order of IPv6's hops. */
function textOf(route: KernelRoute): string {
  const hops = route.nextHops.map((hop) => JSON.stringify(hop));
  const nextHops = route.family === 6 ? hops.sort() : hops;
  return JSON.stringify({ ...route, expiresS: null, nextHops });
}

/** What is left of an IPv6 route without the next hops of another; nothing if none is left. */
function withoutHops(route: KernelRoute, removed: KernelRoute): KernelRoute[] {
  if (route.type !== removed.type) return [route];
  const isRemoved = (hop: KernelNextHop): boolean =>
    removed.nextHops.some(
      (one) => one.via === hop.via && one.interfaceIndex === hop.interfaceIndex,
    );
  const nextHops = route.nextHops.filter((hop) => !isRemoved(hop));
  if (nextHops.length === route.nextHops.length && nextHops.length > 0) return [route];
  return nextHops.length === 0 ? [] : [{ ...route, nextHops }];
}
