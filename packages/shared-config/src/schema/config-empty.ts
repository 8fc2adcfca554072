// Configurations of nothing, to build others on: rehearsals and tests fill in what they are about.

import type { CheckerConfig, Config, VrrpConfig } from "./config.js";

export const emptyVrrpConfig: VrrpConfig = {
  process: {},
  statics: { trackGroups: [], addresses: [], routes: [], rules: [] },
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
