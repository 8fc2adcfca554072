// Whether a route that the kernel tells of is the one that was asked for, and whether it still has
// all that was asked for. The kernel fills in what a request leaves out, so this does not compare
// equals. Pure.

import { maskPrefix } from "./ip-attributes.js";
import { MessageWriter } from "./message.js";
import type { KernelNextHop } from "./next-hop-codec.js";
import {
  decodeRoute,
  encodeNewRoute,
  type KernelRoute,
  metricOf,
  type ResolvedRoute,
} from "./route-codec.js";
import { metricTypes } from "./route-metrics-codec.js";

/** What the kernel limits metrics to (ip_metrics_convert() in net/ipv4/metrics.c). */
const metricCeilings: ReadonlyMap<string, number> = new Map([
  ["mtu", 65_535 - 15],
  ["advmss", 65_535 - 40],
  ["hoplimit", 255],
]);

/** What the kernel will tell of the route, but for what it fills in. Compute once, match often. */
export function expectedRoute(route: ResolvedRoute): KernelRoute | undefined {
  const writer = new MessageWriter(1024);
  encodeNewRoute(writer, route);
  const decoded = decodeRoute(writer.bytes());
  if (!decoded) return undefined;
  const isIpv6 = decoded.family === 6;
  return {
    ...decoded,
    destination: maskPrefix(decoded.destination),
    source: maskPrefix(decoded.source),
    metric: metricOf(route.request),
    // rt6_fill_node() in net/ipv6/route.c tells neither.
    scope: isIpv6 ? 0 : decoded.scope,
    tos: isIpv6 ? 0 : decoded.tos,
  };
}

/** Routes of different keys are different; of one key there may be several. */
export function routeKey(route: KernelRoute): string {
  const { family, table, destination, source, tos, metric } = route;
  const to = `${destination.address}/${destination.prefixLength}`;
  return `${family} ${table} ${to} ${source.address}/${source.prefixLength} ${tos} ${metric}`;
}

/**
 * Whether a notification or an entry of the table is about the route that was asked for. The next
 * hops of an IPv6 route come and go one by one, so one in common is enough there.
 */
export function isSameRoute(seen: KernelRoute, wanted: KernelRoute): boolean {
  if (seen.type !== wanted.type || seen.protocol !== wanted.protocol) return false;
  if (routeKey(seen) !== routeKey(wanted)) return false;
  const source = wanted.preferredSource;
  if (source !== null && seen.preferredSource !== source) return false;
  if (wanted.nextHops.length === 0) return true;
  if (wanted.family === 6) {
    return wanted.nextHops.some((hop) => seen.nextHops.some((one) => isSameHop(one, hop)));
  }
  return pairsAgree(seen.nextHops, wanted.nextHops, isSameHop);
}

function pairsAgree(
  seen: readonly KernelNextHop[],
  wanted: readonly KernelNextHop[],
  agree: (seen: KernelNextHop, wanted: KernelNextHop) => boolean,
): boolean {
  if (seen.length !== wanted.length) return false;
  return wanted.every((hop, i) => {
    const one = seen[i];
    return one !== undefined && agree(one, hop);
  });
}

/** Without an interface in the request the kernel chooses it by the gateway. */
function isSameHop(seen: KernelNextHop, wanted: KernelNextHop): boolean {
  if (seen.via !== wanted.via) return false;
  return wanted.interfaceIndex === 0 || seen.interfaceIndex === wanted.interfaceIndex;
}

/**
 * Whether a route that {@link isSameRoute} also has every option that was asked for: scope,
 * metrics, preference, all next hops with weights, realms and tunnels. Not looked at are the
 * kernel's clocks, and TTL propagation, of which it does not tell.
 */
export function hasWantedOptions(seen: KernelRoute, wanted: KernelRoute): boolean {
  if (seen.scope !== wanted.scope) return false;
  if (seen.routerPreference !== wanted.routerPreference) return false;
  if (!hasWantedMetrics(seen, wanted)) return false;
  if (wanted.nextHops.length === 0) return true;
  if (wanted.family === 4) return pairsAgree(seen.nextHops, wanted.nextHops, hasWantedHop);
  return (
    seen.nextHops.length === wanted.nextHops.length &&
    wanted.nextHops.every((hop) =>
      seen.nextHops.some((one) => isSameHop(one, hop) && hasWantedHop(one, hop)),
    )
  );
}

function hasWantedMetrics(seen: KernelRoute, wanted: KernelRoute): boolean {
  const { lock, congctl } = wanted.metrics;
  if ((lock & ~seen.metrics.lock) !== 0) return false;
  if (congctl !== undefined && seen.metrics.congctl !== congctl) return false;
  return metricTypes.every(([name]) => {
    const value = wanted.metrics[name];
    if (value === undefined) return true;
    // The kernel does not tell of a metric that is zero.
    return (seen.metrics[name] ?? 0) === Math.min(value, metricCeilings.get(name) ?? value);
  });
}

function hasWantedHop(seen: KernelNextHop, wanted: KernelNextHop): boolean {
  if (seen.weight !== wanted.weight || seen.onLink !== wanted.onLink) return false;
  if (seen.realms !== wanted.realms) return false;
  return wanted.encapsulation === null || hasWantedTunnel(seen, wanted);
}

/** The kernel tells zeros for what was left out, and keeps only those flags that it knows. */
function hasWantedTunnel(seen: KernelNextHop, wanted: KernelNextHop): boolean {
  const { flags: _flags, ...fields } = { flags: 0, ...wanted.encapsulation };
  const present: Readonly<Record<string, unknown>> = { ...seen.encapsulation };
  return Object.entries(fields).every(
    ([name, value]) =>
      value === undefined || JSON.stringify(present[name]) === JSON.stringify(value),
  );
}
