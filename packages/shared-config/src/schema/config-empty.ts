// Configurations of nothing, to build others on: rehearsals and tests fill in what they are about.

import type {
  CheckerConfig,
  Config,
  RealServerConfig,
  VirtualServerConfig,
  VrrpConfig,
} from "./config.js";

export const emptyVrrpConfig: VrrpConfig = {
  process: {},
  statics: { addresses: [] },
  garpGroups: [],
  interfaceDelays: [],
  linkbeat: [],
  syncGroups: [],
  instances: [],
};

export const emptyCheckerConfig: CheckerConfig = {
  process: {},
  ssl: {},
  groups: [],
  virtualServers: [],
};

export const emptyConfig: Config = {
  global: { routerId: "router" },
  tracking: { scripts: [], files: [], processes: [], bfdInstances: [] },
  vrrp: undefined,
  checker: undefined,
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
