// The links for addresses: a macvlan for each interface and family that an instance has addresses
// on with use_vmac beside them, or any by use_vmac_addr, unless the instance's own link is there.
// Follows what keepalived 2.2.7 makes.

import { ipFamily } from "../base/ip.js";
import type { AddressLinkConfig, VirtualAddress, VrrpInstanceConfig } from "./config.js";
import type { InstanceContext } from "./link-context.js";
import { virtualRouterMac } from "./virtual-mac.js";

const defaultPrefix = "vrrp";

type Instance = Pick<
  VrrpInstanceConfig,
  | "interface"
  | "virtualRouterId"
  | "family"
  | "vmac"
  | "ipvlan"
  | "vmacForAddresses"
  | "virtualAddresses"
  | "excludedAddresses"
>;

interface Growing extends AddressLinkConfig {
  readonly addresses: string[];
}

/** In the order of the addresses, which names them. */
export function linkAddressLinks(
  context: InstanceContext,
  instance: Instance,
): Pick<VrrpInstanceConfig, "addressLinks"> {
  const links = new Map<string, Growing>();
  for (const each of [...instance.virtualAddresses, ...instance.excludedAddresses]) {
    if (!wantsLink(instance, each)) continue;
    const { address, device } = each;
    const family = ipFamily(address);
    const key = `${device} ${family}`;
    const link = links.get(key) ?? newLink(context, instance, device, family);
    links.set(key, link);
    if (!link.addresses.includes(address)) link.addresses.push(address);
  }
  return links.size === 0 ? {} : { addressLinks: [...links.values()] };
}

function wantsLink(instance: Instance, { address, device, useVmac }: VirtualAddress): boolean {
  if (device === "") return false;
  const hasOwn = instance.vmac !== undefined || instance.ipvlan !== undefined;
  const isOnInterface = device === instance.interface;
  if (hasOwn && isOnInterface && ipFamily(address) === instance.family) return false;
  return useVmac === true || (instance.vmacForAddresses && (hasOwn || !isOnInterface));
}

function newLink(
  { draft, global, root }: InstanceContext,
  { virtualRouterId, vmac, family: own }: Instance,
  device: string,
  family: 4 | 6,
): Growing {
  const prefix = global.vmacAddressPrefix?.value ?? global.vmacPrefix?.value ?? defaultPrefix;
  const given = family === own ? vmac?.hardwareAddress : undefined;
  return {
    name: root.virtualLinkNames.takeFree(prefix, family, virtualRouterId, draft.name),
    interface: device,
    family,
    hardwareAddress: given ?? virtualRouterMac(family, virtualRouterId),
    addresses: [],
  };
}
