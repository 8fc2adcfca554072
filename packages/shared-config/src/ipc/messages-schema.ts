// The zod schemas of messages.ts: what each end of a pipe accepts. Unknown fields are refused, so
// that a child and a parent of different releases notice it at once.

import * as z from "zod";
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

const generation = z.number().int().positive();
export const vrrpState: z.ZodType<VrrpStateName> = z.enum(["INIT", "BACKUP", "MASTER", "FAULT"]);
const priority = z.number().int().min(0).max(255);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Exported: what a parent leaves to its successor holds these too. */
export const instanceSnapshot: z.ZodType<InstanceSnapshot> = z.strictObject({
  instance: z.string(),
  state: vrrpState,
  effectivePriority: priority,
  masterAddress: z.string().nullable(),
  masterPriority: priority.nullable(),
  masterAdvertIntervalUs: z.number().int().positive(),
  enteredAt: z.number().nonnegative(),
  sequenceFrom: z.number().int().nonnegative().optional(),
  masterReason: z.enum(["owner", "preemption", "timeout"]).optional(),
  hasGivenAway: z.boolean().optional(),
});

const instanceStatus = z.strictObject({
  instance: z.string(),
  state: vrrpState,
  wantedState: vrrpState,
  effectivePriority: priority,
  totalPriority: z.number().int(),
  masterAddress: z.string().nullable(),
  masterPriority: priority.nullable(),
  masterAdvertIntervalUs: z.number().int().positive(),
  masterDownUs: z.number().int().positive(),
  enteredAt: z.number().nonnegative(),
  timerAt: z.number().nonnegative().nullable(),
  sourceAddress: z.string().nullable(),
  holdsAddresses: z.boolean(),
  fault: z.string().nullable(),
  hasGivenAway: z.boolean().optional(),
  counters: z.record(z.string(), z.number().int().nonnegative()),
});

const trackerKinds = ["script", "file", "process", "bfd"] as const;
const trackerReport = z.strictObject({
  kind: z.enum(trackerKinds),
  name: z.string(),
  value: z.number().int(),
});
export const watchReport: z.ZodType<WatchReport> = trackerReport.extend({
  kind: z.enum([...trackerKinds, "link"]),
});

export const interfaceSetting: z.ZodType<InterfaceSetting> = z.strictObject({
  family: z.enum(["ipv4", "ipv6"]),
  interface: interfaceName,
  name: z.enum(["arp_filter", "arp_ignore", "disable_ipv6", "promote_secondaries", "rp_filter"]),
  value: z.number().int().min(0).max(255),
});

const notice = z.strictObject({
  state: z.enum(["UP", "DOWN"]),
  fifoLine: z.string(),
  mailText: z.string().nullable(),
  isStopping: z.boolean(),
});

/** Far beyond what an answer has room for. */
const addressesMax = 1024;

const nameAnswer = {
  name: dnsName,
  family: ipFamily,
  addresses: z.array(ipText).min(1).max(addressesMax),
};

export const nameAnswerSchema: z.ZodType<NameAnswer> = z.strictObject(nameAnswer);

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
  until: z.number().nonnegative(),
  notice,
});

export const realServerSnapshot: z.ZodType<RealServerSnapshot> = z.strictObject({
  virtualServer: z.string(),
  realServer: z.string(),
  isUp: z.boolean(),
  weight: unsigned,
  checks: z.array(z.boolean().nullable()),
  dnsName: z.string().optional(),
  isDrained: z.boolean().optional(),
  slowStartedAt: z.number().nonnegative().optional(),
  draining: drainSnapshot.optional(),
});

export const virtualServerSnapshot: z.ZodType<VirtualServerSnapshot> = z.strictObject({
  virtualServer: z.string(),
  key: virtualServerKey,
  entries: z.array(groupEntry),
  mark: unsigned.optional(),
  hasQuorum: z.boolean(),
  quorum: unsigned,
  hysteresis: unsigned,
  weight: z.number().int().nonnegative(),
});

