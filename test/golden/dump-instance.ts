// The lines of an instance in keepalived's dump, each beside the field of the typed configuration
// that should say the same.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type {
  Config,
  TrackReference,
  VirtualAddress,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { anyOf, flag, list, type Table } from "./dump-compare.js";
import { type DumpLine, linesOf } from "./dump-parse.js";
import { addressText, enabled, routeText, ruleText, scriptText, yesNo } from "./dump-text.js";

export interface InstanceInConfig {
  readonly config: Config;
  readonly instance: VrrpInstanceConfig;
}

/** How things stand at the moment, and numbers of descriptors. */
export const instanceRuntime: RegExp = anyOf(
  "State",
  "Wantstate",
  "Master (router|priority|down timer|advert int.*)",
  "Number of .*",
  "Last transition",
  "Read timeout",
  "Effective priority",
  "Total priority",
  "fd_in .*",
  "Using src_ip",
  "Flags",
  "Flags: none",
  "Unicast config option .*",
);

function seconds(us: number): string {
  return String(us / usPerSecond);
}

function authenticationType({ authentication, headerAuthentication }: VrrpInstanceConfig): string {
  if (headerAuthentication !== undefined) return "IPSEC_AH";
  return authentication === undefined ? "none" : "SIMPLE_PASSWORD";
}

function password({ authentication }: VrrpInstanceConfig): string | undefined {
  if (authentication === undefined) return undefined;
  return Buffer.from(authentication.data, "hex").toString("latin1").replace(/\0+$/, "");
}

/** Where an address is: on the instance's own link, if it has one. */
function addressLine(instance: VrrpInstanceConfig, address: VirtualAddress): string {
  const link = instance.vmac?.name ?? instance.ipvlan?.name;
  const isOwn = link !== undefined && instance.vmac && address.device === instance.interface;
  return addressText(address, isOwn ? `${link}@${address.device}` : address.device);
}

function interfaceText({
  interface: base,
  vmac,
  ipvlan,
  vmacTransmitBase,
}: VrrpInstanceConfig): string {
  if (ipvlan) return `${ipvlan.name}, ipvlan on ${base}`;
  if (!vmac) return base;
  return `${vmac.name}, vmac on ${base}${vmacTransmitBase ? ", xmit base i/f" : ""}`;
}

function withReverse({ weight, reverse }: { weight: number; reverse: boolean }): string {
  return `weight ${weight}${reverse ? " reverse" : ""}`;
}

export function referenceText(separator: string): (reference: TrackReference) => string {
  return (reference) => `${reference.name}${separator} ${withReverse(reference)}`;
}

export function interfaceReferences(
  interfaces: VrrpInstanceConfig["track"]["interfaces"],
): readonly string[] | undefined {
  return list(interfaces.map((each) => `${each.interface} ${withReverse(each)}`));
}

function advertInterval({ version, advertIntervalUs: us }: VrrpInstanceConfig): string {
  return version === 2 ? `${seconds(us)} sec` : `${us / 1000} milli-sec`;
}

const notifyTable: Table<InstanceInConfig> = {
  "Using smtp notification": ({ instance }) => yesNo(instance.smtpAlert),
  "Notify deleted": ({ instance }) => (instance.reportDeleted ? "Deleted" : "Fault"),
  "Notify priority changes": ({ instance }) => String(instance.notifyPriorityChanges),
  "Master state transition script": ({ instance }) => scriptText(instance.notifyMaster),
  "Backup state transition script": ({ instance }) => scriptText(instance.notifyBackup),
  "Fault state transition script": ({ instance }) => scriptText(instance.notifyFault),
  "Stop state transition script": ({ instance }) => scriptText(instance.notifyStop),
  "Deleted state transition script": ({ instance }) => scriptText(instance.notifyDeleted),
  "Generic state transition script": ({ instance }) => scriptText(instance.notify),
  "Master rx lower pri state transition script": ({ instance }) =>
    scriptText(instance.notifyMasterReceivedLowerPriority),
};

const garpTable: Table<InstanceInConfig> = {
  "Gratuitous ARP delay": ({ instance }) => seconds(instance.garp.masterDelayUs),
  "Gratuitous ARP repeat": ({ instance }) => String(instance.garp.masterRepeat),
  "Gratuitous ARP refresh": ({ instance }) => seconds(instance.garp.masterRefreshUs),
  "Gratuitous ARP refresh repeat": ({ instance }) => String(instance.garp.masterRefreshRepeat),
  "Gratuitous ARP lower priority delay": ({ instance }) =>
    seconds(instance.garp.lowerPriorityDelayUs),
  "Gratuitous ARP lower priority repeat": ({ instance }) =>
    String(instance.garp.lowerPriorityRepeat),
};

const trackTable: Table<InstanceInConfig> = {
  "VRRP interface tracking disabled": ({ instance }) => flag(!instance.trackPrimary),
  "Tracked scripts": ({ instance }) => list(instance.track.scripts.map(referenceText(""))),
  "Tracked interfaces": ({ instance }) => interfaceReferences(instance.track.interfaces),
  "Tracked files": ({ instance }) => list(instance.track.files.map(referenceText(","))),
  "Tracked processes": ({ instance }) => list(instance.track.processes.map(referenceText(","))),
  "Tracked BFDs": ({ instance }) => list(instance.track.bfdInstances.map(referenceText(":"))),
};

