// Configurations of nothing, to build others on: rehearsals and tests fill in what they are about.

import type {
  CheckerConfig,
  Config,
  RealServerConfig,
  TrackReferences,
  VirtualServerConfig,
  VrrpConfig,
  VrrpInstanceConfig,
} from "./config.js";
import { globalDefaults, processDefaults } from "./config-global-defaults.js";

export const emptyTrackReferences: TrackReferences = {
  interfaces: [],
  scripts: [],
  files: [],
  processes: [],
  bfdInstances: [],
};

export const emptyVrrpConfig: VrrpConfig = {
  process: processDefaults,
  startup: { startupDelayUs: 0, delayAfterBootUs: 0 },
  logUnknownVrids: false,
  statics: { trackGroups: [], addresses: [], routes: [], rules: [] },
  pacing: { garpIntervalUs: 0, gnaIntervalUs: 0 },
  garpGroups: [],
  interfaceDelays: [],
  linkbeat: [],
  syncGroups: [],
  instances: [],
};

export const emptyCheckerConfig: CheckerConfig = {
  process: processDefaults,
  ipvs: { lvsBackend: "ipvs", lvsFlush: false, lvsFlushOnStop: "no", rsInitNotifies: false },
  ssl: {},
  groups: [],
  virtualServers: [],
};

export const emptyConfig: Config = {
  global: globalDefaults,
  tracking: { scripts: [], files: [], processes: [], bfdInstances: [] },
  vrrp: undefined,
  checker: undefined,
};

/** An instance with nothing but what it cannot do without, and no address. */
export const defaultInstance: VrrpInstanceConfig = {
  name: "VI_1",
  wantedState: "BACKUP",
  interface: "eth0",
  family: 4,
  version: 2,
  virtualRouterId: 51,
  basePriority: 100,
  advertIntervalUs: 1_000_000,
  preempt: true,
  preemptDelayUs: 0,
  downTimerAdverts: 3,
  strictMode: false,
  virtualAddresses: [],
  excludedAddresses: [],
  virtualRoutes: [],
  virtualRules: [],
  mayHaveNoAddress: false,
  acceptMode: true,
  trackSourceAddress: false,
  multicastGroup: "224.0.0.18",
  unicastPeers: [],
  unicastFaultNoPeer: false,
  checkUnicastSource: false,
  oldUnicastChecksum: "detect",
  vmacForAddresses: false,
  vmacTransmitBase: false,
  trackPrimary: true,
  promoteSecondaries: false,
  linkbeatUsePolling: false,
  lowerPriorityNoAdvert: false,
  higherPrioritySendAdvert: false,
  ownerIgnoreAdverts: false,
  skipCheckAdvertAddresses: false,
  handOver: true,
  vipRepair: false,
  v3ChecksumAsV2: false,
  garp: {
    masterDelayUs: 5_000_000,
    masterRepeat: 5,
    masterRefreshUs: 0,
    masterRefreshRepeat: 1,
    lowerPriorityDelayUs: 5_000_000,
    lowerPriorityRepeat: 5,
  },
  garpExtraIntervalUs: 0,
  garpExtraAllInterfaces: false,
  reportDeleted: false,
  smtpAlert: false,
  notifyPriorityChanges: false,
  debugLevel: 0,
  staysInFault: false,
  track: emptyTrackReferences,
};

/** A virtual server that asks for nothing special. */
export const plainVirtualServer: Omit<VirtualServerConfig, "name" | "key"> = {
  scheduler: "wlc",
  schedulerFlag1: false,
  schedulerFlag2: false,
  schedulerFlag3: false,
  onePacket: false,
  forwarding: "NAT",
  delayLoopUs: 60_000_000,
  haSuspend: false,
  quorum: 1,
  hysteresis: 0,
  omega: false,
  smtpAlert: false,
  realServers: [],
};

/** A real server that asks for nothing special. */
export const plainRealServer: Omit<RealServerConfig, "address"> = {
  port: 80,
  weight: 1,
  forwarding: "NAT",
  upperThreshold: 0,
  lowerThreshold: 0,
  inhibitOnFailure: false,
  smtpAlert: true,
  checks: [],
};
