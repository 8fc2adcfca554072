// Builders of plain values for the tests of this package. No part of the daemon.

import type { InstanceSnapshot, InstanceStatus } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  CheckerConfig,
  Config,
  VrrpConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import {
  defaultInstance,
  emptyCheckerConfig,
  emptyConfig,
  emptyVrrpConfig,
  plainVirtualServer,
} from "@keepalived-ts/shared-config/schema/config-empty";

export function buildInstance(overrides: Partial<VrrpInstanceConfig> = {}): VrrpInstanceConfig {
  return { ...defaultInstance, ...overrides };
}

export function buildVrrp(...instances: VrrpInstanceConfig[]): VrrpConfig {
  return { ...emptyVrrpConfig, instances: instances.length === 0 ? [buildInstance()] : instances };
}

export function buildChecker(): CheckerConfig {
  return {
    ...emptyCheckerConfig,
    virtualServers: [
      {
        ...plainVirtualServer,
        name: "[192.0.2.1]:tcp:80",
        key: { kind: "address", address: "192.0.2.1", port: 80, protocol: "TCP" },
      },
    ],
  };
}

/** `parts` names what the configuration has: "vrrp", "checker", both or neither. */
export function buildConfig(parts: string): Config {
  return {
    ...emptyConfig,
    vrrp: parts.includes("vrrp") ? buildVrrp() : undefined,
    checker: parts.includes("checker") ? buildChecker() : undefined,
  };
}

export function buildSnapshot(overrides: Partial<InstanceSnapshot> = {}): InstanceSnapshot {
  return {
    instance: "VI_1",
    state: "MASTER",
    effectivePriority: 100,
    masterAddress: null,
    masterPriority: null,
    masterAdvertIntervalUs: 1_000_000,
    enteredAt: 1,
    ...overrides,
  };
}

export function buildStatus(overrides: Partial<InstanceStatus> = {}): InstanceStatus {
  return {
    ...buildSnapshot(),
    wantedState: "MASTER",
    totalPriority: 100,
    masterDownUs: 3_609_375,
    timerAt: 2,
    sourceAddress: "192.0.2.1",
    holdsAddresses: true,
    fault: null,
    counters: {},
    ...overrides,
  };
}
