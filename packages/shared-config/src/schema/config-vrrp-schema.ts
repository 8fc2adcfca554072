// The zod schemas of config-vrrp.ts and of the parts of an instance beside it.

import * as z from "zod/mini";
import type { VrrpConfig, VrrpFirewallConfig } from "./config.js";
import type { AuthenticationConfig } from "./config-authentication.js";
import {
  garpGroup,
  interfaceDelay,
  linkbeat,
  pacing,
  receiveBuffers,
  startup,
  syncGroup,
} from "./config-groups-schema.js";
import type { InstanceNotifyConfig } from "./config-notify.js";
import { processConfig } from "./config-process-schema.js";
import { route, rule, statics, virtualAddress } from "./config-routes-schema.js";
import {
  interfaceName,
  ipFamily,
  ipText,
  microseconds,
  type Shape,
  signed,
  table,
  unsigned,
} from "./config-schema-parts.js";
import { script } from "./config-script-schema.js";
import { trackReferences } from "./config-track-schema.js";
import type { UnicastConfig } from "./config-unicast.js";
import type { VirtualLinkConfig } from "./config-vmac.js";
import type { VrrpInstanceConfig } from "./config-vrrp.js";

const garp = z.strictObject({
  masterDelayUs: microseconds,
  masterRepeat: z.int().check(z.nonnegative()),
  masterRefreshUs: microseconds,
  masterRefreshRepeat: z.int().check(z.nonnegative()),
  lowerPriorityDelayUs: microseconds,
  lowerPriorityRepeat: z.int().check(z.nonnegative()),
});

const password = z.string().check(z.regex(/^[0-9a-f]{16}$/));
const keyId = z.int().check(z.minimum(1), z.maximum(255));

const authentication: Shape<AuthenticationConfig> = {
  authentication: z.optional(z.strictObject({ type: z.literal("PASS"), data: password })),
  headerAuthentication: z.optional(z.strictObject({ secret: password })),
  hmacAuthentication: z.optional(
    z.strictObject({
      keys: z
        .array(
          z.strictObject({
            id: keyId,
            secret: z.optional(z.string().check(z.regex(/^([0-9a-f]{2}){32,64}$/))),
            file: z.optional(z.string().check(z.minLength(1))),
          }),
        )
        .check(z.minLength(1), z.maxLength(255)),
      activeKey: keyId,
      timeWindowUs: microseconds.check(z.minimum(1_000_000), z.maximum(300_000_000)),
      antiReplay: z.enum(["time", "monotonic"]),
      mode: z.enum(["enforce", "permissive", "receive-only"]),
    }),
  ),
};

const notify: Shape<InstanceNotifyConfig> = {
  notifyMaster: z.optional(script),
  notifyBackup: z.optional(script),
  notifyFault: z.optional(script),
  notifyStop: z.optional(script),
  notifyDeleted: z.optional(script),
  notify: z.optional(script),
  notifyMasterReceivedLowerPriority: z.optional(script),
  reportDeleted: z.boolean(),
  smtpAlert: z.boolean(),
  notifyPriorityChanges: z.boolean(),
};

const ttl = z.int().check(z.minimum(0), z.maximum(255));

const unicast: Shape<UnicastConfig> = {
  unicastPeers: z.array(z.strictObject({ address: ipText, minTtl: ttl, maxTtl: ttl })),
  unicastFaultNoPeer: z.boolean(),
  checkUnicastSource: z.boolean(),
  oldUnicastChecksum: z.enum(["detect", "always", "never"]),
  unicastTtl: z.optional(ttl),
};

const hardwareAddress = z.string().check(z.regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/));

const virtualLink: Shape<VirtualLinkConfig> = {
  vmac: z.optional(
    z.strictObject({
      name: interfaceName,
      hardwareAddress,
      group: z.optional(unsigned),
      netlinkNotify: z.boolean(),
    }),
  ),
  vmacForAddresses: z.boolean(),
  addressLinks: z.optional(
    z.array(
      z.strictObject({
        name: interfaceName,
        interface: interfaceName,
        family: ipFamily,
        hardwareAddress,
        addresses: z.array(ipText).check(z.minLength(1)),
      }),
    ),
  ),
  vmacTransmitBase: z.boolean(),
  ipvlan: z.optional(
    z.strictObject({
      name: interfaceName,
      address: z.optional(ipText),
      prefixLength: z.optional(z.int().check(z.minimum(0), z.maximum(128))),
      mode: z.enum(["bridge", "private", "vepa"]),
      group: z.optional(unsigned),
    }),
  ),
};

export const vrrpInstance: z.ZodMiniType<VrrpInstanceConfig> = z.strictObject({
  ...authentication,
  ...notify,
  ...unicast,
  ...virtualLink,
  name: z.string().check(z.minLength(1), z.maxLength(255)),
  wantedState: z.enum(["MASTER", "BACKUP"]),
  interface: z.union([interfaceName, z.literal("")]),
  vrf: z.optional(interfaceName),
  family: ipFamily,
  version: z.union([z.literal(2), z.literal(3)]),
  virtualRouterId: z.int().check(z.minimum(1), z.maximum(255)),
  basePriority: z.int().check(z.minimum(1), z.maximum(255)),
  advertIntervalUs: z.int().check(z.minimum(10_000), z.maximum(255_000_000)),
  preempt: z.boolean(),
  preemptDelayUs: microseconds,
  downTimerAdverts: z.int().check(z.minimum(1), z.maximum(100)),
  timerExpiredBackup: z.optional(z.int().check(z.minimum(1), z.maximum(254))),
  strictMode: z.boolean(),
  virtualAddresses: z.array(virtualAddress).check(z.maxLength(255)),
  excludedAddresses: z.array(virtualAddress),
  virtualRoutes: z.array(route),
  virtualRules: z.array(rule),
  mayHaveNoAddress: z.boolean(),
  acceptMode: z.boolean(),
  sourceAddress: z.optional(ipText),
  trackSourceAddress: z.boolean(),
  multicastGroup: ipText,
  trackPrimary: z.boolean(),
  promoteSecondaries: z.boolean(),
  linkbeatUsePolling: z.boolean(),
  lowerPriorityNoAdvert: z.boolean(),
  higherPrioritySendAdvert: z.boolean(),
  ownerIgnoreAdverts: z.boolean(),
  skipCheckAdvertAddresses: z.boolean(),
  handOver: z.boolean(),
  vipRepair: z.boolean(),
  v3ChecksumAsV2: z.boolean(),
  kernelReceiveBufferBytes: z.optional(unsigned),
  garp,
  track: trackReferences,
  garpExtraIntervalUs: microseconds.check(z.maximum(86_400_000_000)),
  garpExtraAllInterfaces: z.boolean(),
  debugLevel: z.int().check(z.minimum(0), z.maximum(4)),
  staysInFault: z.boolean(),
});

const firewall: z.ZodMiniType<VrrpFirewallConfig> = z.strictObject({
  table,
  priority: signed,
  usesInterfaceIndex: z.boolean(),
  hasCounters: z.boolean(),
});

export const vrrpConfigSchema: z.ZodMiniType<VrrpConfig> = z.strictObject({
  process: processConfig,
  startup,
  logUnknownVrids: z.boolean(),
  firewall,
  statics,
  pacing,
  receiveBuffers: z.optional(receiveBuffers),
  garpGroups: z.array(garpGroup),
  interfaceDelays: z.array(interfaceDelay),
  linkbeat: z.array(linkbeat),
  syncGroups: z.array(syncGroup),
  instances: z.array(vrrpInstance),
});
