// Configurations of nothing, to build others on: rehearsals and tests fill in what they are about.

import type { CheckerConfig, Config, TrackReferences, VrrpConfig } from "./config.js";
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
  statics: { trackGroups: [], addresses: [], routes: [], rules: [] },
  garpGroups: [],
  interfaceDelays: [],
  linkbeat: [],
  syncGroups: [],
  instances: [],
};

export const emptyCheckerConfig: CheckerConfig = {
  process: processDefaults,
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
