// Lets a socket receive only what was sent with one hardware address. A macvlan of mode private
// gets the frames that carry its own address as their source (macvlan_handle_frame in the kernel's
// drivers/net/macvlan.c): the adverts of another router with the same virtual MAC. The interface
// below does not see those, but does see all others, which must not be counted twice.

import { parseHardwareAddress } from "@keepalived-ts/netops/bytes";
import { assert } from "@keepalived-ts/shared-config/base/assert";
import {
  encodeFilter,
  everything,
  giveBack,
  jumpIfEqual,
  loadHalf,
  loadWord,
} from "./packet-filter.js";

/** SKF_LL_OFF of linux/filter.h: offsets from here on count from the Ethernet header. */
const linkLayer = 0xffe0_0000;
/** Ethernet: destination, then source. */
const sourceOffset = linkLayer + 6;

export function senderFilter(hardwareAddress: string): Uint8Array {
  const bytes = parseHardwareAddress(hardwareAddress);
  assert(bytes !== undefined, "a hardware address was checked when it was configured");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return encodeFilter([
    [loadWord, 0, 0, sourceOffset],
    [jumpIfEqual, 0, 3, view.getUint32(0)],
    [loadHalf, 0, 0, sourceOffset + 4],
    [jumpIfEqual, 0, 1, view.getUint16(4)],
    [giveBack, 0, 0, everything],
    [giveBack, 0, 0, 0],
  ]);
}
