// The tables that keepalived keeps in nftables, as changes: drops for addresses that are not to be
// used (no_accept), and what keeps a virtual MAC's own IGMP, MLD and router solicitations off it.
// Names and order are those of keepalived 2.2.7, so that its users find what they know. Pure;
// decides no moment: when an address goes into a set is the caller's business.
//
// Neighbour discovery passes, or nobody would find the address. Link-local addresses count with
// their interface only, since they may be on several links.

import { parseIp } from "@keepalived-ts/shared-config/base/ip";
import type {
  DataType,
  Expression,
  FirewallChange,
  PayloadBase,
  Register,
  SetElement,
  SetRequest,
  TableKey,
} from "./types.js";

export const keepalivedTables: Readonly<Record<"ip" | "ip6", TableKey>> = {
  ip: { family: "ip", name: "keepalived" },
  ip6: { family: "ip6", name: "keepalived" },
};

export interface LayoutOptions {
  /** IPv6 link-local addresses go with the interface's index, or with its name. */
  readonly interfacesBy: "index" | "name";
  /**
   * What becomes of IGMP and MLD reports of a virtual MAC: sent by the parent instead, or dropped.
   * `move` needs the kernel's `dup` (ENOENT without it).
   */
  readonly reports: "move" | "drop";
  /** For instances that do not accept; without it there is nothing to put addresses into. */
  readonly hasAddresses: boolean;
  readonly hasVirtualMacs: boolean;
}

/** An address that is not to be used; an interface is needed for a link-local one. */
export interface BlockedAddress {
  readonly address: string;
  readonly interfaceIndex?: number | undefined;
  readonly interfaceName?: string | undefined;
}

/** A link with a virtual MAC, the one it sits on, and what is spoken on it. */
export interface VirtualMacLink {
  readonly index: number;
  readonly parentIndex: number;
  readonly families: readonly ("ip" | "ip6")[];
}

const protocolOffset = 9; // RFC 791 section 3.1
const sourceOffset4 = 12;
const destinationOffset4 = 16;
const sourceOffset6 = 8; // RFC 8200 section 3
const destinationOffset6 = 24;
const igmp = 2; // RFC 3376 section 4
const icmpv6 = 58; // RFC 4443 section 1
const routerSolicitation = 133; // RFC 4861 section 4.1
const neighbourSolicitation = 135;
const neighbourAdvertisement = 136;
const mldReport = 143; // RFC 3810 section 5.2
const kindBytes = 16;

const { ip, ip6 } = keepalivedTables;
const vips4: SetRequest = { table: ip, name: "vips", keyTypes: ["ipv4_addr"] };
const vips6: SetRequest = { table: ip6, name: "vips", keyTypes: ["ipv6_addr"] };
const vmacSet: SetRequest = { table: ip6, name: "vmac_set", keyTypes: ["iface_index"] };
const discovery: SetRequest = {
  table: ip6,
  name: "neighbor-discovery",
  keyTypes: ["icmpv6_type"],
  isConstant: true,
};
const drop: Expression = { type: "verdict", verdict: { type: "drop" } };

/** The tables with their chains, sets and rules, and no address in them yet. */
export function layoutChanges(options: LayoutOptions): readonly FirewallChange[] {
  if (!options.hasAddresses && !options.hasVirtualMacs) return [];
  return [...numbered(ipv4Changes(options), 0), ...numbered(ipv6Changes(options), 100)];
}

/**
 * Takes away the tables, whether they are there or not: what is added only if it is missing can be
 * deleted. In front of {@link layoutChanges} in the same transaction it is a fresh start.
 */
export function removalChanges(): readonly FirewallChange[] {
  return Object.values(keepalivedTables).flatMap((table): FirewallChange[] => [
    { type: "addTable", table },
    { type: "deleteTable", table },
  ]);
}

/** Blocks addresses, or frees them: at most one change for each of three sets. */
export function addressChanges(
  type: "addElements" | "deleteElements",
  addresses: readonly BlockedAddress[],
  interfacesBy: LayoutOptions["interfacesBy"],
): readonly FirewallChange[] {
  const elements4: SetElement[] = [];
  const elements6: SetElement[] = [];
  const linkLocal: SetElement[] = [];
  for (const { address, interfaceIndex, interfaceName } of addresses) {
    const link = interfacesBy === "index" ? interfaceIndex : interfaceName;
    if (!address.includes(":")) elements4.push({ key: [address] });
    else if (!isLinkLocal(address)) elements6.push({ key: [address] });
    else if (link !== undefined) linkLocal.push({ key: [address, link] });
  }
  return [
    ...elementChange(type, vips4, elements4),
    ...elementChange(type, vips6, elements6),
    ...elementChange(type, linkLocalSet(interfacesBy), linkLocal),
  ];
}

