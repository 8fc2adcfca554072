// A route of a configuration as the line that reads back to it. Says every option, defaults
// included; never inet and inet6, which keepalived misreads.

import type { IpPrefix, RouteConfig } from "./config-routes.js";
import { formatRealms } from "./line-names.js";
import { quoteWord } from "./printed.js";
import { printEncapsulation } from "./route-encap.js";
import { printMetrics } from "./route-metrics.js";
import { printNextHop } from "./route-nexthop.js";

export function printRoute(route: RouteConfig): string[] {
  const { type, destination, vrf, family, isTracked, protocol } = route;
  return [
    ...[type, formatPrefix(destination)],
    ...option("from", route.source === undefined ? undefined : formatPrefix(route.source)),
    ...option("via", route.via),
    ...option("dev", route.device),
    ...option("src", route.preferredSource),
    ...(vrf === undefined ? ["table", String(route.table)] : ["vrf", quoteWord(vrf)]),
    ...(family === 4 ? ["scope", String(route.scope)] : []),
    ...["protocol", String(protocol)],
    ...["tos", String(route.tos)],
    ...option("metric", route.metric),
    ...(route.onLink ? ["onlink"] : []),
    ...option("realms", route.realms === undefined ? undefined : formatRealms(route.realms)),
    ...printMetrics(route.metrics),
    ...option("expires", route.expiresS),
    ...option("pref", route.routerPreference),
    ...option("ttl-propagate", formatPropagation(route.ttlPropagate)),
    route.insertion,
    ...(isTracked ? [] : ["no_track"]),
    ...option("track_group", route.trackGroup),
    ...printEncapsulation(route.encapsulation),
    ...route.nextHops.flatMap(printNextHop),
  ];
}

/** A network as it is written. */
export function formatPrefix({ address, prefixLength }: IpPrefix): string {
  return `${address}/${prefixLength}`;
}

/** An option with its value; nothing where there is no value. */
export function option(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [name, quoteWord(String(value))];
}

function formatPropagation(propagates: boolean | undefined): string | undefined {
  if (propagates === undefined) return undefined;
  return propagates ? "enabled" : "disabled";
}