const stop = z.strictObject({ type: z.literal("stop"), keeps: z.literal(true).optional() });
const reportStatistics = z.strictObject({
  type: z.literal("reportStatistics"),
  clears: z.boolean(),
});

export const toVrrpSchema: z.ZodType<ToVrrp> = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("configure"),
    generation,
    config: vrrpConfigSchema,
    resume: z.array(instanceSnapshot),
    trackers: z.array(watchReport),
    isInMaintenance: z.literal(true).optional(),
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

export const toCheckerSchema: z.ZodType<ToChecker> = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("configure"),
    generation,
    config: checkerConfigSchema,
    resume: z.array(realServerSnapshot),
    resumeVirtualServers: z.array(virtualServerSnapshot),
    trackers: z.array(trackerReport),
    isSyncMaster: z.boolean(),
    answers: z.array(z.strictObject(nameAnswer)).optional(),
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
  data: z.record(z.string(), scalar).optional(),
  about: z
    .strictObject({
      instance: z.string().optional(),
      virtualServer: z.string().optional(),
      realServer: z.string().optional(),
    })
    .optional(),
});

const histogram = z.strictObject({
  counts: z.array(z.number().int().nonnegative()).length(histogramBoundsUs.length + 1),
  sumUs: z.number().nonnegative(),
});

const fromChild = [
  z.strictObject({ type: z.literal("alive") }),
  z.strictObject({ type: z.literal("ready"), generation }),
  z.strictObject({ type: z.literal("log"), record: logRecord }),
  z.strictObject({
    type: z.literal("failed"),
    exitCode: z.number().int().min(1).max(255),
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
  fault: z.string().nullable(),
});

const plannedInstance = z.strictObject({
  instance: z.string(),
  change: z.enum(["added", "removed", "changed", "replaced"]),
  before: plannedState.nullable(),
  after: plannedState.nullable(),
  adds: z.array(z.string()),
  removes: z.array(z.string()),
  isHandedOver: z.boolean(),
  risks: z.array(z.string()),
});

const plannedServerState = z.strictObject({ isUp: z.boolean(), weight: unsigned });

export const fromVrrpSchema: z.ZodType<FromVrrp> = z.discriminatedUnion("type", [
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
    successor: z.string().nullable(),
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
    unknownVirtualRouter: z.number().int().nonnegative(),
    eventLoopDelayMaxUs: z.number().nonnegative(),
    advertLateness: histogram,
  }),
]);

const traffic = z.array(z.number().nonnegative()).length(10);

const serviceTraffic = z.strictObject({
  virtualServers: z.array(z.string()),
  traffic,
  destinations: z.array(
    z.strictObject({
      address: z.string(),
      port: z.number().int(),
      activeConnections: z.number().int().nonnegative(),
      inactiveConnections: z.number().int().nonnegative(),
      persistentConnections: z.number().int().nonnegative(),
      traffic,
    }),
  ),
});

export const fromCheckerSchema: z.ZodType<FromChecker> = z.discriminatedUnion("type", [
  ...fromChild,
  z.strictObject({
    type: z.literal("planned"),
    ipvs: z.array(z.string()),
    realServers: z.array(
      z.strictObject({
        virtualServer: z.string(),
        realServer: z.string(),
        before: plannedServerState.nullable(),
        after: plannedServerState.nullable(),
      }),
    ),
    virtualServers: z.array(
      z.strictObject({
        virtualServer: z.string(),
        hadQuorum: z.boolean().nullable(),
        hasQuorum: z.boolean().nullable(),
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
    notice: notice.nullable(),
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
    notice: notice.nullable(),
  }),
  z.strictObject({
    type: z.literal("virtualServerRemoved"),
    virtualServer: z.string(),
    key: virtualServerKey,
  }),
]);
