// The interfaces that an instance makes: their names, addresses and groups. Follows
// vrrp_complete_instance and create_vmac_name of keepalived's vrrp/vrrp.c.

import { ipFamily } from "../base/ip.js";
import type { Located } from "../text/source.js";
import type { IpvlanConfig, UnicastConfig, VirtualLinkConfig, VmacConfig } from "./config.js";
import type { VmacDraft } from "./draft.js";
import type { InstanceContext } from "./link-context.js";
import { type InstanceFacts, reportStrict } from "./link-vrrp-facts.js";
import { parseInteger } from "./number.js";
import { formatMac, virtualRouterMac } from "./virtual-mac.js";

const defaultPrefix = "vrrp";
const groupMax = 4294967295;

interface Identity extends UnicastConfig {
  readonly interface: string;
  readonly virtualRouterId: number;
}

export function linkVirtualLinks(
  context: InstanceContext,
  facts: InstanceFacts,
  identity: Identity,
): VirtualLinkConfig {
  const { vmacForAddresses } = context.draft;
  const ipvlan = linkIpvlan(context, facts, identity);
  const vmac = linkVmac(context, facts, identity, ipvlan !== undefined);
  return {
    ...(vmac === undefined ? {} : { vmac }),
    vmacForAddresses: vmacForAddresses?.value ?? false,
    vmacTransmitBase: linkTransmitBase(context, facts, vmac !== undefined),
    ...(ipvlan === undefined ? {} : { ipvlan }),
  };
}

/** Whether there is an interface to build upon; keepalived clears the keyword if not. */
function hasBase(
  { owner, report }: InstanceContext,
  given: Located<unknown>,
  keyword: string,
  identity: Identity,
): boolean {
  if (identity.interface !== "") return true;
  report(given.span, {
    severity: "error",
    code: "CONFLICT",
    message: `Cannot use ${keyword} in ${owner} without an interface; it is ignored`,
  });
  return false;
}

function linkVmac(
  context: InstanceContext,
  facts: InstanceFacts,
  identity: Identity,
  hasIpvlan: boolean,
): VmacConfig | undefined {
  const { vmac } = context.draft;
  if (vmac === undefined || !hasBase(context, vmac, "use_vmac", identity)) return undefined;
  if (hasIpvlan) {
    context.report(vmac.span, {
      severity: "hint",
      code: "CONFLICT",
      message: `Cannot use use_vmac together with use_ipvlan in ${context.owner}; it is ignored`,
    });
    return undefined;
  }
  const group = linkGroup(context, vmac.value.group);
  return {
    name: vmac.value.name?.value ?? freeName(context, facts, identity),
    hardwareAddress: linkHardwareAddress(context, facts, identity, vmac.value),
    ...(group === undefined ? {} : { group }),
    netlinkNotify: vmac.value.netlinkNotify?.value ?? false,
  };
}

function linkHardwareAddress(
  context: InstanceContext,
  { family, strictMode }: InstanceFacts,
  { virtualRouterId }: Identity,
  { hardwareAddress }: VmacDraft,
): string {
  const standard = virtualRouterMac(family, virtualRouterId);
  if (hardwareAddress === undefined) return standard;
  if (strictMode) {
    const what = "a MAC address of its own";
    reportStrict(context, hardwareAddress.span, what, `makes it ${standard}`);
    return standard;
  }
  const octets = hardwareAddress.value;
  return formatMac(octets.length === 6 ? octets : [...octets, virtualRouterId]);
}

function linkIpvlan(
  context: InstanceContext,
  facts: InstanceFacts,
  identity: Identity,
): IpvlanConfig | undefined {
  const { ipvlan } = context.draft;
  if (ipvlan === undefined || !hasBase(context, ipvlan, "use_ipvlan", identity)) return undefined;
  const { name, mode, group: groupDraft } = ipvlan.value;
  const group = linkGroup(context, groupDraft);
  const address = linkIpvlanAddress(context, facts);
  return {
    name: name?.value ?? freeName(context, facts, identity),
    ...address,
    mode: mode?.value ?? "bridge",
    ...(group === undefined ? {} : { group }),
  };
}

function linkIpvlanAddress(
  { draft, owner, report }: InstanceContext,
  { family }: InstanceFacts,
): Pick<IpvlanConfig, "address" | "prefixLength"> {
  const { address, prefixLength } = draft.ipvlan?.value ?? {};
  if (address === undefined) return {};
  if (ipFamily(address.value) === family) return { address: address.value, prefixLength };
  report(address.span, {
    severity: "error",
    code: "FAMILY_MISMATCH",
    message: `Cannot use ${address.value} in ${owner}; the word is ignored`,
    expected: `an IPv${family} address, as the virtual addresses are`,
  });
  return {};
}

/** A number, or a name of iproute2's file `group`; without a host to ask, a name is left open. */
function linkGroup(
  { host, owner, report }: InstanceContext,
  group: Located<string> | undefined,
): number | undefined {
  if (group === undefined) return undefined;
  const parsed = parseInteger(group.value);
  const isNumber = parsed?.rest === "" && parsed.value >= 0 && parsed.value <= groupMax;
  const number = isNumber ? parsed.value : host.names?.("group", []).get(group.value);
  if (number !== undefined || host.names === undefined) return number;
  report(group.span, {
    severity: "error",
    code: "UNDEFINED_NAME",
    message: `Cannot find the interface group "${group.value}" in ${owner}; the word is ignored`,
    expected: `0 to ${groupMax}, or a name of /etc/iproute2/group`,
  });
  return undefined;
}

function freeName(
  { draft, global, root }: InstanceContext,
  { family }: InstanceFacts,
  { virtualRouterId }: Identity,
): string {
  const prefix = global.vmacPrefix?.value ?? defaultPrefix;
  return root.virtualLinkNames.takeFree(prefix, family, virtualRouterId, draft.name);
}

/** Unicast and a virtual MAC go together only over the interface below. */
function linkTransmitBase(
  context: InstanceContext,
  { strictMode }: InstanceFacts,
  hasVmac: boolean,
): boolean {
  const { draft, owner, report } = context;
  const { vmacTransmitBase: given, unicastKeyword } = draft;
  if (!hasVmac) {
    if (given === undefined) return false;
    report(given.span, {
      severity: "error",
      code: "CONFLICT",
      message: `Cannot use vmac_xmit_base in ${owner} without use_vmac; it is ignored`,
    });
    return false;
  }
  if (strictMode) {
    if (given !== undefined) reportStrict(context, given.span, "vmac_xmit_base", "drops it");
    return false;
  }
  if (given !== undefined || unicastKeyword === undefined) return given !== undefined;
  report(unicastKeyword.span, {
    severity: "error",
    code: "CONFLICT",
    message: `Cannot use unicast with use_vmac in ${owner} without vmac_xmit_base; it is set`,
  });
  return true;
}
