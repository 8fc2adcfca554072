// When a MASTER announces its addresses to its neighbours: at the transition, again after a while,
// as a refresh, and when a lower MASTER was heard. keepalived's rules (vrrp.c, vrrp_scheduler.c).

import { nextRandom } from "@keepalived-ts/shared-config/base/random";
import type { VirtualAddress } from "@keepalived-ts/shared-config/schema/config";
import type { Instance, Turn } from "./instance.js";
import { transmitPlaceOf } from "./place.js";
import { arm, nextBeat } from "./timers.js";

/**
 * A thousand instances that became MASTER together must not refresh in the same instant for ever.
 */
const refreshSpread = 0.1;

/** The burst of the transition; arms the later ones. */
export function announceMaster(turn: Turn, instance: Instance): void {
  const { garp } = instance.config;
  announce(turn, instance, instance.addresses, garp.masterRepeat);
  if (garp.masterDelayUs > 0) {
    arm(turn, instance, "garpSecondBurst", turn.now + garp.masterDelayUs);
  }
  armRefresh(turn, instance);
  armExtra(turn, instance);
}

/** Starts the refresh of a MASTER: first at delay + refresh. */
export function armRefresh(turn: Turn, instance: Instance): void {
  const { masterDelayUs, masterRefreshUs } = instance.config.garp;
  if (masterRefreshUs === 0) return;
  const spread = Math.floor(masterRefreshUs * refreshSpread * nextRandom(turn.router.random));
  arm(turn, instance, "garpRefresh", turn.now + masterDelayUs + masterRefreshUs + spread);
}

/** Starts the announcements of what no advert shows to the switches. */
export function armExtra(turn: Turn, instance: Instance): void {
  const { garpExtraIntervalUs } = instance.config;
  if (garpExtraIntervalUs > 0) arm(turn, instance, "garpExtra", turn.now + garpExtraIntervalUs);
}

/** A lower MASTER may have drawn the neighbours to itself: announce now and again after a while. */
export function announceAgainstLowerPriority(turn: Turn, instance: Instance): void {
  const { lowerPriorityRepeat, lowerPriorityDelayUs } = instance.config.garp;
  if (lowerPriorityRepeat === 0) return;
  announce(turn, instance, instance.addresses, lowerPriorityRepeat);
  if (lowerPriorityDelayUs > 0) {
    arm(turn, instance, "garpLowerPriority", turn.now + lowerPriorityDelayUs);
  }
}

export function handleGarpSecondBurst(turn: Turn, instance: Instance): void {
  announce(turn, instance, instance.addresses, instance.config.garp.masterRepeat);
}

export function handleGarpLowerPriority(turn: Turn, instance: Instance): void {
  announce(turn, instance, instance.addresses, instance.config.garp.lowerPriorityRepeat);
}

export function handleGarpRefresh(turn: Turn, instance: Instance): void {
  const { masterRefreshUs, masterRefreshRepeat } = instance.config.garp;
  announce(turn, instance, instance.addresses, masterRefreshRepeat);
  const { at } = instance.timers.garpRefresh;
  arm(turn, instance, "garpRefresh", nextBeat(at, masterRefreshUs, turn.now));
}

/** Once each, as keepalived. */
export function handleGarpExtra(turn: Turn, instance: Instance): void {
  announce(turn, instance, extraAddresses(instance), 1);
  const { at } = instance.timers.garpExtra;
  arm(turn, instance, "garpExtra", nextBeat(at, instance.config.garpExtraIntervalUs, turn.now));
}

/** On interfaces that no advert leaves by: virtual MACs, or all. Excluded ones are left out. */
function extraAddresses({ config }: Instance): readonly VirtualAddress[] {
  const shown = transmitPlaceOf(config);
  const { vmac, addressLinks = [], garpExtraAllInterfaces } = config;
  const macs = new Set([vmac, ...addressLinks].map((link) => link?.name));
  return config.virtualAddresses.filter(
    ({ device }) => device !== shown && (garpExtraAllInterfaces || macs.has(device)),
  );
}

/** A BACKUP that announced them would draw the traffic to itself. */
export function handleAnnounceRequested(turn: Turn, name: string): void {
  const instance = turn.router.instances.get(name);
  if (instance?.state === "MASTER") announce(turn, instance, instance.addresses, 1);
}

export function announce(
  turn: Turn,
  instance: Instance,
  addresses: readonly VirtualAddress[],
  repeat: number,
): void {
  if (repeat === 0 || addresses.length === 0) return;
  turn.actions.push({ type: "sendGratuitousArp", instance: instance.name, addresses, repeat });
}
