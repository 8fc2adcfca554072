// Routes as rtnetlink messages: RTM_NEWROUTE and RTM_DELROUTE, both ways (struct rtmsg and RTA_* of
// linux/rtnetlink.h; the kernel's side is net/ipv4/fib_frontend.c and net/ipv6/route.c). Pure.
//
//    0        1       2       3     4       5          6       7      8               12
//    +--------+-------+-------+-----+-------+----------+-------+------+---------------+--- - - -
//    | family |dst len|src len| tos | table | protocol | scope | type | flags         | RTA_*
//    +--------+-------+-------+-----+-------+----------+-------+------+---------------+--- - - -

import { RT_SCOPE_NOWHERE } from "../constants/netlink.js";
import {
  RTA_CACHEINFO,
  RTA_DST,
  RTA_EXPIRES,
  RTA_METRICS,
  RTA_MULTIPATH,
  RTA_OIF,
  RTA_PREF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_SRC,
  RTA_TABLE,
  RTA_TTL_PROPAGATE,
  RTM_F_CLONED,
  RTNH_F_ONLINK,
} from "../constants/routing.js";
import { addressBytes, familyNumber, familyOf, ipIn, prefixIn } from "./ip-attributes.js";
import {
  type Attributes,
  isLittleEndian,
  type MessageWriter,
  numberIn,
  readAttributes,
  signedIn,
  viewOf,
} from "./message.js";
import {
  decodeNextHops,
  decodeWay,
  encodeNextHops,
  encodeWay,
  type KernelNextHop,
  type ResolvedNextHop,
} from "./next-hop-codec.js";
import { decodeMetrics, encodeMetrics } from "./route-metrics-codec.js";
import {
  type IpPrefix,
  type RouteMetrics,
  type RouteNames,
  type RouteRequest,
  type RouteType,
  routeTypes,
} from "./route-request.js";

/** A route as the kernel tells of it. */
export interface KernelRoute {
  readonly family: 4 | 6;
  readonly type: RouteType;
  readonly destination: IpPrefix;
  /** Of length 0 unless IPv6 routes by source. */
  readonly source: IpPrefix;
  readonly table: number;
  readonly scope: number;
  /** RTPROT_*. */
  readonly protocol: number;
  readonly tos: number;
  readonly metric: number;
  readonly preferredSource: string | null;
  readonly metrics: RouteMetrics;
  /** Of what is left; null = forever. */
  readonly expiresS: number | null;
  readonly routerPreference: number;
  readonly ttlPropagate: boolean | null;
  /** One for a route with a single way, none for one that leads nowhere. */
  readonly nextHops: readonly KernelNextHop[];
}

/** A route whose names have been replaced by numbers. */
export interface ResolvedRoute {
  readonly request: RouteRequest;
  readonly table: number;
  /** 0 = none, or the kernel looks for it. */
  readonly interfaceIndex: number;
  readonly nextHops: readonly ResolvedNextHop[];
}

const headerLength = 12;
/** USER_HZ of the kernel: what it tells times in. */
const ticksPerSecond = 100;
const expiresOffset = 8;
const cacheInfoLength = 32;
/** IP6_RT_PRIO_USER of net/ip6_route.h: what IPv6 makes of a metric of 0. */
const ipv6DefaultMetric = 1024;

/** undefined = an interface or a VRF that it names is not there. */
export function resolveRoute(request: RouteRequest, names: RouteNames): ResolvedRoute | undefined {
  const table = request.vrf === undefined ? request.table : names.vrfTable(request.vrf);
  const interfaceIndex = indexOf(request.device, names);
  const nextHops: ResolvedNextHop[] = [];
  for (const hop of request.nextHops) {
    const hopIndex = indexOf(hop.device, names);
    if (hopIndex === undefined) return undefined;
    const { device: _device, ...rest } = hop;
    nextHops.push({ ...rest, interfaceIndex: hopIndex });
  }
  if (table === undefined || interfaceIndex === undefined) return undefined;
  return { request, table, interfaceIndex, nextHops };
}

function indexOf(device: string | undefined, names: RouteNames): number | undefined {
  return device === undefined ? 0 : names.interfaceIndex(device);
}

/** Writes the payload of RTM_NEWROUTE. */
export function encodeNewRoute(writer: MessageWriter, route: ResolvedRoute): void {
  const { request } = route;
  encodeIdentity(writer, route, request.scope);
  if (request.metric !== undefined) writer.attributeU32(RTA_PRIORITY, request.metric);
  if (request.preferredSource !== undefined) {
    writer.attribute(RTA_PREFSRC, addressBytes(request.preferredSource));
  }
  if (request.ttlPropagate !== undefined) {
    writer.attributeU8(RTA_TTL_PROPAGATE, request.ttlPropagate ? 1 : 0);
  }
  if (request.expiresS !== undefined) writer.attributeU32(RTA_EXPIRES, request.expiresS);
  if (request.routerPreference !== undefined) {
    writer.attributeU8(RTA_PREF, request.routerPreference);
  }
  encodeMetrics(writer, request.metrics);
  encodeWay(writer, request.family, request);
  encodeNextHops(writer, request.family, route.nextHops);
}

/**
 * Writes the payload of RTM_DELROUTE: what tells the route from others. Not its metrics, tunnels
 * and times: the kernel alters some (an MTU that is too large), and would then find no such route.
 */
