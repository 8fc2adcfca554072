// Configurations of nothing, to build others on: rehearsals and tests fill in what they are about.

import type { CheckerConfig, Config, TrackReferences, VrrpConfig } from "./config.js";

export const emptyTrackReferences: TrackReferences = {
  interfaces: [],
  scripts: [],
  files: [],
  processes: [],
  bfdInstances: [],
};

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
