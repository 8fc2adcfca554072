// What may be asked for of a link: to be made, set, configured, deleted. Only the words; the bytes
// are netlink/link-request-codec.ts.

/**
 * By name there is no need to know the index first: what follows the making of a link in one batch
 * reaches it so. The kernel looks up names for this only where no index is given.
 */
export type LinkTarget = { readonly index: number } | { readonly name: string };

export type MacvlanMode = "private" | "vepa" | "bridge";
export type IpvlanMode = "bridge" | "private" | "vepa";

export interface MacvlanRequest {
  readonly name: string;
  readonly parentIndex: number;
  readonly mode: MacvlanMode;
  /** "aa:bb:cc:dd:ee:ff"; a random one otherwise. */
  readonly hardwareAddress?: string | undefined;
  /** The interface group; 0 otherwise. */
  readonly group?: number | undefined;
}

/** Of layer 2; it has its parent's hardware address. */
export interface IpvlanRequest {
  readonly name: string;
  readonly parentIndex: number;
  readonly mode: IpvlanMode;
  readonly group?: number | undefined;
}

/** What is left out stays as it is. */
export interface LinkSettings {
  readonly isUp?: boolean | undefined;
  /** IFF_*: those in `mask` become what they are in `flags`. */
  readonly flags?: { readonly mask: number; readonly flags: number } | undefined;
  readonly hardwareAddress?: string | undefined;
  readonly group?: number | undefined;
  /** The bridge, bond or VRF to belong to; null takes it out. */
  readonly masterIndex?: number | null | undefined;
}

/** Names as below /proc/sys/net/ipv4/conf/<interface>. */
export const ipv4SettingNames = [
  "accept_local",
  "arp_accept",
  "arp_announce",
  "arp_filter",
  "arp_ignore",
  "promote_secondaries",
  "rp_filter",
] as const;

export type Ipv4SettingName = (typeof ipv4SettingNames)[number];
export type Ipv4Settings = { readonly [name in Ipv4SettingName]?: number | undefined };

/** How the kernel makes a link-local address when the link comes up. */
export type AddressGenerationMode = "eui64" | "none";

export type LinkChange =
  | { readonly type: "addMacvlan"; readonly link: MacvlanRequest }
  | { readonly type: "addIpvlan"; readonly link: IpvlanRequest }
  | { readonly type: "delete"; readonly target: LinkTarget }
  /** Every link of the interface group, at once. */
  | { readonly type: "deleteGroup"; readonly group: number }
  | { readonly type: "set"; readonly target: LinkTarget; readonly settings: LinkSettings }
  | { readonly type: "setIpv4"; readonly target: LinkTarget; readonly settings: Ipv4Settings }
  | {
      readonly type: "setAddressGeneration";
      readonly target: LinkTarget;
      readonly mode: AddressGenerationMode;
    };

/** What a link has set for the two families; undefined where the kernel does not say. */
export interface LinkConfiguration {
  readonly index: number;
  readonly ipv4: Ipv4Settings;
  /** A number of the kernel's other modes: IN6_ADDR_GEN_MODE_*. */
  readonly addressGeneration: AddressGenerationMode | number | undefined;
}
