// The metrics of a route: RTA_METRICS both ways (RTAX_* of linux/rtnetlink.h; the kernel's side is
// net/ipv4/metrics.c). Pure.

import {
  RTA_METRICS,
  RTAX_ADVMSS,
  RTAX_CC_ALGO,
  RTAX_CWND,
  RTAX_FASTOPEN_NO_COOKIE,
  RTAX_FEATURES,
  RTAX_HOPLIMIT,
  RTAX_INITCWND,
  RTAX_INITRWND,
  RTAX_LOCK,
  RTAX_MTU,
  RTAX_QUICKACK,
  RTAX_REORDERING,
  RTAX_RTO_MIN,
  RTAX_RTT,
  RTAX_RTTVAR,
  RTAX_SSTHRESH,
  RTAX_WINDOW,
} from "../constants/routing.js";
import { MessageWriter, numberIn, readAttributes, textIn } from "./message.js";
import type { RouteMetrics } from "./route-request.js";

type NumberName = Exclude<keyof RouteMetrics, "congctl" | "lock">;

export const metricTypes: readonly (readonly [NumberName, number])[] = [
  ["mtu", RTAX_MTU],
  ["window", RTAX_WINDOW],
  ["rttEighthMs", RTAX_RTT],
  ["rttvarQuarterMs", RTAX_RTTVAR],
  ["ssthresh", RTAX_SSTHRESH],
  ["cwnd", RTAX_CWND],
  ["advmss", RTAX_ADVMSS],
  ["reordering", RTAX_REORDERING],
  ["hoplimit", RTAX_HOPLIMIT],
  ["initcwnd", RTAX_INITCWND],
  ["features", RTAX_FEATURES],
  ["rtoMinMs", RTAX_RTO_MIN],
  ["initrwnd", RTAX_INITRWND],
  ["quickack", RTAX_QUICKACK],
  ["fastopenNoCookie", RTAX_FASTOPEN_NO_COOKIE],
];

/** Nothing at all if no metric is set. */
export function encodeMetrics(writer: MessageWriter, metrics: RouteMetrics): void {
  const inner = new MessageWriter(256);
  for (const [name, type] of metricTypes) {
    const value = metrics[name];
    if (value !== undefined) inner.attributeU32(type, value);
  }
  const { congctl } = metrics;
  if (congctl !== undefined) inner.attribute(RTAX_CC_ALGO, Buffer.from(congctl, "latin1"));
  if (metrics.lock !== 0) inner.attributeU32(RTAX_LOCK, metrics.lock);
  const bytes = inner.bytes();
  if (bytes.length > 0) writer.attribute(RTA_METRICS, bytes);
}

/** undefined = malformed. */
export function decodeMetrics(value: Uint8Array | undefined): RouteMetrics | undefined {
  if (value === undefined) return { lock: 0 };
  const attributes = readAttributes(value);
  if (attributes === undefined) return undefined;
  const metrics: { -readonly [Name in keyof RouteMetrics]: RouteMetrics[Name] } = {
    lock: numberIn(attributes.get(RTAX_LOCK)) ?? 0,
  };
  for (const [name, type] of metricTypes) {
    const number = numberIn(attributes.get(type));
    if (number !== undefined) metrics[name] = number;
  }
  const congctl = textIn(attributes.get(RTAX_CC_ALGO));
  if (congctl !== undefined) metrics.congctl = congctl;
  return metrics;
}
