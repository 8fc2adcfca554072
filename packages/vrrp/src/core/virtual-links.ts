// Which links the instances make for themselves over their interfaces, and which addresses go on
// them (`use_vmac`). Pure derivations of the configuration; makes nothing. Follows keepalived's
// vrrp_complete_instance and netlink_link_add_vmac.

import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import type { InterfaceSetting } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  IpvlanConfig,
  VirtualAddress,
  VrrpConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";

/** A link that an instance wants over its interface. */
export interface VirtualLink {
  readonly instance: string;
  readonly name: string;
  /** The interface below. */
  readonly base: string;
  /** Of a macvlan; an ipvlan has that of the interface below. */
  readonly hardwareAddress: string | undefined;
  /** Makes it an ipvlan. */
  readonly ipvlanMode: IpvlanConfig["mode"] | undefined;
  /** What it has from its beginning, as IPv4 over an ipvlan must. */
  readonly ownAddress: Pick<VirtualAddress, "address" | "prefixLength"> | undefined;
  readonly group: number | undefined;
  /** The kernel is made to tell of the interface below once it is there: `netlink_notify_msg`. */
  readonly tellsBase: boolean;
  /** Of the instance. */
  readonly family: 4 | 6;
  /** What is left on. */
  readonly families: readonly (4 | 6)[];
  /** What adverts come from if the interface's first address is not to be it. */
  readonly sourceAddress: string | undefined;
}

/** The links of all instances. */
export function virtualLinksOf({ instances }: VrrpConfig): readonly VirtualLink[] {
  return instances.flatMap(linksOfOne);
}

/** The same configuration with every address on the link that is to carry it. */
export function withAddressesPlaced(config: VrrpConfig): VrrpConfig {
  return { ...config, instances: config.instances.map(placeAll) };
}

/**
 * What has to be set below /proc/sys while these links are there. The interface below does not
 * answer for the addresses above it, nor they for its own; of two values of rp_filter the kernel
 * takes the higher, so that of `all` must not be in the way.
 */
export function settingsFor(links: readonly VirtualLink[]): readonly InterfaceSetting[] {
  const settings = new Map<string, InterfaceSetting>();
  const add = (setting: InterfaceSetting): void => {
    settings.set(`${setting.family} ${setting.interface} ${setting.name}`, setting);
  };
  for (const { name, base, family, families, ipvlanMode } of links) {
    if (ipvlanMode !== undefined) continue;
    const isOff = families.includes(6) ? 0 : 1;
    add({ family: "ipv6", interface: name, name: "disable_ipv6", value: isOff });
    if (family === 6) continue;
    add({ family: "ipv4", interface: name, name: "rp_filter", value: 0 });
    add({ family: "ipv4", interface: "all", name: "rp_filter", value: 0 });
    add({ family: "ipv4", interface: base, name: "arp_ignore", value: 1 });
    add({ family: "ipv4", interface: base, name: "arp_filter", value: 1 });
  }
  return [...settings.values()];
}

function placeAll(instance: VrrpInstanceConfig): VrrpInstanceConfig {
  const { vmac, addressLinks = [] } = instance;
  if (vmac === undefined && addressLinks.length === 0) return instance;
  const place = (address: VirtualAddress): VirtualAddress => placed(instance, address);
  return {
    ...instance,
    virtualAddresses: instance.virtualAddresses.map(place),
    excludedAddresses: instance.excludedAddresses.map(place),
  };
}

/** An address of the other family stays on the interface, unless it has a link of its own. */
function placed(instance: VrrpInstanceConfig, address: VirtualAddress): VirtualAddress {
  const { vmac, addressLinks = [] } = instance;
  const family = ipFamily(address.address);
  const isOwn = address.device === instance.interface && family === instance.family;
  if (vmac !== undefined && isOwn) return { ...address, device: vmac.name };
  const link = addressLinks.find(
    (each) =>
      each.interface === address.device &&
      each.family === family &&
      each.addresses.includes(address.address),
  );
  return link === undefined ? address : { ...address, device: link.name };
}

function linksOfOne(instance: VrrpInstanceConfig): VirtualLink[] {
  // It never leaves FAULT, perhaps because its interface can carry no such link.
  if (instance.staysInFault) return [];
  const { name, addressLinks = [] } = instance;
  const own = ownLink(instance);
  const others = addressLinks.map(
    (link): VirtualLink => ({
      ...{ instance: name, name: link.name, base: link.interface, group: undefined },
      tellsBase: false,
      hardwareAddress: link.hardwareAddress,
      ipvlanMode: undefined,
      ownAddress: undefined,
      family: link.family,
      families: [link.family],
      sourceAddress: undefined,
    }),
  );
  return own === undefined ? others : [own, ...others];
}

function ownLink(instance: VrrpInstanceConfig): VirtualLink | undefined {
  const { vmac, ipvlan, family, sourceAddress } = instance;
  const common = { instance: instance.name, base: instance.interface, family, sourceAddress };
  if (vmac !== undefined) {
    const { name, hardwareAddress, group, netlinkNotify: tellsBase } = vmac;
    const own = {
      name,
      hardwareAddress,
      group,
      tellsBase,
      ipvlanMode: undefined,
      ownAddress: undefined,
    };
    return { ...common, ...own, families: familiesOf(instance) };
  }
  if (ipvlan === undefined) return undefined;
  const { name, mode, group, address, prefixLength = 0 } = ipvlan;
  const ownAddress = address === undefined ? undefined : { address, prefixLength };
  const own = { name, group, ipvlanMode: mode, ownAddress, hardwareAddress: undefined };
  return { ...common, ...own, tellsBase: false, families: [4, 6] };
}

/** keepalived counts every address that the instance holds. */
function familiesOf({ family, excludedAddresses }: VrrpInstanceConfig): (4 | 6)[] {
  const others = excludedAddresses.map(({ address }) => ipFamily(address));
  return [...new Set([family, ...others])].sort();
}
