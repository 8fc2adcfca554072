// FILE_CHECK: the number in a file, which the parent watches, changes its server's weight or keeps
// the server out. Follows keepalived's track_file: value times weight is added; without a weight
// any number but 0 is a failure. A file that nobody has told of yet changes nothing.

import type { FileCheckConfig, RealServerConfig } from "@keepalived-ts/shared-config/schema/config";

/** keepalived's IPVS_WEIGHT_LIMIT: what comes down to it takes the server out. */
const weightLimit = 2147483647;

export interface FileVerdict {
  readonly isFailed: boolean;
  readonly weightChange: number;
}

/** `values` by the name of the file. */
export function judgeFiles(
  { checks }: RealServerConfig,
  values: ReadonlyMap<string, number>,
): FileVerdict {
  let isFailed = false;
  let weightChange = 0;
  for (const check of checks) {
    if (check.kind !== "FILE_CHECK") continue;
    const value = values.get(check.file);
    if (value === undefined) continue;
    const change = contribution(check, value);
    if (change <= -weightLimit) isFailed = true;
    else weightChange += change;
  }
  return { isFailed, weightChange };
}

function contribution({ weight, isReversed }: FileCheckConfig, value: number): number {
  if (weight === 0) return (value === 0) === isReversed ? -weightLimit : 0;
  const product = value * weight * (isReversed ? -1 : 1);
  return Math.min(Math.max(product, -weightLimit), weightLimit - 1);
}
