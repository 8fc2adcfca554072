// The zod schemas of what the children tell the parent (messages.ts). Unknown fields are refused,
// so that a child and a parent of different releases notice it at once.

import * as z from "zod/mini";
import { histogramBoundsUs } from "../base/histogram.js";
import { logLevels } from "../base/log.js";
import { virtualServerKey } from "../schema/config-checker-schema.js";
import { interfaceName, unsigned } from "../schema/config-schema-parts.js";
import {
  nameAnswerFields,
  notice,
  realServerSnapshot,
  virtualServerSnapshot,
} from "./checker-snapshot-schema.js";
import {
  type FromChecker,
  type FromVrrp,
  type InterfaceSetting,
  refusalCauses,
} from "./messages.js";
import { generation } from "./order-parts-schema.js";
import { instanceSnapshot, priority, vrrpState } from "./vrrp-snapshot-schema.js";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const instanceStatus = z.strictObject({
  instance: z.string(),
  state: vrrpState,
  wantedState: vrrpState,
  effectivePriority: priority,
  totalPriority: z.int(),
  masterAddress: z.nullable(z.string()),
  masterPriority: z.nullable(priority),
  masterAdvertIntervalUs: z.int().check(z.positive()),
  masterDownUs: z.int().check(z.positive()),
  enteredAt: z.number().check(z.nonnegative()),
  timerAt: z.nullable(z.number().check(z.nonnegative())),
  sourceAddress: z.nullable(z.string()),
  holdsAddresses: z.boolean(),
  fault: z.nullable(z.string()),
  hasGivenAway: z.optional(z.boolean()),
  counters: z.record(z.string(), z.int().check(z.nonnegative())),
});

const interfaceSetting: z.ZodMiniType<InterfaceSetting> = z.strictObject({
  family: z.enum(["ipv4", "ipv6"]),
  interface: interfaceName,
  name: z.enum(["arp_filter", "arp_ignore", "disable_ipv6", "promote_secondaries", "rp_filter"]),
  value: z.int().check(z.minimum(0), z.maximum(255)),
});

const logRecord = z.strictObject({
  level: z.enum(logLevels),
  text: z.string(),
  data: z.optional(z.record(z.string(), scalar)),
  about: z.optional(
    z.strictObject({
      instance: z.optional(z.string()),
      virtualServer: z.optional(z.string()),
      realServer: z.optional(z.string()),
    }),
  ),
});

const histogram = z.strictObject({
  counts: z.array(z.int().check(z.nonnegative())).check(z.length(histogramBoundsUs.length + 1)),
  sumUs: z.number().check(z.nonnegative()),
});

const fromChild = [
  z.strictObject({ type: z.literal("alive") }),
  z.strictObject({ type: z.literal("ready"), generation }),
  z.strictObject({ type: z.literal("log"), record: logRecord }),
  z.strictObject({
    type: z.literal("failed"),
    exitCode: z.int().check(z.minimum(1), z.maximum(255)),
    error: z.strictObject({
      code: z.string(),
      message: z.string(),
      data: z.record(z.string(), scalar),
    }),
  }),
  z.strictObject({ type: z.literal("stopped") }),
] as const;

const plannedState = z.strictObject({
  state: vrrpState,
  effectivePriority: priority,
  fault: z.nullable(z.string()),
});

const plannedInstance = z.strictObject({
  instance: z.string(),
  change: z.enum(["added", "removed", "changed", "replaced"]),
  before: z.nullable(plannedState),
  after: z.nullable(plannedState),
  adds: z.array(z.string()),
  removes: z.array(z.string()),
  isHandedOver: z.boolean(),
  risks: z.array(z.string()),
});

const plannedServerState = z.strictObject({ isUp: z.boolean(), weight: unsigned });

export const fromVrrpSchema: z.ZodMiniType<FromVrrp> = z.discriminatedUnion("type", [
  ...fromChild,
  z.strictObject({
    type: z.literal("instanceState"),
    previous: vrrpState,
    snapshot: instanceSnapshot,
  }),
  z.strictObject({ type: z.literal("instanceRemoved"), instance: z.string() }),
  z.strictObject({
    type: z.literal("failoverEnded"),
    instance: z.string(),
    successor: z.nullable(z.string()),
  }),
  z.strictObject({ type: z.literal("lowerPriorityReceived"), instance: z.string() }),
  z.strictObject({
    type: z.literal("advertRefused"),
    instance: z.string(),
    cause: z.enum(refusalCauses),
    source: z.string(),
  }),
  z.strictObject({
    type: z.literal("groupState"),
    group: z.string(),
    previous: vrrpState,
    state: vrrpState,
  }),
  z.strictObject({ type: z.literal("groupRemoved"), group: z.string() }),
  z.strictObject({ type: z.literal("planned"), instances: z.array(plannedInstance) }),
  z.strictObject({ type: z.literal("settingsWanted"), settings: z.array(interfaceSetting) }),
  z.strictObject({
    type: z.literal("statistics"),
    instances: z.array(instanceStatus),
    isLast: z.boolean(),
    unknownVirtualRouter: z.int().check(z.nonnegative()),
    eventLoopDelayMaxUs: z.number().check(z.nonnegative()),
    advertLateness: histogram,
  }),
]);

const traffic = z.array(z.number().check(z.nonnegative())).check(z.length(10));

const serviceTraffic = z.strictObject({
  virtualServers: z.array(z.string()),
  traffic,
  destinations: z.array(
    z.strictObject({
      address: z.string(),
      port: z.int(),
      activeConnections: z.int().check(z.nonnegative()),
      inactiveConnections: z.int().check(z.nonnegative()),
      persistentConnections: z.int().check(z.nonnegative()),
      traffic,
    }),
  ),
});

export const fromCheckerSchema: z.ZodMiniType<FromChecker> = z.discriminatedUnion("type", [
  ...fromChild,
  z.strictObject({
    type: z.literal("planned"),
    ipvs: z.array(z.string()),
    realServers: z.array(
      z.strictObject({
        virtualServer: z.string(),
        realServer: z.string(),
        before: z.nullable(plannedServerState),
        after: z.nullable(plannedServerState),
      }),
    ),
    virtualServers: z.array(
      z.strictObject({
        virtualServer: z.string(),
        hadQuorum: z.nullable(z.boolean()),
        hasQuorum: z.nullable(z.boolean()),
      }),
    ),
  }),
  z.strictObject({
    type: z.literal("statistics"),
    services: z.array(serviceTraffic),
    probeDurations: z.record(z.string(), histogram),
    isLast: z.boolean(),
  }),
  z.strictObject({
    type: z.literal("realServerState"),
    snapshot: realServerSnapshot,
    notice: z.nullable(notice),
  }),
  z.strictObject({ type: z.literal("nameResolved"), ...nameAnswerFields }),
  z.strictObject({
    type: z.literal("realServerRemoved"),
    virtualServer: z.string(),
    realServer: z.string(),
  }),
  z.strictObject({
    type: z.literal("virtualServerState"),
    snapshot: virtualServerSnapshot,
    notice: z.nullable(notice),
  }),
  z.strictObject({
    type: z.literal("virtualServerRemoved"),
    virtualServer: z.string(),
    key: virtualServerKey,
  }),
]);