/** Keeps reports and solicitations off links with a virtual MAC, or no longer. */
export function virtualMacChanges(
  type: "addElements" | "deleteElements",
  links: readonly VirtualMacLink[],
  reports: LayoutOptions["reports"],
): readonly FirewallChange[] {
  const sets = reports === "move" ? [vmacMap(ip), vmacMap(ip6), vmacSet] : [vmacSet4, vmacSet];
  return sets.flatMap((set) => {
    const elements = links
      .filter(({ families }) => families.some((family) => family === set.table.family))
      .map(({ index, parentIndex }): SetElement => {
        return set.dataType === undefined ? { key: [index] } : { key: [index], data: parentIndex };
      });
    return elementChange(type, set, elements);
  });
}

/** The sets that are in the tables, to read what is in them. */
export function layoutSets(options: LayoutOptions): readonly SetRequest[] {
  return layoutChanges(options).flatMap((change) => (change.type === "addSet" ? [change.set] : []));
}

const vmacSet4: SetRequest = { ...vmacSet, table: ip };

function ipv4Changes({ hasAddresses, hasVirtualMacs, reports }: LayoutOptions): FirewallChange[] {
  const changes = tableAndChains(ip, hasAddresses);
  if (hasVirtualMacs) {
    const isIgmp = [load("network", protocolOffset, 1), equals(Uint8Array.of(igmp))];
    changes.push({ type: "addSet", set: reports === "move" ? vmacMap(ip) : vmacSet4 });
    changes.push(rule(ip, "out", [...isIgmp, ...isMacvlan, ...reportFate(ip, reports)]));
  }
  if (hasAddresses) {
    changes.push({ type: "addSet", set: vips4 });
    changes.push(rule(ip, "in", [load("network", destinationOffset4, 4), isIn(vips4), drop]));
    changes.push(rule(ip, "out", [load("network", sourceOffset4, 4), isIn(vips4), drop]));
  }
  return changes;
}

function ipv6Changes(options: LayoutOptions): FirewallChange[] {
  const { hasAddresses, hasVirtualMacs } = options;
  return [
    ...tableAndChains(ip6, hasAddresses),
    ...(hasVirtualMacs ? virtualMacChanges6(options) : []),
    ...(hasAddresses ? addressChanges6(options) : []),
  ];
}

function virtualMacChanges6({ reports }: LayoutOptions): FirewallChange[] {
  const isReport = isIcmpv6Type(mldReport);
  const isSolicitation = isIcmpv6Type(routerSolicitation);
  const fate = reportFate(ip6, reports);
  const solicitation = [...isSolicitation, ...isMacvlan, loadMeta("oif", 1), isIn(vmacSet), drop];
  return [
    ...(reports === "move" ? [{ type: "addSet", set: vmacMap(ip6) } as const] : []),
    { type: "addSet", set: vmacSet },
    rule(ip6, "out", [...isReport, ...isMacvlan, ...fate]),
    rule(ip6, "out", solicitation),
  ];
}

function addressChanges6({ interfacesBy }: LayoutOptions): FirewallChange[] {
  const linkLocal = linkLocalSet(interfacesBy);
  const types = [neighbourSolicitation, neighbourAdvertisement];
  const isDiscovery = [...loadIcmpv6Type, isIn(discovery)];
  const accept: Expression = { type: "verdict", verdict: { type: "accept" } };
  const [iif, oif] = interfacesBy === "index" ? (["iif", "oif"] as const) : interfaceNames;
  const destination = load("network", destinationOffset6, 16);
  const source = load("network", sourceOffset6, 16);
  return [
    { type: "addSet", set: vips6 },
    { type: "addSet", set: discovery },
    ...elementChange(
      "addElements",
      discovery,
      types.map((type) => ({ key: [type] })),
    ),
    { type: "addSet", set: linkLocal },
    { type: "addChain", chain: { table: ip6, name: "in_link_local" } },
    { type: "addChain", chain: { table: ip6, name: "out_link_local" } },
    rule(ip6, "in", [...isDiscovery, accept]),
    rule(ip6, "in", [destination, ...isLinkLocalPrefix, goTo("in_link_local")]),
    rule(ip6, "in", [destination, isIn(vips6), drop]),
    rule(ip6, "in_link_local", [destination, loadMeta(iif, 2), isIn(linkLocal), drop]),
    rule(ip6, "out", [...isDiscovery, accept]),
    rule(ip6, "out", [source, ...isLinkLocalPrefix, goTo("out_link_local")]),
    rule(ip6, "out", [source, isIn(vips6), drop]),
    rule(ip6, "out_link_local", [source, loadMeta(oif, 2), isIn(linkLocal), drop]),
  ];
}

