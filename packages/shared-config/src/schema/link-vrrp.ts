// From a draft to the configuration of one VRRP instance: defaults, inheritance from global_defs,
// and what only the whole instance shows. Follows vrrp_complete_instance of keepalived's
// vrrp/vrrp.c; its parts stand in link-vrrp-*.ts.

import { parseIp } from "../base/ip.js";
import { isLinkLocal6 } from "./address-arithmetic.js";
import type { AuthenticationConfig, VirtualLinkConfig, VrrpInstanceConfig } from "./config.js";
import { globalDefaults } from "./config-global-defaults.js";
import type { InstanceDraft } from "./draft.js";
import { linkAddresses } from "./link-addresses.js";
import { linkAdvertInterval, linkAuthentication } from "./link-advert.js";
import { type InstanceContext, inherited, type LinkContext } from "./link-context.js";
import { linkReferences } from "./link-references.js";
import { linkVirtualLines } from "./link-routes.js";
import {
  type InstanceFacts,
  isOwner,
  keepOneFamily,
  linkFacts,
  reportConflict,
  reportStrict,
} from "./link-vrrp-facts.js";
import { linkNotify } from "./link-vrrp-notify.js";
import { linkPacketRoom } from "./link-vrrp-room.js";
import { linkAnswers, linkPatience } from "./link-vrrp-timers.js";
import { linkPlaces } from "./link-vrrp-unicast.js";
import { linkVirtualLinks } from "./link-vrrp-vmac.js";
import { acceptConsequence } from "./vrrp-instance.js";

/** The configuration of one instance, or undefined when it cannot be built (a report says why). */
export function linkInstance(
  draft: InstanceDraft,
  base: LinkContext,
): VrrpInstanceConfig | undefined {
  const owner = `vrrp_instance "${draft.name}"`;
  const context = keepOneFamily({ ...base, draft, owner });
  const virtualRouterId = linkVirtualRouterId(context);
  const facts = linkFacts(context);
  if (virtualRouterId === undefined) return undefined;
  const places = linkPlaces(context, facts);
  if (places === undefined) return undefined;
  const { interface: device, ...elsewhere } = places;
  const advertIntervalUs = linkAdvertInterval(context, facts.version);
  const authentication = linkAuthentication(context, facts, advertIntervalUs);
  const wantedState = linkState(context, facts, authentication);
  const identity = { ...places, virtualRouterId };
  const links = linkVirtualLinks(context, facts, identity);
  const room = linkPacketRoom(context, facts, device, authentication);
  checkAddresses(context, facts, places.unicastPeers.length > 0);
  return {
    name: draft.name,
    wantedState,
    interface: device,
    virtualRouterId,
    family: facts.family,
    version: facts.version,
    basePriority: facts.basePriority,
    advertIntervalUs,
    ...linkPatience(context, { ...facts, wantedState }),
    strictMode: facts.strictMode,
    ...links,
    ...authentication,
    ...linkAddresses(context, device, room),
    ...linkVirtualLines(context),
    mayHaveNoAddress: draft.mayHaveNoAddress?.value ?? false,
    acceptMode: linkAcceptMode(context, facts),
    ...elsewhere,
    trackPrimary: draft.trackPrimary?.value ?? true,
    ...linkAnswers(context, facts),
    ...linkSwitches(context, facts, links),
    ...linkNotify(context),
    ...linkSizes(context),
    staysInFault: linkFault(context, facts, { ...identity, ...links }),
    track: linkReferences(context),
  };
}

function linkVirtualRouterId({ draft, owner, report }: InstanceContext): number | undefined {
  if (draft.virtualRouterId !== undefined) return draft.virtualRouterId.value;
  report(draft.span, {
    severity: "fatal",
    code: "MISSING_KEYWORD",
    message: `Cannot build ${owner} without a valid virtual_router_id`,
    hint: 'add a line "virtual_router_id ..." to the block',
  });
  return undefined;
}

/** A MASTER from the start would not know the sequence number of the one before it. */
function linkState(
  { draft, owner, report }: InstanceContext,
  facts: InstanceFacts,
  { headerAuthentication }: AuthenticationConfig,
): "MASTER" | "BACKUP" {
  const { wantedState } = facts;
  if (headerAuthentication === undefined || wantedState === "BACKUP" || isOwner(facts)) {
    return wantedState;
  }
  report((draft.wantedState ?? draft).span, {
    severity: "error",
    code: "CONFLICT",
    message: `Cannot use state MASTER together with auth_type AH in ${owner}; BACKUP is used`,
  });
  return "BACKUP";
}

/** Whether there are addresses, and for IPv6 a link-local one first (RFC 9568 section 5.2.9). */
function checkAddresses(
  { draft, owner, report }: InstanceContext,
  { family, version, strictMode }: InstanceFacts,
  hasPeers: boolean,
): void {
  const { addresses, mayHaveNoAddress } = draft;
  const [first] = addresses;
  if (first === undefined) {
    if (mayHaveNoAddress !== undefined && !strictMode) return;
    const isFatal = strictMode || version === 3 || family === 6;
    report(draft.span, {
      severity: isFatal ? "fatal" : "warning",
      code: "NO_VIRTUAL_ADDRESS",
      message: `Cannot find an address in ${owner}${isFatal ? "" : "; it runs without one"}`,
      hint: strictMode
        ? "strict mode wants virtual_ipaddress { ... } with an address in it"
        : "add virtual_ipaddress { ... }, or no_virtual_ipaddress if that is meant",
    });
  } else if (family === 6 && !hasPeers) {
    if (isLinkLocal6(parseIp(first.address) ?? new Uint8Array())) return;
    report(first.span, {
      severity: strictMode ? "warning" : "hint",
      code: "FIRST_NOT_LINK_LOCAL",
      message: `Cannot find a link-local address (fe80::/10) in front of ${first.address}`,
      hint: `hosts know an IPv6 router by it: put it first in ${owner}`,
    });
  }
}

