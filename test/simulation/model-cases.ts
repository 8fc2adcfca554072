// Small cases that are searched whole. Decides nothing but what they are.

import type { ModelCase } from "./model.js";

const bounds = { faultsMax: 2, lossesMax: 2, depthMax: 200 };
const faults = ["kill", "crash", "power", "stop", "link", "failover"] as const;

export const modelCases: readonly ModelCase[] = [
  {
    name: "version 2, one better",
    configs: [{ basePriority: 200 }, { basePriority: 100 }],
    ...{ ...bounds, faults },
  },
  {
    name: "version 3, equal priorities",
    configs: [{ version: 3 }, { version: 3 }],
    ...{ ...bounds, faults },
  },
  {
    name: "nopreempt",
    configs: [{ basePriority: 200, preempt: false }, { basePriority: 100 }],
    ...{ ...bounds, faults },
  },
  {
    name: "an owner, without hand-over",
    configs: [
      { basePriority: 255, wantedState: "MASTER", handOver: false },
      { basePriority: 100, handOver: false },
    ],
    ...{ ...bounds, faults },
  },
  {
    name: "preempt_delay",
    configs: [{ basePriority: 200, preemptDelayUs: 3_000_000 }, { basePriority: 100 }],
    ...{ ...bounds, faults },
  },
];
