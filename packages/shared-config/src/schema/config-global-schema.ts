// The zod schema of config-global.ts.

import * as z from "zod/mini";
import type {
  DaemonSettings,
  FifoConfig,
  FirewallSettings,
  GlobalConfig,
  IpsetNames,
  IptablesChains,
  NotifySettings,
  VrrpSettings,
} from "./config-global.js";
import { lvsShape, lvsSyncDaemon } from "./config-ipvs-schema.js";
import { processesConfig, processName } from "./config-process-schema.js";
import {
  flag,
  interfaceName,
  ipText,
  microseconds,
  port,
  type Shape,
  signed,
  table,
  text,
  unsigned,
} from "./config-schema-parts.js";
import { script } from "./config-script-schema.js";

const scriptTimeout = microseconds.check(z.minimum(1_000_000), z.maximum(1_000_000_000));
const statsInterval = microseconds.check(z.minimum(1000), z.maximum(30_000_000));
/** 32 bits of microseconds, about 71 minutes. */
const shortTime = microseconds.check(z.maximum(4294967295));
/** 32 bits of seconds. */
const longTime = microseconds.check(z.maximum(4294967295_000_000));
const chain = z.string().check(z.minLength(1), z.maxLength(27));
/** A name that keepalived makes itself has one more. */
const ipset = z.string().check(z.minLength(1), z.maxLength(31));
const includeCheck = z.enum(["read", "match", "wildcard_match", "brace_match"]);

const daemonShape: Shape<DaemonSettings> = {
  routerId: z.string(),
  netNamespace: z.optional(z.string()),
  netNamespaceIpvs: z.optional(z.string()),
  namespaceWithIpsets: flag,
  usePidDirectory: flag,
  instanceName: z.optional(z.string()),
  childWaitTimeUs: longTime,
  linkbeatUsePolling: flag,
  processName,
  maxAutoPriority: z.int().check(z.minimum(-1), z.maximum(99)),
  minAutoPriorityDelayUs: microseconds.check(z.minimum(1), z.maximum(10_000_000)),
  scriptUser: text,
  scriptGroup: z.optional(text),
  controlGroup: z.optional(text),
  controlGroupId: z.optional(unsigned),
  enableScriptSecurity: flag,
  useSymlinkPaths: flag,
  setSupplementaryGroups: flag,
  startupScriptTimeoutUs: scriptTimeout,
  shutdownScriptTimeoutUs: scriptTimeout,
  umask: z.int().check(z.minimum(0), z.maximum(0o777)),
  randomSeed: z.optional(unsigned),
  includeChecks: z.optional(z.array(includeCheck).check(z.maxLength(4))),
  reloadCheckConfig: z.optional(text),
  reloadTimeFile: z.optional(text),
  reloadRepeat: flag,
  reloadFile: z.optional(text),
  configSaveDirectory: z.optional(text),
  tmpConfigDirectory: z.optional(text),
  dataUseInstance: flag,
  jsonVersion: z.int().check(z.minimum(1), z.maximum(2)),
  iprouteUsrDirectory: z.optional(text),
  iprouteEtcDirectory: z.optional(text),
  stateDumpFile: z.optional(text),
  statsDumpFile: z.optional(text),
  jsonDumpFile: z.optional(text),
};

const notifyShape: Shape<NotifySettings> = {
  notificationEmailFrom: z.optional(text),
  smtpServer: z.optional(text),
  smtpPort: port.check(z.minimum(1)),
  smtpHeloName: z.string(),
  smtpConnectTimeoutUs: shortTime.check(z.minimum(1_000_000)),
  smtpTls: z.enum(["off", "starttls", "implicit"]),
  smtpTlsVerify: flag,
  smtpUser: z.optional(text),
  smtpPassword: z.optional(text),
  smtpAlert: z.optional(flag),
  smtpAlertVrrp: z.optional(flag),
  smtpAlertChecker: z.optional(flag),
  noEmailFaults: flag,
  noCheckerEmails: flag,
  notifyPriorityChanges: flag,
  fifoWriteVrrpStatesOnReload: flag,
  notifyScriptsParallel: flag,
  notifyScriptWaitUs: microseconds.check(z.minimum(1_000_000), z.maximum(3_600_000_000)),
  snmpSocket: text,
  enableTraps: flag,
  enableSnmpVrrp: flag,
  enableSnmpChecker: flag,
  enableSnmpRfcv2: flag,
  enableSnmpRfcv3: flag,
  snmpVsStatsUpdateIntervalUs: statsInterval,
  snmpRsStatsUpdateIntervalUs: statsInterval,
  monitorAddress: z.optional(text),
  monitorPort: z.optional(port.check(z.minimum(1))),
  enableDbus: flag,
  dbusServiceName: text,
  dbusNoInterfaceName: z.optional(text),
};

