// The zod schemas of config-vrrp.ts and of the parts of an instance beside it.

import * as z from "zod";
import type { AuthenticationConfig } from "./config-authentication.js";
import type { InstanceNotifyConfig } from "./config-notify.js";
import { route, rule, virtualAddress } from "./config-routes-schema.js";
import { interfaceName, ipFamily, ipText, microseconds, unsigned } from "./config-schema-parts.js";
import { script } from "./config-script-schema.js";
import { trackReferences } from "./config-track-schema.js";
import type { UnicastConfig } from "./config-unicast.js";
import type { VirtualLinkConfig } from "./config-vmac.js";
import type { VrrpInstanceConfig } from "./config-vrrp.js";

/** The fields of a part of an instance. */
type Shape<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };

const garp = z.strictObject({
  masterDelayUs: microseconds,
  masterRepeat: z.number().int().nonnegative(),
  masterRefreshUs: microseconds,
  masterRefreshRepeat: z.number().int().nonnegative(),
  lowerPriorityDelayUs: microseconds,
  lowerPriorityRepeat: z.number().int().nonnegative(),
});

const password = z.string().regex(/^[0-9a-f]{16}$/);
const keyId = z.number().int().min(1).max(255);

const authentication: Shape<AuthenticationConfig> = {
  authentication: z.strictObject({ type: z.literal("PASS"), data: password }).optional(),
  headerAuthentication: z.strictObject({ secret: password }).optional(),
  hmacAuthentication: z
    .strictObject({
      keys: z
        .array(
          z.strictObject({
            id: keyId,
            secret: z
              .string()
              .regex(/^([0-9a-f]{2}){32,64}$/)
              .optional(),
            file: z.string().min(1).optional(),
          }),
        )
        .min(1)
        .max(255),
      activeKey: keyId,
      timeWindowUs: microseconds.min(1_000_000).max(300_000_000),
      antiReplay: z.enum(["time", "monotonic"]),
      mode: z.enum(["enforce", "permissive", "receive-only"]),
    })
    .optional(),
};

const notify: Shape<InstanceNotifyConfig> = {
  notifyMaster: script.optional(),
  notifyBackup: script.optional(),
  notifyFault: script.optional(),
  notifyStop: script.optional(),
  notifyDeleted: script.optional(),
  notify: script.optional(),
  notifyMasterReceivedLowerPriority: script.optional(),
  reportDeleted: z.boolean(),
  smtpAlert: z.boolean(),
  notifyPriorityChanges: z.boolean(),
};

const ttl = z.number().int().min(0).max(255);

const unicast: Shape<UnicastConfig> = {
  unicastPeers: z.array(z.strictObject({ address: ipText, minTtl: ttl, maxTtl: ttl })),
  unicastFaultNoPeer: z.boolean(),
  checkUnicastSource: z.boolean(),
  oldUnicastChecksum: z.enum(["detect", "always", "never"]),
  unicastTtl: ttl.optional(),
};

const hardwareAddress = z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);

const virtualLink: Shape<VirtualLinkConfig> = {
  vmac: z
    .strictObject({
      name: interfaceName,
      hardwareAddress,
      group: unsigned.optional(),
      netlinkNotify: z.boolean(),
    })
    .optional(),
  vmacForAddresses: z.boolean(),
  addressLinks: z
    .array(
      z.strictObject({
        name: interfaceName,
        interface: interfaceName,
        family: ipFamily,
        hardwareAddress,
        addresses: z.array(ipText).min(1),
      }),
    )
    .optional(),
  vmacTransmitBase: z.boolean(),
  ipvlan: z
    .strictObject({
      name: interfaceName,
      address: ipText.optional(),
      prefixLength: z.number().int().min(0).max(128).optional(),
      mode: z.enum(["bridge", "private", "vepa"]),
      group: unsigned.optional(),
    })
    .optional(),
};

export const vrrpInstance: z.ZodType<VrrpInstanceConfig> = z.strictObject({
  ...authentication,
  ...notify,
  ...unicast,
  ...virtualLink,
  name: z.string().min(1).max(255),
  wantedState: z.enum(["MASTER", "BACKUP"]),
  interface: z.union([interfaceName, z.literal("")]),
  vrf: interfaceName.optional(),
  family: ipFamily,
  version: z.union([z.literal(2), z.literal(3)]),
  virtualRouterId: z.number().int().min(1).max(255),
  basePriority: z.number().int().min(1).max(255),
  advertIntervalUs: z.number().int().min(10_000).max(255_000_000),
  preempt: z.boolean(),
  preemptDelayUs: microseconds,
  downTimerAdverts: z.number().int().min(1).max(100),
  timerExpiredBackup: z.number().int().min(1).max(254).optional(),
  strictMode: z.boolean(),
  virtualAddresses: z.array(virtualAddress).max(255),
  excludedAddresses: z.array(virtualAddress),
  virtualRoutes: z.array(route),
  virtualRules: z.array(rule),
  mayHaveNoAddress: z.boolean(),
  acceptMode: z.boolean(),
  sourceAddress: ipText.optional(),
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
  kernelReceiveBufferBytes: unsigned.optional(),
  garp,
  track: trackReferences,
  garpExtraIntervalUs: microseconds.max(86_400_000_000),
  garpExtraAllInterfaces: z.boolean(),
  debugLevel: z.number().int().min(0).max(4),
  staysInFault: z.boolean(),
});