const interfaceNames = ["iifname", "oifname"] as const;

/** Virtual MACs need no chain for what comes in. */
function tableAndChains(table: TableKey, hasAddresses: boolean): FirewallChange[] {
  const out = { hook: "output", priority: -1, policy: "accept" } as const;
  const chains: FirewallChange[] = [
    { type: "addTable", table },
    { type: "addChain", chain: { table, name: "out", base: out } },
  ];
  const base = { ...out, hook: "input" } as const;
  if (hasAddresses) chains.push({ type: "addChain", chain: { table, name: "in", base } });
  return chains;
}

/** Sets that a batch both makes and looks up need a number in it, each its own. */
function numbered(changes: readonly FirewallChange[], base: number): FirewallChange[] {
  let id = base;
  return changes.map((change) => {
    if (change.type !== "addSet") return change;
    id += 1;
    return { ...change, set: { ...change.set, id } };
  });
}

function elementChange(
  type: "addElements" | "deleteElements",
  set: SetRequest,
  elements: readonly SetElement[],
): readonly FirewallChange[] {
  return elements.length === 0 ? [] : [{ type, set, elements }];
}

function vmacMap(table: TableKey): SetRequest {
  return { table, name: "vmac_map", keyTypes: ["iface_index"], dataType: "iface_index" };
}

function linkLocalSet(interfacesBy: LayoutOptions["interfacesBy"]): SetRequest {
  const link: DataType = interfacesBy === "index" ? "iface_index" : "ifname";
  return { table: ip6, name: "vips_link_local", keyTypes: ["ipv6_addr", link] };
}

function rule(table: TableKey, chain: string, expressions: readonly Expression[]): FirewallChange {
  return { type: "addRule", rule: { table, chain, expressions } };
}

function load(base: PayloadBase, offset: number, length: number): Expression {
  return { type: "payload", base, offset, length, to: 1 };
}

function loadMeta(
  key: Extract<Expression, { readonly type: "meta" }>["key"],
  to: Register,
): Expression {
  return { type: "meta", key, to };
}

function equals(value: Uint8Array): Expression {
  return { type: "compare", from: 1, is: "equal", value };
}

function isIn(set: SetRequest): Expression {
  return { type: "lookup", set: { name: set.name }, from: 1 };
}

function goTo(chain: string): Expression {
  return { type: "verdict", verdict: { type: "goto", chain } };
}

const loadIcmpv6Type: readonly Expression[] = [
  loadMeta("l4proto", 1),
  equals(Uint8Array.of(icmpv6)),
  load("transport", 0, 1),
];

function isIcmpv6Type(type: number): readonly Expression[] {
  return [...loadIcmpv6Type, equals(Uint8Array.of(type))];
}

/** The kind of the link that it leaves by, filled to the kernel's 16 bytes. */
const isMacvlan: readonly Expression[] = [
  loadMeta("oifkind", 1),
  equals(Uint8Array.from(Buffer.from("macvlan".padEnd(kindBytes, "\0"), "latin1"))),
];

const linkLocalMask: Uint8Array = Uint8Array.of(0xff, 0xc0, ...new Array<number>(14).fill(0));
const linkLocalPrefix: Uint8Array = Uint8Array.of(0xfe, 0x80, ...new Array<number>(14).fill(0));

/** fe80::/10, RFC 4291 section 2.4. */
const isLinkLocalPrefix: readonly Expression[] = [
  { type: "mask", from: 1, to: 1, mask: linkLocalMask },
  equals(linkLocalPrefix),
];

function reportFate(table: TableKey, reports: LayoutOptions["reports"]): readonly Expression[] {
  const set = table.family === "ip" ? vmacSet4 : vmacSet;
  if (reports === "drop") return [loadMeta("oif", 1), isIn(set), drop];
  const group =
    table.family === "ip"
      ? load("network", destinationOffset4, 4)
      : load("network", destinationOffset6, 16);
  return [
    group,
    loadMeta("oif", 2),
    { type: "lookup", set: { name: "vmac_map" }, from: 2, to: 2 },
    { type: "duplicate", address: 1, interface: 2 },
    drop,
  ];
}

function isLinkLocal(address: string): boolean {
  const bytes = parseIp(address);
  return bytes?.[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}
