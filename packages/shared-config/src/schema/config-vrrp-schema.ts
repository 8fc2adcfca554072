// The zod schemas of config-vrrp.ts.

import { z } from "zod";
import { route, rule, virtualAddress } from "./config-routes-schema.js";
import { interfaceName, ipFamily, ipText, microseconds } from "./config-schema-parts.js";
import { trackReferences } from "./config-track-schema.js";
import type { VrrpInstanceConfig } from "./config-vrrp.js";

const garp = z.strictObject({
  masterDelayUs: microseconds,
  masterRepeat: z.number().int().nonnegative(),
  masterRefreshUs: microseconds,
  masterRefreshRepeat: z.number().int().nonnegative(),
  lowerPriorityDelayUs: microseconds,
  lowerPriorityRepeat: z.number().int().nonnegative(),
});

export const vrrpInstance: z.ZodType<VrrpInstanceConfig> = z.strictObject({
  name: z.string().min(1).max(255),
  wantedState: z.enum(["MASTER", "BACKUP"]),
  interface: interfaceName,
  family: ipFamily,
  version: z.union([z.literal(2), z.literal(3)]),
  virtualRouterId: z.number().int().min(1).max(255),
  basePriority: z.number().int().min(1).max(255),
  advertIntervalUs: z.number().int().min(10_000).max(255_000_000),
  preempt: z.boolean(),
  preemptDelayUs: microseconds,
  downTimerAdverts: z.number().int().min(1).max(100),
  authentication: z
    .strictObject({ type: z.literal("PASS"), data: z.string().regex(/^[0-9a-f]{16}$/) })
    .optional(),
  virtualAddresses: z.array(virtualAddress).max(255),
  excludedAddresses: z.array(virtualAddress),
  virtualRoutes: z.array(route),
  virtualRules: z.array(rule),
  sourceAddress: ipText.optional(),
  multicastGroup: ipText,
  trackPrimary: z.boolean(),
  lowerPriorityNoAdvert: z.boolean(),
  higherPrioritySendAdvert: z.boolean(),
  ownerIgnoreAdverts: z.boolean(),
  skipCheckAdvertAddresses: z.boolean(),
  garp,
  track: trackReferences,
});
