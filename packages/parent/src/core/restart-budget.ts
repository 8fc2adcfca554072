// How long to wait before a dead child is started again. As keepalived does it: the first time at
// once, since a MASTER's peers take over after three advert intervals; then, for a child that keeps
// dying young, 1, 2, 4, ... 60 seconds. A child that lived for a minute has its record wiped.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";

/** A child that lived this long died of something new. */
export const youngUs: number = 60 * usPerSecond;
const firstDelayUs = usPerSecond;
export const delayMaxUs: number = 60 * usPerSecond;

export interface RestartBudget {
  /** Deaths in a row of children that did not reach {@link youngUs}. */
  deaths: number;
}

export function createRestartBudget(): RestartBudget {
  return { deaths: 0 };
}

/**
 * Records the death of a child that lived for `livedUs`; returns the wait before the next start.
 */
export function chargeDeath(budget: RestartBudget, livedUs: number): number {
  if (livedUs >= youngUs) budget.deaths = 0;
  budget.deaths += 1;
  if (budget.deaths === 1) return 0;
  return Math.min(firstDelayUs * 2 ** (budget.deaths - 2), delayMaxUs);
}