export function encodeDeleteRoute(writer: MessageWriter, route: ResolvedRoute): void {
  const { request, nextHops } = route;
  // Any scope: fib_table_delete() in net/ipv4/fib_trie.c.
  encodeIdentity(writer, route, RT_SCOPE_NOWHERE);
  const metric = metricOf(request);
  // 0 would fit any metric.
  if (metric !== 0) writer.attributeU32(RTA_PRIORITY, metric);
  if (request.preferredSource !== undefined) {
    writer.attribute(RTA_PREFSRC, addressBytes(request.preferredSource));
  }
  encodeWay(writer, request.family, { via: request.via });
  encodeNextHops(
    writer,
    request.family,
    nextHops.map(({ encapsulation: _encapsulation, ...hop }) => hop),
  );
}

function encodeIdentity(writer: MessageWriter, route: ResolvedRoute, scope: number): void {
  const { request, table, interfaceIndex } = route;
  const { family, destination, source } = request;
  const sourceLength = source?.prefixLength ?? 0;
  writer.u8(familyNumber(family));
  writer.u8(destination.prefixLength);
  writer.u8(sourceLength);
  writer.u8(request.tos);
  writer.u8(table > 0xff ? 0 : table);
  writer.u8(request.protocol);
  writer.u8(scope);
  writer.u8(routeTypes.indexOf(request.type));
  writer.u32(request.onLink ? RTNH_F_ONLINK : 0);
  writer.attribute(RTA_DST, addressBytes(destination.address));
  if (source !== undefined && sourceLength > 0) {
    writer.attribute(RTA_SRC, addressBytes(source.address));
  }
  if (table > 0xff) writer.attributeU32(RTA_TABLE, table);
  if (interfaceIndex !== 0) writer.attributeU32(RTA_OIF, interfaceIndex);
}

/** The metric that the kernel will give it. */
export function metricOf({ family, metric = 0 }: RouteRequest): number {
  return metric === 0 && family === 6 ? ipv6DefaultMetric : metric;
}

/** Writes the payload of an RTM_GETROUTE dump: every table of IPv4 and IPv6. */
export function encodeRouteDump(writer: MessageWriter): void {
  for (let i = 0; i < headerLength / 4; i++) writer.u32(0);
}

/**
 * RTPROT_* of the route in the payload of an RTM_*ROUTE message, without reading the rest of it;
 * undefined = it has no header.
 */
export function routeProtocol(payload: Uint8Array): number | undefined {
  return payload.length < headerLength ? undefined : payload[5];
}

/**
 * The route in the payload of an RTM_*ROUTE message; null = none of IPv4 or IPv6, of a type that
 * nobody can ask for, or a copy in a cache; undefined = malformed.
 */
export function decodeRoute(payload: Uint8Array): KernelRoute | null | undefined {
  if (payload.length < headerLength) return undefined;
  const family = familyOf(payload[0]);
  const type = routeTypes[payload[7] ?? 0];
  const flags = viewOf(payload).getUint32(8, isLittleEndian);
  if (family === null || (flags & RTM_F_CLONED) !== 0) return null;
  if (type === undefined || type === "unspecified") return null;
  const attributes = readAttributes(payload, headerLength);
  if (attributes === undefined) return undefined;
  const [, destinationLength = 0, sourceLength = 0, tos = 0, shortTable = 0] = payload;
  const destination = prefixIn(attributes, RTA_DST, family, destinationLength);
  const source = prefixIn(attributes, RTA_SRC, family, sourceLength);
  const metrics = decodeMetrics(attributes.get(RTA_METRICS));
  const nextHops = nextHopsIn(attributes, family, (flags & RTNH_F_ONLINK) !== 0);
  if (!destination || !source || !metrics || !nextHops) return undefined;
  const ttlPropagate = numberIn(attributes.get(RTA_TTL_PROPAGATE));
  return {
    family,
    type,
    destination,
    source,
    table: numberIn(attributes.get(RTA_TABLE)) ?? shortTable,
    scope: payload[6] ?? 0,
    protocol: payload[5] ?? 0,
    tos,
    metric: numberIn(attributes.get(RTA_PRIORITY)) ?? 0,
    preferredSource: ipIn(attributes, RTA_PREFSRC, family),
    metrics,
    expiresS: expiresIn(attributes),
    routerPreference: numberIn(attributes.get(RTA_PREF)) ?? 0,
    ttlPropagate: ttlPropagate === undefined ? null : ttlPropagate !== 0,
    nextHops,
  };
}

/** The ways of a route, a single one told like one of many; undefined = malformed. */
function nextHopsIn(
  attributes: Attributes,
  family: 4 | 6,
  onLink: boolean,
): readonly KernelNextHop[] | undefined {
  const multipath = attributes.get(RTA_MULTIPATH);
  if (multipath !== undefined) return decodeNextHops(multipath, family);
  const way = decodeWay(attributes, family);
  if (way === undefined) return undefined;
  const interfaceIndex = numberIn(attributes.get(RTA_OIF)) ?? 0;
  if (interfaceIndex === 0 && way.via === null) return [];
  return [{ ...way, interfaceIndex, weight: 1, onLink }];
}

/** RTA_EXPIRES is what was asked for, struct rta_cacheinfo what is left. */
function expiresIn(attributes: Attributes): number | null {
  const asked = numberIn(attributes.get(RTA_EXPIRES));
  if (asked !== undefined) return asked;
  const info = attributes.get(RTA_CACHEINFO);
  if (info === undefined || info.length < cacheInfoLength) return null;
  const ticks = signedIn(info.subarray(expiresOffset, expiresOffset + 4)) ?? 0;
  return ticks === 0 ? null : Math.trunc(ticks / ticksPerSecond);
}
