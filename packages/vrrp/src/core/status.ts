// How the instances stand at one moment, for whoever asks: statistics, data files, the control
// socket. Changes nothing but counters that are to begin again.

import type { HistogramCounts } from "@keepalived-ts/shared-config/base/histogram";
import type { InstanceStatus } from "@keepalived-ts/shared-config/ipc/messages";
import { newCounters } from "./counters.js";
import type { Instance, Router } from "./instance.js";
import { effectivePriority } from "./priority.js";
import { faultReason } from "./state-fault.js";
import { masterDownIntervalUs } from "./timers.js";

export interface RouterStatus {
  readonly instances: readonly InstanceStatus[];
  /** Packets for a virtual router that is not configured here, or that name none. */
  readonly unknownVirtualRouter: number;
  readonly advertLateness: HistogramCounts;
}

export function routerStatus(router: Router): RouterStatus {
  return {
    instances: Array.from(router.instances.values(), (instance) => statusOf(router, instance)),
    unknownVirtualRouter: router.unknownVirtualRouter,
    advertLateness: router.advertLateness,
  };
}

/** Counting begins again from 0. */
export function clearCounters(router: Router): void {
  for (const instance of router.instances.values()) {
    Object.assign(instance.counters, newCounters());
  }
  router.unknownVirtualRouter = 0;
}

function statusOf({ deadlines }: Router, instance: Instance): InstanceStatus {
  const { config, state, timers } = instance;
  return {
    instance: instance.name,
    state,
    wantedState: instance.wantsMaster ? "MASTER" : state,
    effectivePriority: effectivePriority(instance),
    totalPriority: config.basePriority + instance.trackedPoints,
    masterAddress: instance.masterAddress,
    masterPriority: instance.masterPriority,
    masterAdvertIntervalUs: instance.masterAdvertIntervalUs,
    masterDownUs: masterDownIntervalUs(instance),
    enteredAt: instance.enteredAt,
    timerAt: deadlines.at(timers.advert) ?? deadlines.at(timers.masterDown) ?? null,
    sourceAddress: instance.sourceAddress,
    holdsAddresses: state === "MASTER",
    fault: faultReason(instance),
    ...(instance.hasGivenAway ? { hasGivenAway: true } : {}),
    counters: { ...instance.counters },
  };
}