/** RFC 9568 section 6.1, Accept_Mode; RFC 3768 knows no other than off. */
function linkAcceptMode(context: InstanceContext, facts: InstanceFacts): boolean {
  const { draft, owner, report, later } = context;
  const { acceptMode: given, strictMode } = draft;
  if (isOwner(facts)) {
    if (given?.value === false) {
      report(given.span, {
        severity: "hint",
        code: "CONFLICT",
        message: `Cannot use no_accept together with priority 255 in ${owner}; it is ignored`,
      });
    }
    return true;
  }
  if (given !== undefined && !(given.value && facts.strictMode && facts.version === 2)) {
    return given.value;
  }
  if (!facts.strictMode) return true;
  const { span } = given ?? strictMode ?? context.global.strictMode ?? draft;
  if (given === undefined) {
    report(span, {
      severity: "hint",
      code: "STRICT_MODE",
      message: `Cannot reach the addresses of ${owner} in strict mode: it means no_accept`,
      hint:
        facts.version === 3
          ? "ping and TCP to them get no answer; write accept to allow it"
          : "ping and TCP to them get no answer; write accept and version 3 to allow it",
    });
  } else reportStrict(context, span, "accept with version 2", "makes it no_accept");
  later.add("no_accept in vrrp_instance", span, { consequence: acceptConsequence });
  return false;
}

type Switches = Pick<
  VrrpInstanceConfig,
  | "promoteSecondaries"
  | "linkbeatUsePolling"
  | "ownerIgnoreAdverts"
  | "skipCheckAdvertAddresses"
  | "v3ChecksumAsV2"
  | "handOver"
  | "vipRepair"
>;

function linkSwitches(
  context: InstanceContext,
  facts: InstanceFacts,
  links: VirtualLinkConfig,
): Switches {
  const { draft } = context;
  return {
    promoteSecondaries: linkPromotion(context, links),
    linkbeatUsePolling: draft.interface !== undefined && (draft.linkbeatUsePolling?.value ?? false),
    ownerIgnoreAdverts: linkOwnerIgnoreAdverts(context, facts),
    skipCheckAdvertAddresses: inherited(context, "skipCheckAdvertAddresses") ?? false,
    v3ChecksumAsV2: inherited(context, "v3ChecksumAsV2") ?? false,
    handOver: inherited(context, "handOver") ?? globalDefaults.handOver,
    vipRepair: inherited(context, "vipRepair") ?? globalDefaults.vipRepair,
  };
}

/** What is made for the instance has it anyway. */
function linkPromotion(context: InstanceContext, { vmac, ipvlan }: VirtualLinkConfig): boolean {
  const given = context.draft.promoteSecondaries;
  if (given === undefined || (vmac ?? ipvlan) === undefined) return given?.value ?? false;
  const because = vmac === undefined ? "use_ipvlan" : "use_vmac";
  reportConflict(context, given.span, "promote_secondaries", because);
  return false;
}

function linkOwnerIgnoreAdverts(context: InstanceContext, facts: InstanceFacts): boolean {
  const own = context.draft.ownerIgnoreAdverts;
  if (!isOwner(facts)) return own?.value ?? false;
  if (own?.value !== false) {
    return facts.strictMode || (inherited(context, "ownerIgnoreAdverts") ?? false);
  }
  // vrrp_complete_instance forces this even outside strict mode.
  reportConflict(context, own.span, "owner_ignore_adverts false", "priority 255");
  return true;
}

function linkSizes({
  draft,
}: InstanceContext): Pick<VrrpInstanceConfig, "kernelReceiveBufferBytes" | "debugLevel"> {
  const { kernelReceiveBufferBytes: bytes, debugLevel } = draft;
  return {
    ...(bytes === undefined ? {} : { kernelReceiveBufferBytes: bytes.value }),
    debugLevel: debugLevel?.value ?? 0,
  };
}

/** The faults of the configuration itself, which nothing at run time can mend. */
function linkFault(
  { draft, host, owner, report }: InstanceContext,
  { family }: InstanceFacts,
  instance: Pick<
    VrrpInstanceConfig,
    "interface" | "unicastPeers" | "unicastFaultNoPeer" | keyof VirtualLinkConfig
  >,
): boolean {
  const { interface: device, unicastPeers, vmac, ipvlan } = instance;
  const link = device === "" ? undefined : host.link?.(device);
  let why: string | undefined;
  if (link?.isEthernet === false && (vmac ?? ipvlan) !== undefined) {
    why = `${device} is not Ethernet, as use_vmac and use_ipvlan need it`;
  } else if (link?.isMulticast === false && unicastPeers.length === 0) {
    why = `${device} has no multicast, and there is no unicast_peer`;
  } else if (family === 4 && ipvlan !== undefined && ipvlan.address === undefined) {
    why = "use_ipvlan needs an IPv4 address of its own";
  }
  if (why === undefined) return instance.unicastFaultNoPeer && unicastPeers.length === 0;
  report((draft.interface ?? draft).span, {
    severity: "error",
    code: "STAYS_IN_FAULT",
    message: `Cannot leave FAULT with ${owner}: ${why}`,
  });
  return true;
}
