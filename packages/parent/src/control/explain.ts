// Why an instance is in the state that it is in: the chain of causes in words, from its settings
// and how it stands. Guesses nothing that it is not told.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { InstanceStatus } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  Config,
  TrackReference,
  TrackReferences,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { StateView } from "../data/state-data.js";

type Kind = Exclude<keyof TrackReferences, "interfaces">;

const kindNames: Readonly<Record<Kind, string>> = {
  scripts: "script",
  files: "file",
  processes: "process",
  bfdInstances: "bfd",
};

/** What may have kept packets from being obeyed: counters of rejections, in words. */
const rejections: Readonly<Record<string, string>> = {
  packetLengthErrors: "of a wrong length",
  checksumErrors: "with a wrong checksum",
  versionErrors: "of another VRRP version",
  ttlErrors: "with a wrong TTL",
  typeErrors: "of an unknown type",
  advertIntervalErrors: "with another advert_int",
  addressListErrors: "with other virtual addresses",
  authenticationTypeInvalid: "with an unknown kind of authentication",
  authenticationTypeMismatch: "with another kind of authentication",
  authenticationFailures: "with a wrong password or signature",
  destinationErrors: "to another multicast group",
  unicastSourceErrors: "from none of the unicast peers",
  authenticationReplays: "that were seen before",
  authenticationStale: "signed too long ago",
  authenticationKeyUnknown: "signed with an unknown key",
  authenticationMissing: "without a signature",
  ownSourceReceived: "from our own address",
};

/** One sentence a cause, the most direct first. */
export function explain(
  instance: VrrpInstanceConfig,
  status: InstanceStatus,
  view: StateView,
  now: number,
): string[] {
  return [
    stateReason(instance, status, now),
    ...priorityReasons(instance, status, view),
    ...waitReasons(instance, status, now),
    ...rejectionReasons(status),
  ];
}

function seconds(us: number): string {
  return `${(us / usPerSecond).toFixed(1)} s`;
}

function stateReason(instance: VrrpInstanceConfig, status: InstanceStatus, now: number): string {
  const age = `since ${seconds(now - status.enteredAt)}`;
  switch (status.state) {
    case "FAULT":
      return `FAULT ${age}: ${status.fault ?? "the cause is gone, it returns now"}`;
    case "INIT":
      return `INIT ${age}: it waits for the first result of a script that it tracks`;
    case "MASTER":
      return `MASTER ${age}: no router of a higher priority is heard`;
    case "BACKUP":
      return `BACKUP ${age}: ${masterReason(instance, status)}`;
  }
}

function masterReason(instance: VrrpInstanceConfig, status: InstanceStatus): string {
  const { masterAddress, masterPriority, effectivePriority } = status;
  if (masterAddress === null || masterPriority === null) {
    return `no master has been heard yet, ${seconds(status.masterDownUs)} are waited for one`;
  }
  const master = `${masterAddress} is master with priority ${masterPriority}`;
  if (masterPriority > effectivePriority) return `${master}, ours is ${effectivePriority}`;
  if (masterPriority === effectivePriority) return `${master}, as ours is, and was first`;
  const why = status.hasGivenAway
    ? "a failover was ordered here, and it lasts until no master is heard"
    : `${instance.preempt ? "preempt_delay" : "nopreempt"} keeps us from it`;
  return `${master}, ours is ${effectivePriority}, but ${why}`;
}

/** How the priority came about, when something tracked has changed it. */
function priorityReasons(
  instance: VrrpInstanceConfig,
  { effectivePriority, totalPriority }: InstanceStatus,
  view: StateView,
): string[] {
  const { basePriority } = instance;
  const tracked = trackedReasons(instance, view);
  if (totalPriority === basePriority) return tracked;
  const change = totalPriority - basePriority;
  const sum = `priority ${basePriority} ${change < 0 ? "-" : "+"} ${Math.abs(change)}`;
  const limit = totalPriority === effectivePriority ? "" : ", kept within 1 to 254";
  return [`${sum} by what is tracked = ${effectivePriority}${limit}`, ...tracked];
}

function referencesOf(
  { vrrp }: Config,
  instance: VrrpInstanceConfig,
  kind: Kind,
): readonly TrackReference[] {
  const group = vrrp?.syncGroups.find(({ members }) => members.includes(instance.name));
  return [...instance.track[kind], ...(group?.track[kind] ?? [])];
}

function trackedReasons(instance: VrrpInstanceConfig, view: StateView): string[] {
  return (Object.keys(kindNames) as Kind[]).flatMap((kind) =>
    referencesOf(view.config, instance, kind).flatMap(({ name, weight, reverse }) => {
      const word = kindNames[kind];
      const value = view.trackers.get(`${word} ${name}`)?.value;
      if (value === undefined) return [`${word} ${name} has no result yet`];
      const effect = weight === 0 ? "a failure is a FAULT" : `weight ${weight}`;
      const more = reverse ? `${effect} reverse` : effect;
      if (kind === "files") return [`file ${name} says ${value} (${more})`];
      return [`${word} ${name} ${value === 0 ? "has failed" : "is well"} (${more})`];
    }),
  );
}

function waitReasons(instance: VrrpInstanceConfig, status: InstanceStatus, now: number): string[] {
  const { state, timerAt, wantedState } = status;
  return [
    ...(wantedState === "MASTER" && state !== "MASTER"
      ? ["it wants to be MASTER and waits for the other members of its sync group"]
      : []),
    ...(state === "BACKUP" && timerAt !== null
      ? [`it takes over in ${seconds(Math.max(0, timerAt - now))} unless a master is heard`]
      : []),
    ...(state === "BACKUP" && !instance.preempt ? ["nopreempt: a lower master is obeyed"] : []),
  ];
}

function rejectionReasons({ counters }: InstanceStatus): string[] {
  return Object.entries(rejections).flatMap(([name, words]) => {
    const count = counters[name] ?? 0;
    return count === 0 ? [] : [`${count} adverts rejected: ${words}`];
  });
}
