// The zod schema of config-global.ts.

import * as z from "zod";
import type {
  CheckerIpvsConfig,
  DaemonSettings,
  FifoConfig,
  FirewallSettings,
  GlobalConfig,
  IpsetNames,
  IptablesChains,
  LvsSettings,
  LvsSyncDaemonConfig,
  NotifySettings,
  VrrpSettings,
} from "./config-global.js";
import { processesConfig, processName } from "./config-process-schema.js";
import { interfaceName, ipText, microseconds, port, unsigned } from "./config-schema-parts.js";
import { script } from "./config-script-schema.js";

/** A schema for each field of T. */
type Shape<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };

const flag = z.boolean();
const text = z.string().min(1);
const signed = z.number().int().min(-2147483648).max(2147483647);
const scriptTimeout = microseconds.min(1_000_000).max(1_000_000_000);
const statsInterval = microseconds.min(1000).max(30_000_000);
/** 32 bits of microseconds, about 71 minutes. */
const shortTime = microseconds.max(4294967295);
/** 32 bits of seconds. */
const longTime = microseconds.max(4294967295_000_000);
const lvsTimeout = z.number().int().min(0).max(2678400).optional();
const table = z.string().min(1).max(254);
const chain = z.string().min(1).max(27);
/** A name that keepalived makes itself has one more. */
const ipset = z.string().min(1).max(31);
const includeCheck = z.enum(["read", "match", "wildcard_match", "brace_match"]);

const daemonShape: Shape<DaemonSettings> = {
  routerId: z.string(),
  netNamespace: z.string().optional(),
  netNamespaceIpvs: z.string().optional(),
  namespaceWithIpsets: flag,
  usePidDirectory: flag,
  instanceName: z.string().optional(),
  childWaitTimeUs: longTime,
  linkbeatUsePolling: flag,
  processName,
  maxAutoPriority: z.number().int().min(-1).max(99),
  minAutoPriorityDelayUs: microseconds.min(1).max(10_000_000),
  scriptUser: text,
  scriptGroup: text.optional(),
  controlGroup: text.optional(),
  controlGroupId: unsigned.optional(),
  enableScriptSecurity: flag,
  useSymlinkPaths: flag,
  setSupplementaryGroups: flag,
  startupScriptTimeoutUs: scriptTimeout,
  shutdownScriptTimeoutUs: scriptTimeout,
  umask: z.number().int().min(0).max(0o777),
  randomSeed: unsigned.optional(),
  includeChecks: z.array(includeCheck).max(4).optional(),
  reloadCheckConfig: text.optional(),
  reloadTimeFile: text.optional(),
  reloadRepeat: flag,
  reloadFile: text.optional(),
  configSaveDirectory: text.optional(),
  tmpConfigDirectory: text.optional(),
  dataUseInstance: flag,
  jsonVersion: z.number().int().min(1).max(2),
  iprouteUsrDirectory: text.optional(),
  iprouteEtcDirectory: text.optional(),
  stateDumpFile: text.optional(),
  statsDumpFile: text.optional(),
  jsonDumpFile: text.optional(),
};

const notifyShape: Shape<NotifySettings> = {
  notificationEmailFrom: text.optional(),
  smtpServer: text.optional(),
  smtpPort: port.min(1),
  smtpHeloName: z.string(),
  smtpConnectTimeoutUs: shortTime.min(1_000_000),
  smtpTls: z.enum(["off", "starttls", "implicit"]),
  smtpTlsVerify: flag,
  smtpUser: text.optional(),
  smtpPassword: text.optional(),
  smtpAlert: flag.optional(),
  smtpAlertVrrp: flag.optional(),
  smtpAlertChecker: flag.optional(),
  noEmailFaults: flag,
  noCheckerEmails: flag,
  notifyPriorityChanges: flag,
  fifoWriteVrrpStatesOnReload: flag,
  notifyScriptsParallel: flag,
  notifyScriptWaitUs: microseconds.min(1_000_000).max(3_600_000_000),
  snmpSocket: text,
  enableTraps: flag,
  enableSnmpVrrp: flag,
  enableSnmpChecker: flag,
  enableSnmpRfcv2: flag,
  enableSnmpRfcv3: flag,
  snmpVsStatsUpdateIntervalUs: statsInterval,
  snmpRsStatsUpdateIntervalUs: statsInterval,
  monitorAddress: text.optional(),
  monitorPort: port.min(1).optional(),
  enableDbus: flag,
  dbusServiceName: text,
  dbusNoInterfaceName: text.optional(),
};

const firewallShape: Shape<FirewallSettings> = {
  nftablesTable: table.optional(),
  nftablesPriority: signed,
  nftablesInterfaceIndex: flag,
  nftablesCounters: flag,
  nftablesIpvsTable: table.optional(),
  nftablesIpvsPriority: signed,
  nftablesIpvsStartFwmark: unsigned.min(1),
};

