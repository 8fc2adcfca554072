// The metrics of a route line: `mtu [lock] <n>`, `rtt [lock] <time>`, `features ecn` and so on, in
// the kernel's units and with its lock bits. Ranges follow keepalived's vrrp/vrrp_iproute.c and
// vrrp/vrrp_ip_rule_route_parser.c.

import type { Word } from "../text/ast.js";
import type { RouteMetrics } from "./config-routes.js";
import {
  type LineOptions,
  type LineState,
  type LineWords,
  readNumber,
  unsignedMax,
} from "./line-words.js";
import { quoteWord } from "./printed.js";

/** Metrics while they are read. */
export type MetricsDraft = { -readonly [K in keyof RouteMetrics]: RouteMetrics[K] };

export interface MetricsState extends LineState {
  readonly metrics: MetricsDraft;
}

type NumberField = Exclude<keyof RouteMetrics, "congctl" | "lock">;

interface Metric {
  readonly field: NumberField;
  readonly max?: number;
  /** RTAX_* of linux/rtnetlink.h, where `lock` may stand before the value. */
  readonly lockBit?: number;
  /** The kernel's units in a millisecond, for a time. */
  readonly unitsPerMs?: number;
}

const metrics: Readonly<Record<string, Metric>> = {
  mtu: { field: "mtu", lockBit: 2 },
  window: { field: "window" },
  rtt: { field: "rttEighthMs", lockBit: 4, unitsPerMs: 8 },
  rttvar: { field: "rttvarQuarterMs", lockBit: 5, unitsPerMs: 4 },
  ssthresh: { field: "ssthresh", lockBit: 6 },
  cwnd: { field: "cwnd", lockBit: 7 },
  advmss: { field: "advmss", lockBit: 8 },
  reordering: { field: "reordering", lockBit: 9 },
  hoplimit: { field: "hoplimit", max: 255 },
  initcwnd: { field: "initcwnd" },
  rto_min: { field: "rtoMinMs", lockBit: 13, unitsPerMs: 1 },
  initrwnd: { field: "initrwnd" },
  quickack: { field: "quickack", max: 1 },
  fastopen_no_cookie: { field: "fastopenNoCookie", max: 1 },
};

const congctlLockBit = 16;
/** RTAX_FEATURE_ECN. */
const featureEcn = 1;
/** TCP_RTO_MIN and TCP_RTO_MAX of the kernel's net/tcp.h. */
const timeMinMs = 200;
const timeMaxMs = 120_000;

export const metricOptions: LineOptions<MetricsState> = {
  ...Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => [
      name,
      (state: MetricsState, option: Word): void => readMetric(state, option, metric),
    ]),
  ),
  features: readFeature,
  congctl: readCongctl,
};

function readMetric({ words, metrics: draft }: MetricsState, option: Word, metric: Metric): void {
  const { field, max = unsignedMax, lockBit, unitsPerMs } = metric;
  if (lockBit !== undefined) readLock(words, draft, lockBit);
  const value =
    unitsPerMs === undefined ? readNumber(words, option, max) : readTime(words, option, unitsPerMs);
  if (value !== undefined) draft[field] = value;
}

function readLock(words: LineWords, draft: MetricsDraft, lockBit: number): void {
  if (words.ahead?.value !== "lock") return;
  words.next();
  draft.lock |= 1 << lockBit;
}

/** A time in the kernel's units: a bare number already is, one with a suffix becomes so. */
function readTime(words: LineWords, option: Word, unitsPerMs: number): number | undefined {
  const value = words.valueOf(option);
  if (value === undefined) return undefined;
  const [, digits, milli, second] =
    /^(\d+(?:\.\d*)?|\.\d+)(?:(m)?(s|sec|secs))?$/i.exec(value.value) ?? [];
  let factor = 1;
  if (second !== undefined) factor = milli === undefined ? 1000 * unitsPerMs : unitsPerMs;
  const time = digits === undefined ? Number.NaN : Math.round(Number(digits) * factor);
  const min = timeMinMs * unitsPerMs;
  const max = timeMaxMs * unitsPerMs;
  const unit = unitsPerMs === 1 ? "ms" : `1/${unitsPerMs} ms`;
  const expected = `200ms to 120s, or ${min} to ${max} in units of ${unit}`;
  if (Number.isNaN(time) || time > max) return words.reject(option, value, expected);
  if (time >= min) return time;
  words.complain(option, value, expected, "200ms is used");
  return min;
}

function readFeature({ words, metrics: draft }: MetricsState, option: Word): void {
  const value = words.valueOf(option);
  if (value?.value === "ecn") draft.features = (draft.features ?? 0) | featureEcn;
  else if (value !== undefined) words.complain(option, value, "ecn", "it is ignored");
}

function readCongctl({ words, metrics: draft }: MetricsState, option: Word): void {
  readLock(words, draft, congctlLockBit);
  const value = words.valueOf(option);
  if (value === undefined) return;
  if (value.value === "") words.reject(option, value, "the name of an algorithm");
  else draft.congctl = value.value;
}

/** The words of all metrics. */
export function printMetrics(config: RouteMetrics): string[] {
  const lock = (bit: number | undefined): string[] =>
    bit !== undefined && ((config.lock >>> bit) & 1) === 1 ? ["lock"] : [];
  const numbers = Object.entries(metrics).flatMap(([name, { field, lockBit }]) => {
    const value = config[field];
    return value === undefined ? [] : [name, ...lock(lockBit), String(value)];
  });
  const { features = 0, congctl } = config;
  if ((features & featureEcn) !== 0) numbers.push("features", "ecn");
  if (congctl !== undefined) numbers.push("congctl", ...lock(congctlLockBit), quoteWord(congctl));
  return numbers;
}
