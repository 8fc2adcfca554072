// The table that keepalived keeps in nftables for nftables_ipvs, as changes: maps of addresses and
// ports to firewall marks, and a rule for each that sets the mark of what comes in, before IPVS
// looks at it. Names and order are those of keepalived 2.2.7. Pure.
// Specification: linux/netfilter/nf_tables.h, Documentation/networking/ipvs-sysctl.rst

import type { Expression, FirewallChange, SetElement, SetRequest, TableKey } from "./types.js";

/** Every address from the first to the last, of one family. */
export interface MarkedAddresses {
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly first: string;
  readonly last: string;
  /** 0 = every port. */
  readonly port: number;
  readonly mark: number;
}

export interface MarksTable {
  readonly name: string;
  /** Of the chain; IPVS looks at packets at 99 of the same hook (NF_IP_PRI_NAT_SRC - 1). */
  readonly priority: number;
}

const families = ["ip", "ip6"] as const;
type Family = (typeof families)[number];

/** In the order in which rules stand; numbers of RFC 9293, 768 and 9260. */
const protocols = { TCP: 6, UDP: 17, SCTP: 132 } as const;
const mapNames = { TCP: "tcp_map", UDP: "udp_map", SCTP: "sctp_map" } as const;
const destinationOffset = { ip: 16, ip6: 24 } as const;
const addressBytes = { ip: 4, ip6: 16 } as const;
const addressTypes = { ip: "ipv4_addr", ip6: "ipv6_addr" } as const;
/** Where the port goes, right behind the address. */
const portRegister = { ip: 9, ip6: 2 } as const;
/** TCP, UDP and SCTP have the destination port in the same place. */
const portOffset = 2;
const portMax = 65_535;
const chain = "in";

/** All of it anew, in one transaction; nothing to mark leaves no table. */
export function marksChanges(
  table: MarksTable,
  marked: readonly MarkedAddresses[],
): readonly FirewallChange[] {
  return families.flatMap((family) => {
    const key: TableKey = { family, name: table.name };
    const own = marked.filter(({ first }) => first.includes(":") === (family === "ip6"));
    return [
      // Whether it is there or not: what is added only if it is missing can be deleted.
      { type: "addTable", table: key } as const,
      { type: "deleteTable", table: key } as const,
      ...(own.length === 0 ? [] : contentOf(key, family, table.priority, own)),
    ];
  });
}

function contentOf(
  table: TableKey,
  family: Family,
  priority: number,
  marked: readonly MarkedAddresses[],
): FirewallChange[] {
  const base = { hook: "input", priority, policy: "accept" } as const;
  const changes: FirewallChange[] = [
    { type: "addTable", table },
    { type: "addChain", chain: { table, name: chain, base } },
  ];
  for (const protocol of Object.keys(protocols) as (keyof typeof protocols)[]) {
    const elements = marked.filter((each) => each.protocol === protocol).map(elementOf);
    if (elements.length === 0) continue;
    const set: SetRequest = {
      table,
      name: mapNames[protocol],
      id: protocols[protocol],
      keyTypes: [addressTypes[family], "inet_service"],
      dataType: "mark",
      hasRanges: true,
    };
    const expressions = markingOf(family, protocols[protocol], set);
    changes.push({ type: "addSet", set });
    changes.push({ type: "addRule", rule: { table, chain, expressions } });
    changes.push({ type: "addElements", set, elements });
  }
  return changes;
}

function elementOf({ first, last, port, mark }: MarkedAddresses): SetElement {
  const lastPort = port === 0 ? portMax : port;
  return { key: [first, port], last: [last, lastPort], data: mark };
}

function markingOf(family: Family, protocol: number, set: SetRequest): Expression[] {
  return [
    { type: "meta", key: "l4proto", to: 1 },
    { type: "compare", from: 1, is: "equal", value: Uint8Array.of(protocol) },
    {
      type: "payload",
      base: "network",
      offset: destinationOffset[family],
      length: addressBytes[family],
      to: 1,
    },
    {
      type: "payload",
      base: "transport",
      offset: portOffset,
      length: 2,
      to: portRegister[family],
    },
    { type: "lookup", set, from: 1, to: 1 },
    { type: "setMark", from: 1 },
    { type: "verdict", verdict: { type: "return" } },
  ];
}
