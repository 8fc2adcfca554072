// The lines of a VRRP instance in a data file, in keepalived's order: its settings and how it
// stands. Passwords are not shown.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { InstanceStatus } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  Config,
  TrackReference,
  VirtualAddress,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { addressText, enabled, routeText, ruleText, scriptText, yesNo } from "./kernel-text.js";
import { flag, list, type Shown, type Table } from "./table.js";
import { instantText } from "./wall-time.js";

export interface ShownInstance {
  readonly config: Config;
  readonly instance: VrrpInstanceConfig;
  /** Absent while the VRRP process does not answer. */
  readonly status: InstanceStatus | undefined;
  /** Microseconds since 1970 of an instant of CLOCK_MONOTONIC. */
  wallUs(monotonicUs: number): number;
}

export const hiddenText = "(not shown)";

function seconds(us: number): string {
  return String(us / usPerSecond);
}

function authenticationType({ authentication, headerAuthentication }: VrrpInstanceConfig): string {
  if (headerAuthentication !== undefined) return "IPSEC_AH";
  return authentication === undefined ? "none" : "SIMPLE_PASSWORD";
}

function password({ authentication, headerAuthentication }: VrrpInstanceConfig): Shown {
  return (authentication ?? headerAuthentication) === undefined ? undefined : hiddenText;
}

/** An address that is held is "set". */
export function addressLine(instance: VrrpInstanceConfig, address: VirtualAddress): string {
  const link = instance.vmac?.name ?? instance.ipvlan?.name;
  const isOwn = link !== undefined && instance.vmac && address.device === instance.interface;
  return addressText(address, isOwn ? `${link}@${address.device}` : address.device);
}

