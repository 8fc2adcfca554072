// The configuration as it is after a manager has set something: what holds until a reload reads the
// file again. Pure.

import { realServerName } from "@keepalived-ts/shared-config/base/service-name";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { type SnmpChange, serverKey } from "./view.js";

export function changedConfig(config: Config, change: SnmpChange): Config {
  if (change.type === "weight") return withWeight(config, change);
  const { vrrp } = config;
  if (vrrp === undefined) return config;
  const instances = vrrp.instances.map((instance) => {
    if (instance.name !== change.instance) return instance;
    return change.type === "preempt"
      ? { ...instance, preempt: change.value }
      : { ...instance, basePriority: change.value };
  });
  return { ...config, vrrp: { ...vrrp, instances } };
}

function withWeight(config: Config, change: Extract<SnmpChange, { type: "weight" }>): Config {
  const { checker } = config;
  if (checker === undefined) return config;
  const virtualServers = checker.virtualServers.map((server) => {
    if (serverKey(server) !== change.virtualServer) return server;
    const realServers = server.realServers.map((each) =>
      realServerName(server.key, each) === change.realServer
        ? { ...each, weight: change.value }
        : each,
    );
    return { ...server, realServers };
  });
  return { ...config, checker: { ...checker, virtualServers } };
}

/** For the log. */
export function changeText(change: SnmpChange): string {
  switch (change.type) {
    case "basePriority":
      return `(${change.instance}) SNMP sets the priority to ${change.value}`;
    case "preempt":
      return `(${change.instance}) SNMP turns preemption ${change.value ? "on" : "off"}`;
    case "weight": {
      const { realServer, virtualServer, value } = change;
      return `SNMP sets the weight of ${realServer} of ${virtualServer} to ${value}`;
    }
  }
}
