// What is counted for each instance. Names follow keepalived's statistics; those below the gap are
// ours. Decides nothing.

const names = [
  "advertisementsReceived",
  "advertisementsSent",
  "becomeMaster",
  "releaseMaster",
  "packetLengthErrors",
  "checksumErrors",
  "versionErrors",
  "ttlErrors",
  "typeErrors",
  "advertIntervalErrors",
  "addressListErrors",
  "authenticationTypeInvalid",
  "authenticationTypeMismatch",
  "authenticationFailures",
  "priorityZeroReceived",
  "priorityZeroSent",

  /** Sent to another address than our multicast group, or to a group while we have peers. */
  "destinationErrors",
  /** Came from none of our peers (`check_unicast_src`). */
  "unicastSourceErrors",
  /** Signed with a sequence number or time stamp that was seen already. */
  "authenticationReplays",
  /** Signed too long ago, or in the future. */
  "authenticationStale",
  /** Signed with a key that is not configured here. */
  "authenticationKeyUnknown",
  /** Not signed, where it has to be. */
  "authenticationMissing",
  /** Came from our own primary address: looped back, or an address used twice. */
  "ownSourceReceived",
  /** Not looked at because of `owner_ignore_adverts`. */
  "ownerIgnored",
  /** Below our priority and not obeyed. */
  "lowerPriorityDiscarded",
] as const;

export type CounterName = (typeof names)[number];
export type Counters = Record<CounterName, number>;

export function newCounters(): Counters {
  const counters = {} as Counters;
  for (const name of names) counters[name] = 0;
  return counters;
}
