// What an operator orders: a failover of what one instance and its sync group hold, and
// maintenance, in which this router takes no part at all. Both hand over without an outage. Decides
// when they begin and end; how a hand-over goes stands in hand-over.

import { beginHandOver, takeBack } from "./hand-over.js";
import type { Instance, Turn } from "./instance.js";
import { isHearable, reviewInstance } from "./state-fault.js";

/** The whole sync group goes, for its members are MASTER together or not at all. */
export function handleFailover(turn: Turn, name: string): void {
  const { router } = turn;
  const instance = router.instances.get(name);
  const members = instance?.group?.members ?? (instance === undefined ? [] : [instance]);
  const leaving = members.filter((member) => canHandOver(turn, member));
  if (instance === undefined || !leaving.includes(instance)) {
    turn.actions.push({ type: "reportFailover", instance: name, successor: null });
    return;
  }
  for (const member of leaving) beginHandOver(turn, member, "failover");
}

export function handleMaintenance(turn: Turn, isOn: boolean): void {
  const { router } = turn;
  if (router.isInMaintenance === isOn) return;
  router.isInMaintenance = isOn;
  const text = `Maintenance is ${isOn ? "on: this router takes no part" : "off"}`;
  turn.actions.push({ type: "log", record: { level: "info", text } });
  for (const instance of router.instances.values()) {
    if (isOn && canHandOver(turn, instance)) beginHandOver(turn, instance, "maintenance");
    else if (instance.ending === "maintenance") takeBack(turn, instance);
  }
  for (const instance of router.instances.values()) reviewInstance(turn, instance);
}

/** One that is on its way out already goes on doing that. */
function canHandOver({ router }: Turn, instance: Instance): boolean {
  const { state, ending } = instance;
  return state === "MASTER" && ending === null && isHearable(router, instance);
}
