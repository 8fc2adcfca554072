// Addresses, routes, rules and scripts as keepalived's data files show them.

import type {
  NextHop,
  NumberRange,
  RouteConfig,
  RuleAction,
  RuleConfig,
  ScriptConfig,
  StaticAddress,
  VirtualAddress,
} from "@keepalived-ts/shared-config/schema/config";
import { formatRealms } from "@keepalived-ts/shared-config/schema/line-names";
import { printEncapsulation } from "@keepalived-ts/shared-config/schema/route-encap";
import { printMetrics } from "@keepalived-ts/shared-config/schema/route-metrics";

const scopes: ReadonlyMap<number, string> = new Map([
  [0, "global"],
  [200, "site"],
  [253, "link"],
  [254, "host"],
]);

const keepalivedProtocol = 18;
const mainTable = 254;

export function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}

export function enabled(value: boolean): string {
  return value ? "enabled" : "disabled";
}

/** The words that are there. */
function join(words: readonly (string | undefined | false)[]): string {
  return words.filter((word) => word !== undefined && word !== false).join(" ");
}

function option(name: string, value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : `${name} ${value}`;
}

/** A prefix as it is shown: a length that means one address is left out. */
function shortPrefix(address: string, prefixLength: number): string {
  const isWhole = prefixLength === (address.includes(":") ? 128 : 32);
  return isWhole ? address : `${address}/${prefixLength}`;
}

export function addressText(config: VirtualAddress, device: string): string {
  const { address, prefixLength, peer, preferredLifetimeS: lifetime } = config;
  return join([
    peer === undefined ? shortPrefix(address, prefixLength) : address,
    option("brd", config.broadcast),
    `dev ${device}`,
    `scope ${scopes.get(config.scope) ?? config.scope}`,
    option("label", config.label),
    address.includes(":") &&
      (lifetime === 0 ? "deprecated" : `preferred_lft ${lifetime ?? "forever"}`),
    peer !== undefined && `peer ${peer}/${prefixLength}`,
    config.noTrack && "no_track",
  ]);
}

export function staticAddressText(config: StaticAddress): string {
  return join([addressText(config, config.device), option("track_group", config.trackGroup)]);
}

function viaText(via: string | undefined): string | undefined {
  return via === undefined ? undefined : `via inet${via.includes(":") ? "6" : ""} ${via}`;
}

function realmsText(realms: number | undefined): string | undefined {
  return realms === undefined ? undefined : `realms ${formatRealms(realms)}`;
}

function nextHopText(hop: NextHop): string {
  return join([
    "nexthop",
    viaText(hop.via),
    option("dev", hop.device),
    hop.weight > 1 && `weight ${hop.weight}`,
    hop.onLink && "onlink",
    realmsText(hop.realms),
    ...printEncapsulation(hop.encapsulation),
  ]);
}

export function routeText(route: RouteConfig): string {
  const { destination } = route;
  const isPlain = route.type === "unicast";
  return join([
    route.insertion,
    !isPlain && route.type,
    destination.prefixLength === 0
      ? `${destination.address}/0`
      : shortPrefix(destination.address, destination.prefixLength),
    route.source && `from ${shortPrefix(route.source.address, route.source.prefixLength)}`,
    option("src", route.preferredSource),
    viaText(route.via),
    option("dev", route.device),
    route.vrf === undefined
      ? route.table !== mainTable && `table ${route.table}`
      : `vrf ${route.vrf}`,
    route.protocol === keepalivedProtocol && `proto ${route.protocol}`,
    route.scope !== 0 && `scope ${route.scope}`,
    route.tos !== 0 && `tos 0x${route.tos.toString(16)}`,
    option("metric", route.metric),
    route.onLink && "onlink",
    realmsText(route.realms),
    ...printMetrics(route.metrics),
    option("expires", route.expiresS),
    option("pref", route.routerPreference),
    ...printEncapsulation(route.encapsulation),
    ...route.nextHops.map(nextHopText),
    // 2.2.7 cannot track a route without an interface.
    (!route.isTracked || route.device === undefined) && "no_track",
    option("track_group", route.trackGroup),
  ]);
}

export function ruleText(rule: RuleConfig): string {
  const { from, to, firewallMark: mark, action } = rule;
  return join([
    rule.isInverted && "not",
    `from ${from === undefined ? "all" : shortPrefix(from.address, from.prefixLength)}`,
    to && `to ${shortPrefix(to.address, to.prefixLength)}`,
    `priority ${rule.preference}`,
    `tos 0x${rule.tos.toString(16)}`,
    mark && `fwmark 0x${mark.mark.toString(16)}/0x${mark.mask.toString(16)}`,
    option("iif", rule.inputInterface),
    option("oif", rule.outputInterface),
    option("tunnel-id", rule.tunnelId),
    rangeText("uidrange", rule.userIds),
    option("ipproto", rule.ipProtocol),
    rangeText("sport", rule.sourcePorts),
    rangeText("dport", rule.destinationPorts),
    realmsText(rule.realms),
    option("suppress_prefixlength", rule.suppressPrefixLength),
    option("suppress_ifgroup", rule.suppressInterfaceGroup),
    `protocol ${rule.protocol}`,
    actionText(action),
  ]);
}

function rangeText(name: string, range: NumberRange | undefined): string | undefined {
  return range && `${name} ${range.from}-${range.to}`;
}

function actionText(action: RuleAction): string {
  if (action.kind === "table") return `lookup ${action.table}`;
  return action.kind === "goto" ? `goto ${action.preference}` : action.kind;
}

function ids({ uid, gid }: ScriptConfig): string {
  return `${uid}:${gid}`;
}

/** The program by the path that is run; without one a shell gets the words as they are. */
export function commandText({ argv, path }: ScriptConfig): string {
  if (path === undefined) return argv.join(" ");
  return [path, ...argv.slice(1)].map((word) => `'${word}'`).join(" ");
}

export function scriptText(script: ScriptConfig | undefined): string | undefined {
  return script && `${commandText(script)}, uid:gid ${ids(script)}`;
}

export function scriptIds(script: ScriptConfig): string {
  return ids(script);
}
