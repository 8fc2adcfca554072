// The interfaces that an instance makes for itself: a macvlan with the virtual router's MAC address
// (RFC 9568 section 7.3), or an ipvlan.

/**
 * `use_vmac`: a private macvlan over `interface`. It sends the adverts, and holds the addresses of
 * the instance's family whose device is `interface`.
 */
export interface VmacConfig {
  /** `<vmac_prefix>.<virtual_router_id>` by default, with a digit before the dot if it is taken. */
  readonly name: string;
  /** Six octets; 00:00:5e:00:01:<id> for IPv4 and 00:00:5e:00:02:<id> for IPv6 by default. */
  readonly hardwareAddress: string;
  /** The interface group of the macvlan. */
  readonly group?: number | undefined;
  /**
   * `netlink_notify_msg`: the kernel is made to tell of the interface below when it has become
   * promiscuous for the VMAC, which it does not do by itself for a bridge and its likes.
   */
  readonly netlinkNotify: boolean;
}

/** `use_ipvlan`: an ipvlan of layer 2 over `interface`. It sends the adverts and holds no VIP. */
export interface IpvlanConfig {
  /** As {@link VmacConfig.name}. */
  readonly name: string;
  /** The address of the ipvlan itself, that adverts come from. */
  readonly address?: string | undefined;
  readonly prefixLength?: number | undefined;
  readonly mode: "bridge" | "private" | "vepa";
  /** The interface group of the ipvlan. */
  readonly group?: number | undefined;
}

/** A macvlan for addresses that are not on the instance's own, one an interface and family. */
export interface AddressLinkConfig {
  /** As {@link VmacConfig.name}, after `vmac_addr_prefix`. */
  readonly name: string;
  /** The interface below. */
  readonly interface: string;
  readonly family: 4 | 6;
  /** That of `use_vmac`, else the standard one of the family. */
  readonly hardwareAddress: string;
  /** Those that go on it. */
  readonly addresses: readonly string[];
}

/** At most one of `vmac` and `ipvlan`. */
export interface VirtualLinkConfig {
  readonly vmac?: VmacConfig | undefined;
  /** `use_vmac_addr`: addresses on other interfaces get macvlans of their own there. */
  readonly vmacForAddresses: boolean;
  /** What comes of that, and of `use_vmac` beside an address; absent = none. */
  readonly addressLinks?: readonly AddressLinkConfig[] | undefined;
  /** `vmac_xmit_base`: adverts go out by `interface` and not by the macvlan. */
  readonly vmacTransmitBase: boolean;
  readonly ipvlan?: IpvlanConfig | undefined;
}
