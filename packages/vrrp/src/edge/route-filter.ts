// Keeps the kernel's word of others' routes away from the watch on ours: a routing daemon may
// change a hundred thousand of them, each of which would wake the process that sends adverts. The
// kernel decides, by a classic BPF program on the socket. What takes the place of another route
// passes.

import { RTM_NEWADDR } from "@keepalived-ts/netops/constants/netlink";
import { NLM_F_REPLACE, RTM_DELROUTE, RTM_NEWROUTE } from "@keepalived-ts/netops/constants/routing";
import {
  encodeFilter,
  everything,
  giveBack,
  type Instruction,
  inNetworkOrder,
  jumpIfBits,
  jumpIfEqual,
  loadByte,
  loadHalf,
} from "./packet-filter.js";

/** RTPROT_KEEPALIVED of linux/rtnetlink.h: every route that is tracked has it. */
export const routeProtocol = 18;

// struct nlmsghdr, struct rtmsg (linux/netlink.h, rtnetlink.h):
// offset 0   length      4  type     6  flags   8  sequence   12  port
//        16  family ... 21  protocol
const typeOffset = 4;
const flagsOffset = 6;
const protocolOffset = 21;

const program: readonly Instruction[] = [
  [loadHalf, 0, 0, typeOffset],
  // Nothing is made of addresses that come.
  [jumpIfEqual, 8, 0, inNetworkOrder(RTM_NEWADDR)],
  [jumpIfEqual, 2, 0, inNetworkOrder(RTM_NEWROUTE)],
  [jumpIfEqual, 3, 0, inNetworkOrder(RTM_DELROUTE)],
  [giveBack, 0, 0, everything],
  [loadHalf, 0, 0, flagsOffset],
  [jumpIfBits, 2, 0, inNetworkOrder(NLM_F_REPLACE)],
  [loadByte, 0, 0, protocolOffset],
  [jumpIfEqual, 0, 1, routeProtocol],
  [giveBack, 0, 0, everything],
  [giveBack, 0, 0, 0],
];

export const ownRouteFilter: Uint8Array = encodeFilter(program);
