// Addresses, routes and rules as a child gets them: for virtual and static ones alike. Every name
// is resolved to a number, every option spelt out.

/** An address that a MASTER holds (`virtual_ipaddress`). */
export interface VirtualAddress {
  /** Canonical text. */
  readonly address: string;
  readonly prefixLength: number;
  /** The interface that carries it. */
  readonly device: string;
  readonly label?: string | undefined;
  /** rt_scope of linux/rtnetlink.h: 0 global, 200 site, 253 link, 254 host. */
  readonly scope: number;
  readonly broadcast?: string | undefined;
}

/**
 * `static_ipaddress`, `static_routes`, `static_rules`: held from start to stop, whoever is MASTER.
 */
export interface StaticConfig {
  readonly addresses: readonly VirtualAddress[];
}
