// The zod schemas of config-track.ts.

import * as z from "zod";
import { interfaceName, ipText } from "./config-schema-parts.js";
import { script } from "./config-script-schema.js";
import type { TrackingConfig, TrackReferences } from "./config-track.js";

const name = z.string().min(1);
const reverse = z.boolean();
const signedMax = 2147483647;

/** A weight of at most `max` either way. */
function weight(max: number): z.ZodNumber {
  return z.number().int().min(-max).max(max);
}

/** Microseconds within bounds. */
function time(from: number, to: number): z.ZodNumber {
  return z.number().int().min(from).max(to);
}

const scriptTime = time(1000, 4_294_000_000);
const count = z.number().int().min(0).max(65535);
const processDelay = time(0, 3_600_000_000);
const bfdInterval = time(1000, 4_294_967_000);
const repeats = z.number().int().min(1).max(signedMax);
const byte = z.number().int().min(1).max(255);

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
  path: z.string().min(1),
  weight: weight(254),
  reverse,
  initFile: z
    .strictObject({
      value: z
        .number()
        .int()
        .min(-signedMax - 1)
        .max(signedMax),
      overwrite: z.boolean(),
    })
    .optional(),
});

const trackedProcess = z.strictObject({
  name,
  process: z.string().min(1),
  arguments: z.array(z.string()),
  parameterMatch: z.enum(["none", "exact", "initial", "partial"]),
  fullCommand: z.boolean(),
  weight: weight(254),
  reverse,
  quorum: count,
  quorumMax: count.optional(),
  forkDelayUs: processDelay,
  terminateDelayUs: processDelay,
});

const bfdInstance = z.strictObject({
  name: name.max(31),
  neighborAddress: ipText,
  sourceAddress: ipText.optional(),
  minReceiveUs: bfdInterval,
  minTransmitUs: bfdInterval,
  idleTransmitUs: bfdInterval.min(1_000_000),
  multiplier: byte,
  passive: z.boolean(),
  ttl: byte,
  maxHops: z.number().int().min(-1).max(255),
  multihop: z.boolean(),
  weight: weight(253),
  reverse,
  vrrp: z.boolean(),
  checker: z.boolean(),
});

export const trackingConfigSchema: z.ZodType<TrackingConfig> = z.strictObject({
  scripts: z.array(trackedScript),
  files: z.array(trackedFile),
  processes: z.array(trackedProcess),
  bfdInstances: z.array(bfdInstance),
});

export const trackReferences: z.ZodType<TrackReferences> = z.strictObject({
  interfaces: z.array(z.strictObject({ interface: interfaceName, weight: weight(253), reverse })),
  scripts: z.array(z.strictObject({ name, weight: weight(253), reverse })),
  files: z.array(z.strictObject({ name, weight: weight(254), reverse })),
  processes: z.array(z.strictObject({ name, weight: weight(254), reverse })),
  bfdInstances: z.array(z.strictObject({ name, weight: weight(253), reverse })),
});