function addressLines(
  { instance, status }: ShownInstance,
  addresses: readonly VirtualAddress[],
): string[] {
  const set = status?.holdsAddresses === true ? " set" : "";
  return addresses.map((address) => `${addressLine(instance, address)}${set}`);
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

function vmacLine({ instance: { vmac, vmacTransmitBase }, status }: ShownInstance): Shown {
  if (vmac === undefined) return undefined;
  const isUp = status?.sourceAddress != null;
  return {
    line: `Use VMAC, i/f name ${vmac.name}, is_up = ${isUp}, xmit_base = ${vmacTransmitBase}`,
  };
}

function ipvlanLine({ instance: { ipvlan }, status }: ShownInstance): Shown {
  if (ipvlan === undefined) return undefined;
  const { name, address, prefixLength, mode } = ipvlan;
  const isUp = status?.sourceAddress != null;
  const at = address === undefined ? "" : `, i/f address = ${address}/${prefixLength}`;
  return { line: `Use IPVLAN, i/f ${name}, is_up = ${isUp}${at}, type ${mode}` };
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

const identityTable: Table<ShownInstance> = {
  "VRRP Version": ({ instance }) => String(instance.version),
  "Sync group": ({ config, instance }) =>
    config.vrrp?.syncGroups.find(({ members }) => members.includes(instance.name))?.name,
  "Using Native IPv6": ({ instance }) => flag(instance.family === 6),
};

function timerText({ status, wallUs }: ShownInstance): string | undefined {
  if (status === undefined) return undefined;
  return status.timerAt === null ? "DISABLED" : instantText(wallUs(status.timerAt));
}

function flags({ instance }: ShownInstance): Shown {
  const words = instance.unicastPeers.length > 0 ? ["Using unicast"] : [];
  return words.length === 0 ? { line: "Flags: none" } : { line: "Flags:", items: words };
}

const stateTable: Table<ShownInstance> = {
  State: ({ status }) => status?.state,
  "Master router": ({ status }) => status?.masterAddress ?? undefined,
  "Master priority": ({ status }) =>
    status?.masterAddress == null ? undefined : String(status.masterPriority),
  Flags: flags,
  Wantstate: ({ status }) => status?.wantedState,
  "Number of config faults": ({ instance, status }) =>
    status && String(instance.staysInFault ? 1 : 0),
  "Number of interface and track script faults": ({ instance, status }) =>
    status && String(status.fault !== null && !instance.staysInFault ? 1 : 0),
  "Number of track scripts init": ({ status }) => status && String(status.state === "INIT" ? 1 : 0),
  "Last transition": ({ status, wallUs }) => status && instantText(wallUs(status.enteredAt)),
  "Read timeout": timerText,
  "Master down timer": ({ status }) => status && `${status.masterDownUs} usecs`,
};

function sourceText({ instance, status }: ShownInstance): string | undefined {
  const { sourceAddress } = instance;
  if (sourceAddress !== undefined) return `${sourceAddress} (from configuration)`;
  return status?.sourceAddress ?? undefined;
}

const interfaceTable: Table<ShownInstance> = {
  "Use VMAC": vmacLine,
  "Use IPVLAN": ipvlanLine,
  Interface: ({ instance }) => interfaceText(instance),
  "VRRP interface tracking disabled": ({ instance }) => flag(!instance.trackPrimary),
  "Skip checking advert IP addresses": ({ instance }) => flag(instance.skipCheckAdvertAddresses),
  "Enforcing strict VRRP compliance": ({ instance }) => flag(instance.strictMode),
  "Using src_ip": sourceText,
  "Multicast address": ({ instance }) =>
    instance.unicastPeers.length > 0
      ? undefined
      : { line: `Multicast address ${instance.multicastGroup}` },
};

const garpTable: Table<ShownInstance> = {
  "Gratuitous ARP delay": ({ instance }) => seconds(instance.garp.masterDelayUs),
  "Gratuitous ARP repeat": ({ instance }) => String(instance.garp.masterRepeat),
  "Gratuitous ARP refresh": ({ instance }) => seconds(instance.garp.masterRefreshUs),
  "Gratuitous ARP refresh repeat": ({ instance }) => String(instance.garp.masterRefreshRepeat),
  "Gratuitous ARP lower priority delay": ({ instance }) =>
    seconds(instance.garp.lowerPriorityDelayUs),
  "Gratuitous ARP lower priority repeat": ({ instance }) =>
    String(instance.garp.lowerPriorityRepeat),
};

const protocolTable: Table<ShownInstance> = {
  "Down timer adverts": ({ instance }) => String(instance.downTimerAdverts),
  "Send advert after receive lower priority advert": ({ instance }) =>
    String(!instance.lowerPriorityNoAdvert),
  "Send advert after receive higher priority advert": ({ instance }) =>
    String(instance.higherPrioritySendAdvert),
  "Virtual Router ID": ({ instance }) => String(instance.virtualRouterId),
  Priority: ({ instance }) => String(instance.basePriority),
  "Effective priority": ({ status }) => status && String(status.effectivePriority),
  "Total priority": ({ status }) => status && String(status.totalPriority),
  "Advert interval": ({ instance }) => advertInterval(instance),
  Accept: ({ instance }) => enabled(instance.acceptMode),
  Preempt: ({ instance }) => enabled(instance.preempt),
  "Preempt delay": ({ instance }) =>
    instance.preemptDelayUs === 0 ? undefined : `${seconds(instance.preemptDelayUs)} secs`,
  Promote_secondaries: ({ instance }) => enabled(instance.promoteSecondaries),
  "Authentication type": ({ instance }) =>
    instance.version === 2 ? authenticationType(instance) : undefined,
  Password: ({ instance }) => password(instance),
  "Kernel rx buffer size": ({ instance }) => instance.kernelReceiveBufferBytes?.toString(),
  "Debug level": ({ instance }) => (instance.debugLevel || undefined)?.toString(),
};

const checksumWords = { detect: "no", never: "never", always: "config" } as const;

const unicastTable: Table<ShownInstance> = {
  "Unicast TTL": ({ instance }) => instance.unicastTtl?.toString(),
  "Check unicast src": ({ instance }) =>
    instance.unicastPeers.length > 0
      ? { line: `Check unicast src : ${yesNo(instance.checkUnicastSource)}` }
      : undefined,
  "Unicast Peer": ({ instance }) =>
    list(
      instance.unicastPeers.map(
        ({ address, minTtl, maxTtl }) => `${address} min_ttl ${minTtl} max_ttl ${maxTtl}`,
      ),
    ),
  "Unicast checksum compatibility": ({ instance }) =>
    instance.unicastPeers.length > 0 ? checksumWords[instance.oldUnicastChecksum] : undefined,
};

const addressTable: Table<ShownInstance> = {
  "Virtual IP": (shown) => {
    const { virtualAddresses } = shown.instance;
    if (virtualAddresses.length === 0) return undefined;
    const items = addressLines(shown, virtualAddresses);
    return { line: `Virtual IP (${items.length}):`, items };
  },
  "Virtual IP Excluded": (shown) => list(addressLines(shown, shown.instance.excludedAddresses)),
  ...unicastTable,
  "Virtual Routes": ({ instance }) => list(instance.virtualRoutes.map(routeText)),
  "Virtual Rules": ({ instance }) => list(instance.virtualRules.map(ruleText)),
};

const trackTable: Table<ShownInstance> = {
  "Tracked interfaces": ({ instance }) => interfaceReferences(instance.track.interfaces),
  "Tracked scripts": ({ instance }) => list(instance.track.scripts.map(referenceText(""))),
  "Tracked files": ({ instance }) => list(instance.track.files.map(referenceText(","))),
  "Tracked processes": ({ instance }) => list(instance.track.processes.map(referenceText(","))),
  "Tracked BFDs": ({ instance }) => list(instance.track.bfdInstances.map(referenceText(":"))),
};

const notifyTable: Table<ShownInstance> = {
  "Using smtp notification": ({ instance }) => yesNo(instance.smtpAlert),
  "Notify deleted": ({ instance }) => (instance.reportDeleted ? "Deleted" : "Fault"),
  "Backup state transition script": ({ instance }) => scriptText(instance.notifyBackup),
  "Master state transition script": ({ instance }) => scriptText(instance.notifyMaster),
  "Fault state transition script": ({ instance }) => scriptText(instance.notifyFault),
  "Stop state transition script": ({ instance }) => scriptText(instance.notifyStop),
  "Deleted state transition script": ({ instance }) => scriptText(instance.notifyDeleted),
  "Generic state transition script": ({ instance }) => scriptText(instance.notify),
  "Master rx lower pri state transition script": ({ instance }) =>
    scriptText(instance.notifyMasterReceivedLowerPriority),
  "Notify priority changes": ({ instance }) => String(instance.notifyPriorityChanges),
};

export const instanceTable: Table<ShownInstance> = {
  ...identityTable,
  ...stateTable,
  ...interfaceTable,
  ...garpTable,
  ...protocolTable,
  ...addressTable,
  ...trackTable,
  ...notifyTable,
};
