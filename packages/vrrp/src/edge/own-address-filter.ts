// Keeps the kernel's word of the addresses that we add ourselves away from the link monitor: at a
// takeover it comes by the thousand, and reading it all would take a third of the time. What is
// removed is always heard of. Kernels before 5.18 do not say who added an address: all is heard
// then.

import {
  IFA_PROTO,
  NLA_TYPE_MASK,
  NLM_F_MULTI,
  RTM_NEWADDR,
} from "@keepalived-ts/netops/constants/netlink";
import { openDatagramTransport } from "@keepalived-ts/netops/netlink/datagram-transport";
import { isLittleEndian, viewOf } from "@keepalived-ts/netops/netlink/message";
import type {
  NetlinkTransport,
  TransportHandlers,
  TransportOptions,
} from "@keepalived-ts/netops/netlink/transport";

/** RTPROT_KEEPALIVED of linux/rtnetlink.h: the mark of our addresses, shown by `ip address`. */
export const addressProtocol = 18;

// struct nlmsghdr, struct ifaddrmsg (linux/netlink.h, if_addr.h), then attributes:
// offset 0   length          4  type     6  flags   8  sequence   12  port
//        16  family ...     20  interface index     24  first attribute
const headerLength = 24;
const attributeHeaderLength = 4;

/** A transport for the monitor. Answers to its own questions pass: they carry NLM_F_MULTI. */
export function openFilteredTransport(
  options: TransportOptions,
  handlers: TransportHandlers,
): NetlinkTransport {
  return openDatagramTransport(options, {
    received: (data) => {
      if (!isOwnAddition(data)) handlers.received(data);
    },
    overran: () => handlers.overran(),
    failed: (errno) => handlers.failed(errno),
  });
}

/** Whether `data` is word of one address that was added under our protocol number. */
export function isOwnAddition(data: Uint8Array): boolean {
  if (data.length < headerLength) return false;
  const view = viewOf(data);
  if (view.getUint16(4, isLittleEndian) !== RTM_NEWADDR) return false;
  if ((view.getUint16(6, isLittleEndian) & NLM_F_MULTI) !== 0) return false;
  if (view.getUint32(0, isLittleEndian) !== data.length) return false;
  let offset = headerLength;
  while (offset + attributeHeaderLength < data.length) {
    const length = view.getUint16(offset, isLittleEndian);
    if (length < attributeHeaderLength) return false;
    const type = view.getUint16(offset + 2, isLittleEndian) & NLA_TYPE_MASK;
    if (type === IFA_PROTO) return data[offset + attributeHeaderLength] === addressProtocol;
    offset += (length + 3) & ~3;
  }
  return false;
}
