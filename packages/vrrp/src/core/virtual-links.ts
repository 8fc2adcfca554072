// Which links the instances make for themselves over their interfaces, and which addresses go on
// them (`use_vmac`). Pure derivations of the configuration; makes nothing. Follows keepalived's
// vrrp_complete_instance and netlink_link_add_vmac.

import { ipFamily } from "@keepalived-ts/shared-config/base/ip";
import type { InterfaceSetting } from "@keepalived-ts/shared-config/ipc/messages";
import type {
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
  readonly hardwareAddress: string;
  readonly group: number | undefined;
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
  for (const { name, base, family, families } of links) {
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
  if (instance.vmac === undefined) return instance;
  const place = (address: VirtualAddress): VirtualAddress => placed(instance, address);
  return {
    ...instance,
    virtualAddresses: instance.virtualAddresses.map(place),
    excludedAddresses: instance.excludedAddresses.map(place),
  };
}

/** An address of the other family stays on the interface. */
function placed(instance: VrrpInstanceConfig, address: VirtualAddress): VirtualAddress {
  const { vmac, family } = instance;
  const isOwn = address.device === instance.interface && ipFamily(address.address) === family;
  return vmac === undefined || !isOwn ? address : { ...address, device: vmac.name };
}

function linksOfOne(instance: VrrpInstanceConfig): VirtualLink[] {
  const { name, vmac, family, sourceAddress } = instance;
  // It never leaves FAULT, perhaps because its interface can carry no such link.
  if (vmac === undefined || instance.staysInFault) return [];
  return [
    {
      instance: name,
      name: vmac.name,
      base: instance.interface,
      hardwareAddress: vmac.hardwareAddress,
      group: vmac.group,
      family,
      families: familiesOf(instance),
      sourceAddress,
    },
  ];
}

/** keepalived leaves IPv6 on where the instance holds any address of it. */
function familiesOf({ family, excludedAddresses }: VrrpInstanceConfig): (4 | 6)[] {
  const hasIpv6 = excludedAddresses.some(({ address }) => ipFamily(address) === 6);
  return family === 4 && hasIpv6 ? [4, 6] : [family];
}
