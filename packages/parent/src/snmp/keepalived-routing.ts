// KEEPALIVED-MIB, VRRP part: static and virtual routes, their next hops, and rules.
// 1.3.6.1.4.1.9586.100.5.2.7, .8 and .11

import type {
  Encapsulation,
  IpPrefix,
  NextHop,
  RouteConfig,
  RouteMetrics,
  RuleConfig,
  StaticConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { SnmpValue } from "./agentx-types.js";
import { vrrpOid } from "./keepalived-instances.js";
import type { IndexedRow, Read } from "./object-tree.js";
import {
  address,
  addressType,
  counter64,
  enumerated,
  familyType,
  gauge,
  ifThere,
  integer,
  oneOrTwo,
  scope,
  text,
  truth,
} from "./values.js";
import { instanceRows, type SnmpColumn, type SnmpView, table } from "./view.js";

export function routingTables(view: SnmpView): SnmpColumn[] {
  return [
    ...table({ entry: [...vrrpOid, 7, 1], columns: routeColumns, rows: () => routeRows(view) }),
    ...table({ entry: [...vrrpOid, 8, 1], columns: ruleColumns, rows: () => ruleRows(view) }),
    ...table({
      entry: [...vrrpOid, 11, 1],
      columns: nextHopColumns,
      rows: () => nextHopRows(view),
    }),
  ];
}

/** One of the lists of an instance, or, with index 0, of what is static; and who holds it. */
function listed<T>(
  view: SnmpView,
  ofStatics: (statics: StaticConfig) => readonly T[],
  ofInstance: (instance: VrrpInstanceConfig) => readonly T[],
): IndexedRow<Listed<T>>[] {
  const statics = view.config.vrrp?.statics;
  const rows = [
    { items: statics === undefined ? [] : ofStatics(statics), isSet: true },
    ...instanceRows(view).map(({ instance, status }) => ({
      items: ofInstance(instance),
      isSet: status?.holdsAddresses === true,
    })),
  ];
  return rows.flatMap(({ items, isSet }, i) =>
    items.map((item, at) => ({ index: [i, at + 1], row: { view, item, isSet } })),
  );
}

interface Listed<T> {
  readonly view: SnmpView;
  readonly item: T;
  readonly isSet: boolean;
}

function routeRows(view: SnmpView): IndexedRow<Listed<RouteConfig>>[] {
  return listed(
    view,
    ({ routes }) => routes,
    ({ virtualRoutes }) => virtualRoutes,
  );
}

function ruleRows(view: SnmpView): IndexedRow<Listed<RuleConfig>>[] {
  return listed(
    view,
    ({ rules }) => rules,
    ({ virtualRules }) => virtualRules,
  );
}

interface HopRow {
  readonly view: SnmpView;
  readonly route: RouteConfig;
  readonly hop: NextHop;
}

function nextHopRows(view: SnmpView): IndexedRow<HopRow>[] {
  return routeRows(view).flatMap(({ index, row: { item: route } }) =>
    route.nextHops.map((hop, at) => ({
      index: [...index, at + 1],
      row: { view, route, hop },
    })),
  );
}

/** RouteType; with several next hops a route is ecmp(2). */
const routeTypes = [
  "unicast",
  "ecmp",
  "blackhole",
  "anycast",
  "multicast",
  "broadcast",
  "unreachable",
  "prohibit",
  "throw",
  "nat",
  "xresolve",
] as const;

function routeType({ type, nextHops }: RouteConfig): SnmpValue {
  const number = enumerated<string>(routeTypes, nextHops.length > 0 ? "ecmp" : type);
  return number;
}

/** The objects of a destination: its address always, a mask with it. */
function prefixed<T>(prefix: (item: T) => IpPrefix | undefined): {
  address: Read<Listed<T>>;
  mask: Read<Listed<T>>;
  type: Read<Listed<T>>;
} {
  return {
    type: ({ item }) => ifThere(prefix(item), (each) => addressType(each.address)),
    address: ({ item }) => ifThere(prefix(item), (each) => address(each.address)),
    mask: ({ item }) => ifThere(prefix(item), ({ prefixLength }) => gauge(prefixLength)),
  };
}

const from = prefixed<RouteConfig>(({ source }) => source);

function device(view: SnmpView, name: string | undefined): SnmpValue | undefined {
  const link = name === undefined ? undefined : view.links.get(name);
  return ifThere(link, ({ index }) => integer(index));
}

function high(realms: number | undefined): SnmpValue | undefined {
  return ifThere((realms ?? 0) >>> 16 || undefined, gauge);
}

function low(realms: number | undefined): SnmpValue | undefined {
  return ifThere((realms ?? 0) & 0xffff || undefined, gauge);
}

/** RTAX_FEATURE_ECN. */
const ecnFeature = 1;
/** The bits of RTAX_LOCK (linux/rtnetlink.h). */
const lockBits = { mtu: 2, rtt: 4, rttvar: 5, ssthresh: 6, cwnd: 7, advmss: 8, reordering: 9 };
const rtoMinBit = 13;

type MetricName = Exclude<
  { [K in keyof RouteMetrics]-?: number extends RouteMetrics[K] ? K : never }[keyof RouteMetrics],
  "lock"
>;

function metric(name: MetricName, per = 1): Read<Listed<RouteConfig>> {
  return ({ item: { metrics } }) =>
    ifThere(metrics[name] as number | undefined, (value) => gauge(Math.floor(value / per)));
}

/** Shown beside a metric that is there. */
function lock(name: MetricName, bit: number): Read<Listed<RouteConfig>> {
  return ({ item: { metrics } }) =>
    ifThere(metrics[name], () => truth((metrics.lock & (1 << bit)) !== 0));
}

/** PrefType: low(1), medium(2), high(3), of RFC 4191's 3, 0 and 1. */
const preferences: readonly (number | undefined)[] = [3, 0, 1];

const routeColumns: Record<number, Read<Listed<RouteConfig>>> = {
  2: ({ item }) => familyType(item.family),
  3: ({ item }) => address(item.destination.address),
  4: ({ item }) => gauge(item.destination.prefixLength),
  5: ({ item }) => ifThere(item.via, address),
  7: ({ item }) => ifThere(item.preferredSource, address),
  8: ({ item }) => gauge(item.metric ?? 0),
  9: ({ item }) => scope(item.scope),
  10: ({ item }) => routeType(item),
  11: ({ view, item }) => device(view, item.device),
  12: ({ item }) => ifThere(item.device, text),
  13: ({ item }) => gauge(item.table),
  14: ({ isSet }) => oneOrTwo(isSet),
  15: from.address,
  16: from.mask,
  17: ({ item }) => ifThere(item.tos || undefined, gauge),
  // keepalived counts from unspec(1): RTPROT_* and one.
  18: ({ item }) => integer(item.protocol + 1),
  19: ({ item }) => truth(((item.metrics.features ?? 0) & ecnFeature) !== 0),
  20: ({ item }) => truth((item.metrics.quickack ?? 0) !== 0),
  21: ({ item }) => ifThere(item.expiresS, integer),
  22: metric("mtu"),
  23: lock("mtu", lockBits.mtu),
  24: metric("hoplimit"),
  25: metric("advmss"),
  26: lock("advmss", lockBits.advmss),
  27: metric("rttEighthMs", 8),
  28: lock("rttEighthMs", lockBits.rtt),
  29: metric("rttvarQuarterMs", 4),
  30: lock("rttvarQuarterMs", lockBits.rttvar),
  31: metric("reordering"),
  32: lock("reordering", lockBits.reordering),
  33: metric("window"),
  34: metric("cwnd"),
  35: lock("cwnd", lockBits.cwnd),
  36: metric("ssthresh"),
  37: lock("ssthresh", lockBits.ssthresh),
  38: metric("rtoMinMs"),
  39: lock("rtoMinMs", rtoMinBit),
  40: metric("initcwnd"),
  41: metric("initrwnd"),
  42: ({ item }) => ifThere(item.metrics.congctl, text),
  43: ({ item }) =>
    ifThere(item.routerPreference, (value) => integer(preferences.indexOf(value) + 1)),
  44: ({ item }) => low(item.realms),
  45: ({ item }) => high(item.realms),
  46: ({ item }) => ifThere(item.encapsulation, encapsulationType),
  ...encapsulationColumns<Listed<RouteConfig>>(47, ({ item }) => item.encapsulation),
  55: ({ item }) => ifThere(item.metrics.fastopenNoCookie, (value) => truth(value !== 0)),
};

const nextHopColumns: Record<number, Read<HopRow>> = {
  2: ({ route }) => familyType(route.family),
  3: ({ hop }) => ifThere(hop.via, address),
  4: ({ view, hop }) => device(view, hop.device),
  5: ({ hop }) => ifThere(hop.device, text),
  6: ({ hop }) => gauge(hop.weight),
  7: ({ hop }) => truth(hop.onLink),
  8: ({ hop }) => low(hop.realms),
  9: ({ hop }) => high(hop.realms),
  10: ({ hop }) => ifThere(hop.encapsulation, encapsulationType),
  ...encapsulationColumns<HopRow>(11, ({ hop }) => hop.encapsulation),
};

/** EncapType */
function encapsulationType({ kind }: Encapsulation): SnmpValue {
  return enumerated(["mpls", "ip", "ila", "ip6"], kind);
}

/** The eight objects of an encapsulation, from the column `first` on. */
function encapsulationColumns<Row>(
  first: number,
  of: (row: Row) => Encapsulation | undefined,
): Record<number, Read<Row>> {
  const ip =
    (show: (each: Extract<Encapsulation, { kind: "ip" | "ip6" }>) => SnmpValue | undefined) =>
    (row: Row): SnmpValue | undefined => {
      const each = of(row);
      return each?.kind === "ip" || each?.kind === "ip6" ? show(each) : undefined;
    };
  return {
    [first]: (row) => {
      const each = of(row);
      return each?.kind === "mpls" ? text(each.labels.join("/")) : undefined;
    },
    [first + 1]: ip(({ id }) => ifThere(id, (digits) => counter64(BigInt(digits)))),
    [first + 2]: ip(({ destination }) => ifThere(destination, address)),
    [first + 3]: ip(({ source }) => ifThere(source, address)),
    [first + 4]: ip(({ trafficClass }) => ifThere(trafficClass, gauge)),
    [first + 5]: ip(({ hopLimit }) => ifThere(hopLimit, gauge)),
    [first + 6]: ip(({ flags }) => ifThere(flags, gauge)),
    [first + 7]: (row) => {
      const each = of(row);
      return each?.kind === "ila" ? counter64(locatorNumber(each.locator)) : undefined;
    },
  };
}

function locatorNumber(locator: string): bigint {
  const groups = locator.split(":").map((group) => group.padStart(4, "0"));
  return BigInt(`0x${groups.join("") || "0"}`);
}

const to = prefixed<RuleConfig>((rule) => rule.to);
const source = prefixed<RuleConfig>((rule) => rule.from);
/** What the objects that are obsolete show: where both are given, the destination. */
const either = prefixed<RuleConfig>((rule) => rule.to ?? rule.from);

function direction({ from: sender, to: target }: RuleConfig): SnmpValue | undefined {
  if (sender !== undefined) return text(target === undefined ? "from" : "both");
  return target === undefined ? undefined : text("to");
}

/** RuleAction: FR_ACT_* of linux/fib_rules.h. */
const actions = { table: 1, goto: 2, nop: 3, blackhole: 6, unreachable: 7, prohibit: 8, l3mdev: 1 };

function ruleTable({ item: { action } }: Listed<RuleConfig>): SnmpValue | undefined {
  return action.kind === "table" ? gauge(action.table) : undefined;
}

function tunnel({ tunnelId }: RuleConfig, part: (id: bigint) => bigint): SnmpValue | undefined {
  return ifThere(tunnelId, (id) => gauge(Number(BigInt.asUintN(32, part(BigInt(id))))));
}

const ruleColumns: Record<number, Read<Listed<RuleConfig>>> = {
  2: ({ item }) => direction(item),
  3: either.type,
  4: either.address,
  5: either.mask,
  6: ruleTable,
  7: ({ isSet }) => oneOrTwo(isSet),
  8: ({ item }) => truth(item.isInverted),
  9: to.type,
  10: to.address,
  11: to.mask,
  12: source.type,
  13: source.address,
  14: source.mask,
  15: ({ item }) => gauge(item.tos),
  16: ({ item }) => ifThere(item.firewallMark, ({ mark }) => gauge(mark)),
  17: ({ item }) => ifThere(item.firewallMark, ({ mask }) => gauge(mask)),
  18: ({ item }) => low(item.realms),
  19: ({ item }) => high(item.realms),
  20: ({ item }) => ifThere(item.inputInterface, text),
  21: ({ item }) => ifThere(item.outputInterface, text),
  22: ({ item: { action } }) => (action.kind === "goto" ? gauge(action.preference) : undefined),
  23: ({ item: { action } }) => integer(actions[action.kind]),
  24: ruleTable,
  25: ({ item }) => gauge(item.preference),
  26: ({ item }) => ifThere(item.suppressPrefixLength, gauge),
  27: ({ item }) => ifThere(item.suppressInterfaceGroup, (group) => text(String(group))),
  28: ({ item }) => tunnel(item, (id) => id >> 32n),
  29: ({ item }) => tunnel(item, (id) => id),
  30: ({ item }) => ifThere(item.userIds, ({ from: first }) => gauge(first)),
  31: ({ item }) => ifThere(item.userIds, ({ to: last }) => gauge(last)),
  32: ({ item: { action } }) => (action.kind === "l3mdev" ? truth(true) : undefined),
  33: ({ item }) =>
    ifThere(item.protocol === 18 ? undefined : item.protocol, (n) => integer(n + 1)),
  34: ({ item }) => ifThere(item.ipProtocol, gauge),
  35: ({ item }) => ifThere(item.sourcePorts, ({ from: first }) => gauge(first)),
  36: ({ item }) => ifThere(item.sourcePorts, ({ to: last }) => gauge(last)),
  37: ({ item }) => ifThere(item.destinationPorts, ({ from: first }) => gauge(first)),
  38: ({ item }) => ifThere(item.destinationPorts, ({ to: last }) => gauge(last)),
};
