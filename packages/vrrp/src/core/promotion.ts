// promote_secondaries: has the kernel keep the other addresses of a subnet when its first one goes.
// Says where that is wanted; the parent sets it and puts it back.

import type { InterfaceSetting } from "@keepalived-ts/shared-config/ipc/messages";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";

export function promotionsOf(instances: readonly VrrpInstanceConfig[]): InterfaceSetting[] {
  const promoting = instances.filter(({ promoteSecondaries }) => promoteSecondaries);
  const names = new Set(promoting.map((instance) => instance.interface));
  names.delete("");
  return [...names].map((name) => ({
    family: "ipv4",
    interface: name,
    name: "promote_secondaries",
    value: 1,
  }));
}
