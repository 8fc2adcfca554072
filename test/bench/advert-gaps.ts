// How punctual adverts are, as a capture shows them: the gaps between the adverts of one virtual
// router against its interval. Judges nothing.

import type { CapturedFrame } from "../lab/capture.js";
import { type AdvertFrame, adverts } from "../lab/frames.js";
import type { Measured } from "./contenders.js";

export interface Punctuality {
  /** The longest gap beyond the interval, over all virtual routers. */
  readonly latestMs: number;
  readonly count: number;
  /** Virtual routers that were heard. */
  readonly routers: number;
}

/** Only adverts with a priority count; those that resign are not on the grid. */
export function punctualityOf(frames: readonly CapturedFrame[], source?: string): Punctuality {
  const before = new Map<number, AdvertFrame>();
  let latestUs = 0;
  let count = 0;
  for (const advert of adverts(frames)) {
    if (advert.priority === 0 || (source !== undefined && advert.source !== source)) continue;
    count += 1;
    const last = before.get(advert.virtualRouterId);
    before.set(advert.virtualRouterId, advert);
    if (last === undefined) continue;
    latestUs = Math.max(latestUs, advert.atUs - last.atUs - advert.advertIntervalUs);
  }
  return { latestMs: latestUs / 1000, count, routers: before.size };
}

export function gapQuantity(when: string, { latestMs }: Punctuality): Measured {
  return { [`latest advert ${when}, ms late`]: latestMs };
}
