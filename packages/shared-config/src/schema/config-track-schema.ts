// The zod schemas of config-track.ts.

import * as z from "zod/mini";
import { interfaceName, ipText } from "./config-schema-parts.js";
import { script } from "./config-script-schema.js";
import type { TrackingConfig, TrackReferences } from "./config-track.js";

const name = z.string().check(z.minLength(1));
const reverse = z.boolean();
const signedMax = 2147483647;

/** A weight of at most `max` either way. */
function weight(max: number): z.ZodMiniNumber {
  return z.int().check(z.minimum(-max), z.maximum(max));
}

/** Microseconds within bounds. */
function time(from: number, to: number): z.ZodMiniNumber {
  return z.int().check(z.minimum(from), z.maximum(to));
}

const scriptTime = time(1000, 4_294_000_000);
const count = z.int().check(z.minimum(0), z.maximum(65535));
const processDelay = time(0, 3_600_000_000);
const bfdInterval = time(1000, 4_294_967_000);
const repeats = z.int().check(z.minimum(1), z.maximum(signedMax));
const byte = z.int().check(z.minimum(1), z.maximum(255));

const trackedScript = z.strictObject({
  name,
  script,
  intervalUs: scriptTime,
  timeoutUs: scriptTime,
  weight: weight(253),
  reverse,
  rise: repeats,
  fall: repeats,
  initFail: z.boolean(),
});

const trackedFile = z.strictObject({
  name,
  path: z.string().check(z.minLength(1)),
  weight: weight(254),
  reverse,
  initFile: z.optional(
    z.strictObject({
      value: z.number().check(z.int(), z.minimum(-signedMax - 1), z.maximum(signedMax)),
      overwrite: z.boolean(),
    }),
  ),
});

const trackedProcess = z.strictObject({
  name,
  process: z.string().check(z.minLength(1)),
  arguments: z.array(z.string()),
  parameterMatch: z.enum(["none", "exact", "initial", "partial"]),
  fullCommand: z.boolean(),
  weight: weight(254),
  reverse,
  quorum: count,
  quorumMax: z.optional(count),
  forkDelayUs: processDelay,
  terminateDelayUs: processDelay,
});

const bfdInstance = z.strictObject({
  name: name.check(z.maxLength(31)),
  neighborAddress: ipText,
  sourceAddress: z.optional(ipText),
  minReceiveUs: bfdInterval,
  minTransmitUs: bfdInterval,
  idleTransmitUs: bfdInterval.check(z.minimum(1_000_000)),
  multiplier: byte,
  passive: z.boolean(),
  ttl: byte,
  maxHops: z.int().check(z.minimum(-1), z.maximum(255)),
  multihop: z.boolean(),
  weight: weight(253),
  reverse,
  vrrp: z.boolean(),
  checker: z.boolean(),
});

export const trackingConfigSchema: z.ZodMiniType<TrackingConfig> = z.strictObject({
  scripts: z.array(trackedScript),
  files: z.array(trackedFile),
  processes: z.array(trackedProcess),
  bfdInstances: z.array(bfdInstance),
});

export const trackReferences: z.ZodMiniType<TrackReferences> = z.strictObject({
  interfaces: z.array(z.strictObject({ interface: interfaceName, weight: weight(253), reverse })),
  scripts: z.array(z.strictObject({ name, weight: weight(253), reverse })),
  files: z.array(z.strictObject({ name, weight: weight(254), reverse })),
  processes: z.array(z.strictObject({ name, weight: weight(254), reverse })),
  bfdInstances: z.array(z.strictObject({ name, weight: weight(253), reverse })),
});