const firewallShape: Shape<FirewallSettings> = {
  nftablesTable: z.optional(table),
  nftablesPriority: signed,
  nftablesInterfaceIndex: flag,
  nftablesCounters: flag,
  nftablesIpvsTable: z.optional(table),
  nftablesIpvsPriority: signed,
  nftablesIpvsStartFwmark: unsigned.check(z.minimum(1)),
};

const vrrpShape: Shape<VrrpSettings> = {
  version: z.int().check(z.minimum(2), z.maximum(3)),
  multicastGroup4: ipText,
  multicastGroup6: ipText,
  minGarp: flag,
  garpMasterDelayUs: shortTime,
  garpMasterRepeat: unsigned,
  garpMasterRefreshUs: longTime,
  garpMasterRefreshRepeat: unsigned,
  garpLowerPriorityDelayUs: shortTime,
  garpLowerPriorityRepeat: unsigned.check(z.maximum(2147483647)),
  garpIntervalUs: shortTime,
  gnaIntervalUs: shortTime,
  garpExtraIntervalUs: z.optional(
    microseconds.check(z.minimum(1_000_000), z.maximum(86_400_000_000)),
  ),
  garpExtraAllInterfaces: flag,
  lowerPriorityNoAdvert: flag,
  higherPrioritySendAdvert: flag,
  downTimerAdverts: z.int().check(z.minimum(1), z.maximum(100)),
  ownerIgnoreAdverts: flag,
  checkUnicastSource: flag,
  skipCheckAdvertAddresses: flag,
  strictMode: flag,
  v3ChecksumAsV2: flag,
  handOver: flag,
  vipRepair: flag,
  dynamicInterfaces: flag,
  allowInterfaceChanges: flag,
  defaultInterface: interfaceName,
  disableLocalIgmp: flag,
  startupDelayUs: shortTime,
  delayAfterBootUs: shortTime,
  logUnknownVrids: flag,
  vmacPrefix: z.string(),
  vmacAddressPrefix: z.string(),
  receiveBufferPolicy: z.optional(z.enum(["MTU", "ADVERT"])),
  receiveBufferBytes: z.optional(unsigned),
  receiveBufferMultiplier: unsigned.check(z.minimum(1)),
  vrrpNetlinkCommandBufferBytes: z.optional(unsigned),
  vrrpNetlinkCommandBufferForce: flag,
  vrrpNetlinkMonitorBufferBytes: z.optional(unsigned),
  vrrpNetlinkMonitorBufferForce: flag,
  processMonitorBufferBytes: z.optional(unsigned),
  processMonitorBufferForce: flag,
};

const fifo: z.ZodMiniType<FifoConfig> = z.strictObject({
  path: text,
  user: text,
  group: z.optional(text),
  uid: z.optional(unsigned),
  gid: z.optional(unsigned),
  script: z.optional(script),
});

const iptables: z.ZodMiniType<IptablesChains> = z.strictObject({
  input: chain,
  output: z.optional(chain),
});

const ipsets: z.ZodMiniType<IpsetNames> = z.strictObject({
  ipv4: ipset,
  ipv6: ipset,
  ipv6Interface: ipset,
  igmp: ipset,
  mld: ipset,
  neighbourDiscovery: ipset,
});

export const globalConfigSchema: z.ZodMiniType<GlobalConfig> = z.strictObject({
  ...daemonShape,
  ...notifyShape,
  ...firewallShape,
  ...lvsShape,
  ...vrrpShape,
  processes: processesConfig,
  startupScript: z.optional(script),
  shutdownScript: z.optional(script),
  notificationEmails: z.array(z.string()),
  notifyFifo: z.optional(fifo),
  vrrpNotifyFifo: z.optional(fifo),
  lvsNotifyFifo: z.optional(fifo),
  iptables: z.optional(iptables),
  ipsets: z.optional(z.union([ipsets, z.literal("off")])),
  lvsSyncDaemon: z.optional(lvsSyncDaemon),
});
