// Where the adverts of an instance come from and go to: interface, VRF, source, multicast group,
// unicast peers. Follows vrrp_end_handler of keepalived's vrrp/vrrp_parser.c and
// vrrp_complete_instance of vrrp/vrrp.c.

import { ipFamily, parseIp } from "../base/ip.js";
import type { Located } from "../text/source.js";
import { isLinkLocal6 } from "./address-arithmetic.js";
import type { UnicastConfig, UnicastPeerConfig, VrrpInstanceConfig } from "./config.js";
import { hasLink, type InstanceContext, inherited } from "./link-context.js";
import { type InstanceFacts, reportConflict } from "./link-vrrp-facts.js";

/** What IPv4 adverts carry (RFC 9568 section 5.1.1.3). */
const ipv4Ttl = 255;
const ttlMax = 255;

type Places = Pick<
  VrrpInstanceConfig,
  "interface" | "vrf" | "sourceAddress" | "trackSourceAddress" | "multicastGroup"
>;

/** All of it, or undefined when the instance cannot speak (a report says why). */
export function linkPlaces(
  context: InstanceContext,
  facts: InstanceFacts,
): (Places & UnicastConfig) | undefined {
  const unicast = linkUnicast(context, facts);
  const sourceAddress = linkSource(context, facts);
  const device = linkInterface(context, sourceAddress, unicast.unicastPeers.length > 0);
  if (device === undefined || !isAllowed(context, facts, device, unicast)) return undefined;
  const vrf = linkVrf(context, device);
  reportSelf(context, device, sourceAddress, unicast);
  return {
    interface: device,
    ...(vrf === undefined ? {} : { vrf }),
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
    trackSourceAddress: linkTrackSource(context, sourceAddress),
    multicastGroup: linkMulticastGroup(context, facts.family, unicast),
    ...unicast,
  };
}

function linkUnicast(context: InstanceContext, { family }: InstanceFacts): UnicastConfig {
  const { draft } = context;
  const unicastFaultNoPeer = draft.unicastFaultNoPeer?.value ?? false;
  const peers = linkPeers(context, family);
  if (peers.length === 0) {
    reportNoPeers(context);
    return {
      unicastPeers: [],
      unicastFaultNoPeer,
      checkUnicastSource: false,
      oldUnicastChecksum: "detect",
    };
  }
  const hasTtl = draft.unicastPeers.some((each) => (each.minTtl ?? each.maxTtl) !== undefined);
  const unicastTtl = draft.unicastTtl?.value ?? (family === 4 ? ipv4Ttl : undefined);
  return {
    unicastPeers: peers,
    unicastFaultNoPeer,
    checkUnicastSource: hasTtl || (inherited(context, "checkUnicastSource") ?? false),
    oldUnicastChecksum: draft.oldUnicastChecksum?.value ?? "detect",
    ...(unicastTtl === undefined ? {} : { unicastTtl }),
  };
}

/** Those of the instance's family, each once. */
function linkPeers(context: InstanceContext, family: 4 | 6): UnicastPeerConfig[] {
  const seen = new Set<string>();
  return context.draft.unicastPeers.flatMap(({ address, span, minTtl, maxTtl }) => {
    if (ofFamily(context, { value: address, span }, family) === undefined) return [];
    if (seen.has(address)) {
      context.report(span, {
        severity: "error",
        code: "DUPLICATE_ADDRESS",
        message: `Cannot send to ${address} twice in ${context.owner}; the line is ignored`,
      });
      return [];
    }
    seen.add(address);
    return [{ address, minTtl: minTtl ?? 0, maxTtl: maxTtl ?? ttlMax }];
  });
}

function reportNoPeers({ draft, owner, report }: InstanceContext): void {
  const { unicastKeyword: keyword, unicastFaultNoPeer, unicastTtl } = draft;
  if (unicastTtl !== undefined) {
    report(unicastTtl.span, {
      severity: "error",
      code: "UNICAST_WITHOUT_PEERS",
      message: `Cannot use unicast_ttl in ${owner}: there is no unicast_peer; it is ignored`,
    });
  }
  if (unicastFaultNoPeer !== undefined) {
    report(unicastFaultNoPeer.span, {
      severity: "hint",
      code: "UNICAST_WITHOUT_PEERS",
      message: `Cannot find a unicast_peer in ${owner}; it stays in FAULT`,
    });
  } else if (keyword !== undefined) {
    report(keyword.span, {
      severity: "warning",
      code: "UNICAST_WITHOUT_PEERS",
      message: `Cannot find a unicast_peer in ${owner}; adverts go to the multicast group`,
      hint:
        keyword.value === "unicast_src_ip"
          ? "write mcast_src_ip for the source address of multicast adverts"
          : "add unicast_peer { <address> ... }, or unicast_fault_no_peer to stay in FAULT",
    });
  }
}

/** `mcast_src_ip` and `unicast_src_ip` are one to keepalived; an ipvlan's address comes last. */
function linkSource(context: InstanceContext, { family }: InstanceFacts): string | undefined {
  const { sourceAddress, ipvlan } = context.draft;
  return ofFamily(context, sourceAddress, family) ?? ofFamilyOrNone(ipvlan?.value.address, family);
}

