// The packets of adverts, encoded once and sent again until something in them changes: the core
// hands out the same order object while nothing changes, so the steady state of a MASTER allocates
// nothing.

import { IPPROTO_VRRP } from "@keepalived-ts/netops/constants/socket";
import type { OutgoingDatagram } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeIpv4 as encodeSockaddr } from "@keepalived-ts/netops/raw-socket/sockaddr";
import { parseIp } from "@keepalived-ts/shared-config/base/ip";
import type { SendAdvertAction } from "../core/action.js";
import { encodeAdvert } from "../packet/advert.js";
import { encodeIpv4 } from "../packet/ipv4.js";

/** RFC 9568 section 5.1.1.3: anything less shows that a router forwarded the packet. */
const ttl = 255;
/** DSCP CS6, network control, as keepalived. */
const tos = 0xc0;

export class AdvertCache {
  readonly #packets: WeakMap<SendAdvertAction, OutgoingDatagram> = new WeakMap();

  /** The packet that `order` asks for. */
  packet(order: SendAdvertAction): OutgoingDatagram {
    let packet = this.#packets.get(order);
    if (packet === undefined) {
      packet = encodePacket(order);
      this.#packets.set(order, packet);
    }
    return packet;
  }
}

function encodePacket({ config, source, priority }: SendAdvertAction): OutgoingDatagram {
  const sourceBytes = bytes(source);
  const group = bytes(config.multicastGroup);
  const payload = encodeAdvert(
    {
      version: config.version,
      virtualRouterId: config.virtualRouterId,
      priority,
      addresses: config.virtualAddresses.map(({ address }) => bytes(address)),
      advertIntervalUs: config.advertIntervalUs,
      authenticationType: config.authentication === undefined ? 0 : 1,
      authenticationData: config.authentication?.data ?? "",
    },
    sourceBytes,
    group,
  );
  return {
    data: encodeIpv4({
      source: sourceBytes,
      destination: group,
      ttl,
      tos,
      protocol: IPPROTO_VRRP,
      payload,
    }),
    address: encodeSockaddr(config.multicastGroup, 0),
  };
}

/** Addresses in a configuration were checked when it was read. */
function bytes(address: string): Uint8Array {
  return parseIp(address) ?? new Uint8Array(4);
}