const checksumWords = { detect: "no", never: "never", always: "auto" } as const;

const unicastTable: Table<InstanceInConfig> = {
  "Unicast Peer": ({ instance }) =>
    list(
      instance.unicastPeers.map(
        ({ address, minTtl, maxTtl }) => `${address} min_ttl ${minTtl} max_ttl ${maxTtl}`,
      ),
    ),
  "Unicast TTL": ({ instance }) => instance.unicastTtl?.toString(),
  "Check unicast src": ({ instance }) =>
    instance.unicastPeers.length > 0 ? yesNo(instance.checkUnicastSource) : undefined,
  "Unicast checksum compatibility": ({ instance }) =>
    instance.unicastPeers.length > 0 ? checksumWords[instance.oldUnicastChecksum] : undefined,
};

export const instanceTable: Table<InstanceInConfig> = {
  "VRRP Version": ({ instance }) => String(instance.version),
  Interface: ({ instance }) => interfaceText(instance),
  "Virtual Router ID": ({ instance }) => String(instance.virtualRouterId),
  Priority: ({ instance }) => String(instance.basePriority),
  "Advert interval": ({ instance }) => advertInterval(instance),
  Accept: ({ instance }) => enabled(instance.acceptMode),
  Preempt: ({ instance }) => enabled(instance.preempt),
  "Preempt delay": ({ instance }) =>
    instance.preemptDelayUs === 0 ? undefined : `${seconds(instance.preemptDelayUs)} secs`,
  Promote_secondaries: ({ instance }) => enabled(instance.promoteSecondaries),
  "Authentication type": ({ instance }) =>
    instance.version === 2 ? authenticationType(instance) : undefined,
  Password: ({ instance }) => password(instance),
  "Down timer adverts": ({ instance }) => String(instance.downTimerAdverts),
  "Send advert after receive lower priority advert": ({ instance }) =>
    String(!instance.lowerPriorityNoAdvert),
  "Send advert after receive higher priority advert": ({ instance }) =>
    String(instance.higherPrioritySendAdvert),
  "Skip checking advert IP addresses": ({ instance }) => flag(instance.skipCheckAdvertAddresses),
  "Enforcing strict VRRP compliance": ({ instance }) => flag(instance.strictMode),
  "Using Native IPv6": ({ instance }) => flag(instance.family === 6),
  "Virtual IP": ({ instance }) =>
    list(instance.virtualAddresses.map((address) => addressLine(instance, address))),
  "Virtual IP Excluded": ({ instance }) =>
    list(instance.excludedAddresses.map((address) => addressLine(instance, address))),
  "Virtual Routes": ({ instance }) => list(instance.virtualRoutes.map(routeText)),
  "Virtual Rules": ({ instance }) => list(instance.virtualRules.map(ruleText)),
  "Kernel rx buffer size": ({ instance }) => instance.kernelReceiveBufferBytes?.toString(),
  "Debug level": ({ instance }) => (instance.debugLevel || undefined)?.toString(),
  "Sync group": ({ config, instance }) =>
    config.vrrp?.syncGroups.find(({ members }) => members.includes(instance.name))?.name,
  "Multicast address": ({ instance }) =>
    instance.unicastPeers.length > 0 ? undefined : instance.multicastGroup,
  "Source address": ({ instance }) => instance.sourceAddress,
  "Use VMAC": ({ instance: { vmac, vmacTransmitBase } }) =>
    vmac && `${vmac.name} ${vmacTransmitBase}`,
  "Use IPVLAN": ({ instance: { ipvlan } }) =>
    ipvlan && `${ipvlan.name} ${ipvlan.address}/${ipvlan.prefixLength} ${ipvlan.mode}`,
  "Using unicast": ({ instance }) => flag(instance.unicastPeers.length > 0),
  ...garpTable,
  ...unicastTable,
  ...trackTable,
  ...notifyTable,
};

/** Lines of other forms, and the form in which they are compared. */
const rewritten: readonly (readonly [RegExp, string])[] = [
  [/^Multicast address ([^,]+).*$/, "Multicast address = $1"],
  [/^Using src_ip = (.*) \(from configuration\)$/, "Source address = $1"],
  [/^Use VMAC, i\/f name ([^,]+),.* xmit_base = (\w+)$/, "Use VMAC = $1 $2"],
  [/^Use IPVLAN, i\/f ([^,]+),.* address = ([^,]+), type (\w+)$/, "Use IPVLAN = $1 $2 $3"],
];

/** The lines of an instance, those of its flags among them, in one form. */
export function instanceLines(instance: DumpLine): readonly DumpLine[] {
  const flags = linesOf(instance.below, "Flags").flatMap(({ below }) => below);
  return [...instance.below, ...flags].map((line) => {
    const rule = rewritten.find(([pattern]) => pattern.test(line.text));
    if (rule === undefined) return line;
    const [key = "", value = ""] = line.text.replace(...rule).split(" = ");
    return { ...line, key, value };
  });
}