const lvsShape: Shape<LvsSettings> = {
  lvsBackend: z.enum(["ipvs", "none"]),
  drainTimeoutUs: microseconds.optional(),
  lvsTcpTimeoutS: lvsTimeout,
  lvsTcpFinTimeoutS: lvsTimeout,
  lvsUdpTimeoutS: lvsTimeout,
  lvsFlush: flag,
  lvsFlushOnStop: z.enum(["no", "all", "VS"]),
  rsInitNotifies: flag,
  checkerLogAllFailures: flag,
  lvsNetlinkCommandBufferBytes: unsigned.optional(),
  lvsNetlinkCommandBufferForce: flag,
  lvsNetlinkMonitorBufferBytes: unsigned.optional(),
  lvsNetlinkMonitorBufferForce: flag,
};

const vrrpShape: Shape<VrrpSettings> = {
  version: z.number().int().min(2).max(3),
  multicastGroup4: ipText,
  multicastGroup6: ipText,
  minGarp: flag,
  garpMasterDelayUs: shortTime,
  garpMasterRepeat: unsigned,
  garpMasterRefreshUs: longTime,
  garpMasterRefreshRepeat: unsigned,
  garpLowerPriorityDelayUs: shortTime,
  garpLowerPriorityRepeat: unsigned.max(2147483647),
  garpIntervalUs: shortTime,
  gnaIntervalUs: shortTime,
  garpExtraIntervalUs: microseconds.min(1_000_000).max(86_400_000_000).optional(),
  garpExtraAllInterfaces: flag,
  lowerPriorityNoAdvert: flag,
  higherPrioritySendAdvert: flag,
  downTimerAdverts: z.number().int().min(1).max(100),
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
  receiveBufferPolicy: z.enum(["MTU", "ADVERT"]).optional(),
  receiveBufferBytes: unsigned.optional(),
  receiveBufferMultiplier: unsigned.min(1),
  vrrpNetlinkCommandBufferBytes: unsigned.optional(),
  vrrpNetlinkCommandBufferForce: flag,
  vrrpNetlinkMonitorBufferBytes: unsigned.optional(),
  vrrpNetlinkMonitorBufferForce: flag,
  processMonitorBufferBytes: unsigned.optional(),
  processMonitorBufferForce: flag,
};

const fifo: z.ZodType<FifoConfig> = z.strictObject({
  path: text,
  user: text,
  group: text.optional(),
  uid: unsigned.optional(),
  gid: unsigned.optional(),
  script: script.optional(),
});

const iptables: z.ZodType<IptablesChains> = z.strictObject({
  input: chain,
  output: chain.optional(),
});

const ipsets: z.ZodType<IpsetNames> = z.strictObject({
  ipv4: ipset,
  ipv6: ipset,
  ipv6Interface: ipset,
  igmp: ipset,
  mld: ipset,
  neighbourDiscovery: ipset,
});

const lvsSyncDaemon: z.ZodType<LvsSyncDaemonConfig> = z.strictObject({
  interface: interfaceName,
  instance: text.optional(),
  syncId: z.number().int().min(0).max(255),
  packetLengthMax: z.number().int().min(1).max(65507).optional(),
  port: port.min(1).optional(),
  timeToLive: z.number().int().min(1).max(255).optional(),
  multicastGroup: ipText.optional(),
});

const { lvsBackend, lvsTcpTimeoutS, lvsTcpFinTimeoutS, lvsUdpTimeoutS } = lvsShape;
const { lvsFlush, lvsFlushOnStop, rsInitNotifies } = lvsShape;

export const checkerIpvs: z.ZodType<CheckerIpvsConfig> = z.strictObject({
  ...{ lvsBackend, lvsTcpTimeoutS, lvsTcpFinTimeoutS, lvsUdpTimeoutS },
  ...{ lvsFlush, lvsFlushOnStop, rsInitNotifies },
  lvsSyncDaemon: lvsSyncDaemon.optional(),
  groupMarks: z.strictObject({ table, priority: signed, firstMark: unsigned.min(1) }).optional(),
});

export const globalConfigSchema: z.ZodType<GlobalConfig> = z.strictObject({
  ...daemonShape,
  ...notifyShape,
  ...firewallShape,
  ...lvsShape,
  ...vrrpShape,
  processes: processesConfig,
  startupScript: script.optional(),
  shutdownScript: script.optional(),
  notificationEmails: z.array(z.string()),
  notifyFifo: fifo.optional(),
  vrrpNotifyFifo: fifo.optional(),
  lvsNotifyFifo: fifo.optional(),
  iptables: iptables.optional(),
  ipsets: z.union([ipsets, z.literal("off")]).optional(),
  lvsSyncDaemon: lvsSyncDaemon.optional(),
});
