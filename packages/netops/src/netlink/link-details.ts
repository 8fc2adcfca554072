// What some kinds of link have of their own (IFLA_INFO_DATA): modes of macvlan and ipvlan, the
// table of a VRF. Pure.

import {
  IFLA_IPVLAN_FLAGS,
  IFLA_IPVLAN_MODE,
  IFLA_MACVLAN_MODE,
  IPVLAN_F_PRIVATE,
  IPVLAN_F_VEPA,
  IPVLAN_MODE_L2,
  MACVLAN_MODE_BRIDGE,
  MACVLAN_MODE_PRIVATE,
  MACVLAN_MODE_VEPA,
} from "../constants/link.js";
import { IFLA_VRF_TABLE } from "../constants/netlink.js";
import type { IpvlanMode, MacvlanMode } from "./link-request.js";
import { numberIn, readAttributes } from "./message.js";

export interface LinkDetails {
  /** Of a macvlan in one of the modes that we make. */
  readonly macvlanMode?: MacvlanMode;
  /** Of an ipvlan of layer 2. */
  readonly ipvlanMode?: IpvlanMode;
  /** Of a VRF. */
  readonly vrfTable?: number;
}

export const macvlanModeNumbers: Readonly<Record<MacvlanMode, number>> = {
  private: MACVLAN_MODE_PRIVATE,
  vepa: MACVLAN_MODE_VEPA,
  bridge: MACVLAN_MODE_BRIDGE,
};

export const ipvlanFlags: Readonly<Record<IpvlanMode, number>> = {
  bridge: 0,
  private: IPVLAN_F_PRIVATE,
  vepa: IPVLAN_F_VEPA,
};

/** From IFLA_INFO_DATA of a link of this kind. */
export function decodeLinkDetails(kind: string | null, data: Uint8Array | undefined): LinkDetails {
  const attributes = data && readAttributes(data);
  if (attributes === undefined) return {};
  if (kind === "macvlan") {
    const mode = nameOf(macvlanModeNumbers, numberIn(attributes.get(IFLA_MACVLAN_MODE)));
    return mode === undefined ? {} : { macvlanMode: mode };
  }
  if (kind === "ipvlan") {
    if (numberIn(attributes.get(IFLA_IPVLAN_MODE)) !== IPVLAN_MODE_L2) return {};
    const mode = nameOf(ipvlanFlags, numberIn(attributes.get(IFLA_IPVLAN_FLAGS)));
    return mode === undefined ? {} : { ipvlanMode: mode };
  }
  const table = kind === "vrf" ? numberIn(attributes.get(IFLA_VRF_TABLE)) : undefined;
  return table === undefined ? {} : { vrfTable: table };
}

function nameOf<T extends string>(
  numbers: Readonly<Record<T, number>>,
  wanted: number | undefined,
): T | undefined {
  for (const name in numbers) if (numbers[name] === wanted) return name;
  return undefined;
}