function ofFamilyOrNone(address: Located<string> | undefined, family: 4 | 6): string | undefined {
  return address !== undefined && ipFamily(address.value) === family ? address.value : undefined;
}

/** The address when it is of `family`; reports it if not. */
export function ofFamily(
  context: InstanceContext,
  address: Located<string> | undefined,
  family: 4 | 6,
): string | undefined {
  const found = ofFamilyOrNone(address, family);
  if (address === undefined || found !== undefined) return found;
  context.report(address.span, {
    severity: "error",
    code: "FAMILY_MISMATCH",
    message: `Cannot use ${address.value} in ${context.owner}; the line is ignored`,
    expected: `an IPv${family} address, as the virtual addresses are`,
  });
  return undefined;
}

/** The interface, "" where there may be none, or undefined after a report. */
function linkInterface(
  context: InstanceContext,
  source: string | undefined,
  hasPeers: boolean,
): string | undefined {
  const { draft, owner, report } = context;
  const device = draft.interface;
  if (device !== undefined) {
    return hasLink(context, device.value, device.span) ? device.value : undefined;
  }
  if (!hasPeers || source === undefined) {
    report(draft.span, {
      severity: "fatal",
      code: "MISSING_KEYWORD",
      message: `Cannot build ${owner} without a valid interface`,
      hint: 'add a line "interface ..." to the block, or both unicast_src_ip and unicast_peer',
    });
    return undefined;
  }
  if (isLinkLocal6(parseIp(source) ?? new Uint8Array())) {
    report((draft.sourceAddress ?? draft).span, {
      severity: "fatal",
      code: "MISSING_KEYWORD",
      message: `Cannot send from ${source} in ${owner} without a valid interface`,
      hint: "a link-local address means nothing without an interface",
    });
    return undefined;
  }
  return "";
}

/** keepalived ends the VRRP process over unicast in strict mode where multicast is possible. */
function isAllowed(
  { draft, host, owner, report }: InstanceContext,
  { strictMode }: InstanceFacts,
  device: string,
  { unicastPeers }: UnicastConfig,
): boolean {
  const hasMulticast = device !== "" && host.link?.(device)?.isMulticast !== false;
  if (!strictMode || unicastPeers.length === 0 || !hasMulticast) return true;
  report((draft.unicastPeers[0] ?? draft).span, {
    severity: "fatal",
    code: "STRICT_MODE",
    message: `Cannot use unicast_peer in ${owner} in strict mode: ${device} can do multicast`,
    hint: "leave unicast_peer out, or write strict_mode off",
  });
  return false;
}

function linkVrf(context: InstanceContext, device: string): string | undefined {
  const { vrf } = context.draft;
  if (vrf === undefined) return undefined;
  if (device !== "") {
    reportConflict(context, vrf.span, "vrf", "interface");
    return undefined;
  }
  return hasLink(context, vrf.value, vrf.span) ? vrf.value : undefined;
}

/** keepalived drops it without a word. */
function linkTrackSource(context: InstanceContext, source: string | undefined): boolean {
  const { trackSourceAddress } = context.draft;
  if (trackSourceAddress === undefined || source !== undefined) {
    return trackSourceAddress?.value ?? false;
  }
  context.report(trackSourceAddress.span, {
    severity: "hint",
    code: "CONFLICT",
    message: `Cannot use track_src_ip in ${context.owner} without a source address; it is ignored`,
    hint: "add mcast_src_ip or unicast_src_ip",
  });
  return false;
}

/** RFC 9568 sections 5.1.1.2 and 5.1.2.2, unless the configuration says else. */
function linkMulticastGroup(
  context: InstanceContext,
  family: 4 | 6,
  { unicastPeers }: UnicastConfig,
): string {
  const { multicastGroup4, multicastGroup6 } = context.global;
  const given = context.draft.multicastGroup;
  if (given !== undefined && unicastPeers.length > 0) {
    reportConflict(context, given.span, "mcast_dst_ip", "unicast_peer");
  } else {
    const own = ofFamily(context, given, family);
    if (own !== undefined) return own;
  }
  if (family === 6) return multicastGroup6?.value ?? "ff02::12";
  return multicastGroup4?.value ?? "224.0.0.18";
}

/** keepalived takes its own address for a peer without a word. */
function reportSelf(
  { draft, host, owner, report }: InstanceContext,
  device: string,
  source: string | undefined,
  { unicastPeers }: UnicastConfig,
): void {
  if (unicastPeers.length === 0) return;
  const own = host.linkAddresses?.(device);
  const kept = new Set(unicastPeers.map(({ address }) => address));
  for (const { address, span } of draft.unicastPeers) {
    if (address !== source && own?.has(address) !== true) continue;
    // Of a peer that was left out, or stands twice, an error tells already.
    if (!kept.delete(address)) continue;
    report(span, {
      severity: "hint",
      code: "PEER_IS_SELF",
      message: `Cannot need ${address} as a peer in ${owner}: it is this router's own address`,
    });
  }
}
