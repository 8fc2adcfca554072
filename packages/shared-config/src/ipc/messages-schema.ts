// The zod schemas of messages.ts: what each end of a pipe accepts. Unknown fields are refused, so
// that a child and a parent of different releases notice it at once.

import * as z from "zod/mini";
import { histogramBoundsUs } from "../base/histogram.js";
import { logLevels } from "../base/log.js";
import { dnsName, groupEntry, virtualServerKey } from "../schema/config-checker-schema.js";
import { checkerConfigSchema, vrrpConfigSchema } from "../schema/config-schema.js";
import { interfaceName, ipFamily, ipText, port, unsigned } from "../schema/config-schema-parts.js";
import {
  type FromChecker,
  type FromVrrp,
  type InstanceSnapshot,
  type InterfaceSetting,
  type NameAnswer,
  type RealServerSnapshot,
  refusalCauses,
  type ToChecker,
  type ToVrrp,
  type VirtualServerSnapshot,
  type VrrpStateName,
  type WatchReport,
} from "./messages.js";

const generation = z.int().check(z.positive());
export const vrrpState: z.ZodMiniType<VrrpStateName> = z.enum([
  "INIT",
  "BACKUP",
  "MASTER",
  "FAULT",
]);
const priority = z.int().check(z.minimum(0), z.maximum(255));
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Exported: what a parent leaves to its successor holds these too. */
export const instanceSnapshot: z.ZodMiniType<InstanceSnapshot> = z.strictObject({
  instance: z.string(),
  state: vrrpState,
  effectivePriority: priority,
  masterAddress: z.nullable(z.string()),
  masterPriority: z.nullable(priority),
  masterAdvertIntervalUs: z.int().check(z.positive()),
  enteredAt: z.number().check(z.nonnegative()),
  sequenceFrom: z.optional(z.int().check(z.nonnegative())),
  masterReason: z.optional(z.enum(["owner", "preemption", "timeout"])),
  hasGivenAway: z.optional(z.boolean()),
});

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

const trackerKinds = ["script", "file", "process", "bfd"] as const;
const trackerReport = z.strictObject({
  kind: z.enum(trackerKinds),
  name: z.string(),
  value: z.int(),
});
export const watchReport: z.ZodMiniType<WatchReport> = z.extend(trackerReport, {
  kind: z.enum([...trackerKinds, "link"]),
});

export const interfaceSetting: z.ZodMiniType<InterfaceSetting> = z.strictObject({
  family: z.enum(["ipv4", "ipv6"]),
  interface: interfaceName,
  name: z.enum(["arp_filter", "arp_ignore", "disable_ipv6", "promote_secondaries", "rp_filter"]),
  value: z.int().check(z.minimum(0), z.maximum(255)),
});

const notice = z.strictObject({
  state: z.enum(["UP", "DOWN"]),
  fifoLine: z.string(),
  mailText: z.nullable(z.string()),
  isStopping: z.boolean(),
});

/** Far beyond what an answer has room for. */
const addressesMax = 1024;

const nameAnswer = {
  name: dnsName,
  family: ipFamily,
  addresses: z.array(ipText).check(z.minLength(1), z.maxLength(addressesMax)),
};

export const nameAnswerSchema: z.ZodMiniType<NameAnswer> = z.strictObject(nameAnswer);

const drainSnapshot = z.strictObject({
  address: ipText,
  port,
  forwarding: z.enum(["NAT", "DR", "TUN", "LOCALNODE", "BYPASS"]),
  tunnel: z.strictObject({
    type: z.enum(["IPIP", "GUE", "GRE"]),
    port,
    flags: unsigned,
  }),
  upperThreshold: unsigned,
  lowerThreshold: unsigned,
  until: z.number().check(z.nonnegative()),
  notice,
});

export const realServerSnapshot: z.ZodMiniType<RealServerSnapshot> = z.strictObject({
  virtualServer: z.string(),
  realServer: z.string(),
  isUp: z.boolean(),
  weight: unsigned,
  checks: z.array(z.nullable(z.boolean())),
  dnsName: z.optional(z.string()),
  isDrained: z.optional(z.boolean()),
  slowStartedAt: z.optional(z.number().check(z.nonnegative())),
  draining: z.optional(drainSnapshot),
});

export const virtualServerSnapshot: z.ZodMiniType<VirtualServerSnapshot> = z.strictObject({
  virtualServer: z.string(),
  key: virtualServerKey,
  entries: z.array(groupEntry),
  mark: z.optional(unsigned),
  hasQuorum: z.boolean(),
  quorum: unsigned,
  hysteresis: unsigned,
  weight: z.int().check(z.nonnegative()),
});

const stop = z.strictObject({ type: z.literal("stop"), keeps: z.optional(z.literal(true)) });
const reportStatistics = z.strictObject({
  type: z.literal("reportStatistics"),
  clears: z.boolean(),
});

export const toVrrpSchema: z.ZodMiniType<ToVrrp> = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("configure"),
    generation,
    config: vrrpConfigSchema,
    resume: z.array(instanceSnapshot),
    trackers: z.array(watchReport),
    isInMaintenance: z.optional(z.literal(true)),
  }),
  z.strictObject({ type: z.literal("trackerChanged"), report: watchReport }),
  z.strictObject({ type: z.literal("announce"), instance: z.string() }),
  z.strictObject({ type: z.literal("failover"), instance: z.string() }),
  z.strictObject({ type: z.literal("maintenance"), isOn: z.boolean() }),
  z.strictObject({
    type: z.literal("plan"),
    running: vrrpConfigSchema,
    next: vrrpConfigSchema,
    resume: z.array(instanceSnapshot),
    trackers: z.array(watchReport),
    isInMaintenance: z.boolean(),
  }),
  stop,
  reportStatistics,
]);

export const toCheckerSchema: z.ZodMiniType<ToChecker> = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("configure"),
    generation,
    config: checkerConfigSchema,
    resume: z.array(realServerSnapshot),
    resumeVirtualServers: z.array(virtualServerSnapshot),
    trackers: z.array(trackerReport),
    isSyncMaster: z.boolean(),
    answers: z.optional(z.array(z.strictObject(nameAnswer))),
  }),
  z.strictObject({ type: z.literal("trackerChanged"), report: trackerReport }),
  z.strictObject({ type: z.literal("syncMaster"), isMaster: z.boolean() }),
  z.strictObject({
    type: z.literal("drain"),
    virtualServer: z.string(),
    realServer: z.string(),
    isOn: z.boolean(),
  }),
  z.strictObject({
    type: z.literal("plan"),
    running: checkerConfigSchema,
    next: checkerConfigSchema,
    resume: z.array(realServerSnapshot),
    resumeVirtualServers: z.array(virtualServerSnapshot),
    answers: z.array(z.strictObject(nameAnswer)),
    trackers: z.array(trackerReport),
    isSyncMaster: z.boolean(),
  }),
  stop,
  reportStatistics,
]);

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
  z.strictObject({ type: z.literal("nameResolved"), ...nameAnswer }),
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
