// track_group: which instances need the interface of something static that names their group
// (keepalived vrrp/vrrp_static_track.c). Decides no state.

import type { StaticConfig } from "@keepalived-ts/shared-config/schema/config";
import type { NeededFor, Router } from "./instance.js";

interface Tracked {
  readonly what: NeededFor;
  readonly device: string | undefined;
  readonly trackGroup?: string | undefined;
}

/** Takes the groups of a configuration over. */
export function useTrackGroups({ groupDevices }: Router, statics: StaticConfig): void {
  groupDevices.clear();
  const members = new Map(statics.trackGroups.map(({ name, members: names }) => [name, names]));
  for (const { what, device, trackGroup } of trackedOf(statics)) {
    if (device === undefined || trackGroup === undefined) continue;
    for (const instance of members.get(trackGroup) ?? []) {
      groupDevices.set(instance, new Map([...(groupDevices.get(instance) ?? []), [device, what]]));
    }
  }
}

function trackedOf({ addresses, routes, rules }: StaticConfig): Tracked[] {
  return [
    ...addresses.map(({ device, trackGroup }) => ({
      what: "static address" as const,
      device,
      trackGroup,
    })),
    ...routes.map(({ device, trackGroup }) => ({
      what: "static route" as const,
      device,
      trackGroup,
    })),
    ...rules.map(({ inputInterface, trackGroup }) => ({
      what: "static rule" as const,
      device: inputInterface,
      trackGroup,
    })),
  ];
}
