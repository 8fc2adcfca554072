// What may be asked of nftables, in nft's own words: tables, chains, sets, elements, rules made of
// few expressions. Only the words; the bytes are firewall/change-codec.ts.

export type TableFamily = "ip" | "ip6" | "inet";

export interface TableKey {
  readonly family: TableFamily;
  readonly name: string;
}

export type HookName = "prerouting" | "input" | "forward" | "output" | "postrouting";

export interface BaseChain {
  readonly hook: HookName;
  readonly priority: number;
  readonly policy: "accept" | "drop";
}

export interface ChainRequest {
  readonly table: TableKey;
  readonly name: string;
  /** With none it is a chain that rules go to. */
  readonly base?: BaseChain | undefined;
}

export type DataType =
  | ("ipv4_addr" | "ipv6_addr" | "iface_index" | "ifname" | "icmpv6_type")
  | ("inet_service" | "mark");

export interface SetKey {
  readonly table: TableKey;
  /** With `anonymous`, a pattern such as "__set%d". */
  readonly name: string;
  /**
   * Of an anonymous set, or of any set that is made in the same batch: what the batch itself calls
   * it; each another number.
   */
  readonly id?: number | undefined;
}

export interface SetRequest extends SetKey {
  /** More than one is a concatenation. */
  readonly keyTypes: readonly DataType[];
  /** A map to data of this type. */
  readonly dataType?: DataType | undefined;
  /** Belongs to the one rule of the batch that looks it up, and goes with it. */
  readonly isAnonymous?: boolean | undefined;
  /** Elements are ranges, of each part for itself; a concatenation (Linux 5.6). */
  readonly hasRanges?: boolean | undefined;
  /** No element comes or goes after the batch that makes the set. */
  readonly isConstant?: boolean | undefined;
}

/**
 * An address, an interface's name, or a number (interface index, ICMPv6 type, port, mark): what
 * the set's type says.
 */
export type ElementPart = string | number;

export interface SetElement {
  /** One part for each type of the set's key. */
  readonly key: readonly ElementPart[];
  /** The last of a range, of a set that has them. */
  readonly last?: readonly ElementPart[] | undefined;
  /** Of a map. */
  readonly data?: ElementPart | undefined;
}

/** Elements of a set whose types are known, so that they can be encoded. */
export interface ElementsRequest {
  readonly set: Pick<SetRequest, "table" | "name" | "id" | "keyTypes" | "dataType" | "hasRanges">;
  readonly elements: readonly SetElement[];
}

export type PayloadBase = "network" | "transport";
export type MetaKey = "iif" | "oif" | "iifname" | "oifname" | "l4proto" | "oifkind";

/**
 * The first four are of 16 bytes, and a value that is longer goes on into the next. 9 is the second
 * 4 bytes of register 1, where the part behind an IPv4 address belongs.
 */
export type Register = 1 | 2 | 3 | 4 | 9;

export type Verdict =
  | { readonly type: "accept" | "drop" | "return" }
  | { readonly type: "jump" | "goto"; readonly chain: string };

export type Expression =
  | {
      readonly type: "payload";
      readonly base: PayloadBase;
      readonly offset: number;
      readonly length: number;
      readonly to: Register;
    }
  | { readonly type: "meta"; readonly key: MetaKey; readonly to: Register }
  /** The packet's firewall mark becomes what the register has. */
  | { readonly type: "setMark"; readonly from: Register }
  | {
      readonly type: "compare";
      readonly from: Register;
      readonly is: "equal" | "different";
      readonly value: Uint8Array;
    }
  /** Register `to` = register `from` & `mask`. */
  | {
      readonly type: "mask";
      readonly from: Register;
      readonly to: Register;
      readonly mask: Uint8Array;
    }
  /** Goes on if the set has it, or has it not; of a map, `to` gets what is mapped to. */
  | {
      readonly type: "lookup";
      readonly set: Pick<SetKey, "name" | "id">;
      readonly from: Register;
      readonly to?: Register | undefined;
      readonly isInverted?: boolean | undefined;
    }
  /** Sends a copy to the address in one register by the interface in another. */
  | { readonly type: "duplicate"; readonly address: Register; readonly interface: Register }
  | { readonly type: "counter" }
  | { readonly type: "verdict"; readonly verdict: Verdict };

export interface RuleRequest {
  readonly table: TableKey;
  readonly chain: string;
  readonly expressions: readonly Expression[];
}

export type FirewallChange =
  | { readonly type: "addTable"; readonly table: TableKey }
  /** With all that is in it. */
  | { readonly type: "deleteTable"; readonly table: TableKey }
  | { readonly type: "addChain"; readonly chain: ChainRequest }
  | { readonly type: "addSet"; readonly set: SetRequest }
  | { readonly type: "deleteSet"; readonly set: SetKey }
  /** One that is there already is none too many. */
  | ({ readonly type: "addElements" } & ElementsRequest)
  /** One that is not there is refused: ENOENT. */
  | ({ readonly type: "deleteElements" } & ElementsRequest)
  /** Behind the others of the chain. */
  | { readonly type: "addRule"; readonly rule: RuleRequest };

/** All changes were made, or none. */
export type FirewallOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** The first refusal, or what stands in the way of the whole: EPERM, EOPNOTSUPP. */
      readonly errno: string;
      /** Which changes were refused, by their place among those that were asked for. */
      readonly refusals: readonly { readonly change: number; readonly errno: string }[];
    };

/** A set as the kernel tells of it. */
export interface KernelSet {
  readonly table: TableKey;
  readonly name: string;
  readonly isMap: boolean;
  /** Undefined if one of them is none of ours. */
  readonly keyTypes: readonly DataType[] | undefined;
}

export type FirewallResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errno: string };
