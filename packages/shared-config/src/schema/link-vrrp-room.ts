// How many addresses an advert has room for: as many as the interface's MTU leaves, and no more
// than the count can say. Follows vrrp_complete_instance of keepalived's vrrp/vrrp.c.

import type { AuthenticationConfig } from "./config.js";
import type { InstanceContext } from "./link-context.js";
import type { InstanceFacts } from "./link-vrrp-facts.js";

/** RFC 9568 section 5.2.4: the count of addresses is one byte. */
const addressesMax = 255;

const ipBytes = { 4: 20, 6: 40 } as const;
const addressBytes = { 4: 4, 6: 16 } as const;
const vrrpBytes = 8;
/** RFC 2338 section 5.3.6: behind the addresses, in every advert of version 2 over IPv4. */
const passwordBytes = 8;
/** RFC 2402 section 2, with a digest of 96 bits. */
const headerBytes = 24;
const hmacBytes = 28;

/** At most this many addresses fit. The Ethernet header that keepalived counts is no part of it. */
export function linkPacketRoom(
  { host }: InstanceContext,
  { family, version }: InstanceFacts,
  device: string,
  { headerAuthentication, hmacAuthentication }: AuthenticationConfig,
): number {
  const mtu = device === "" ? undefined : host.linkMtu?.(device);
  if (mtu === undefined) return addressesMax;
  const used =
    ipBytes[family] +
    vrrpBytes +
    (version === 2 && family === 4 ? passwordBytes : 0) +
    (headerAuthentication === undefined ? 0 : headerBytes) +
    (hmacAuthentication === undefined ? 0 : hmacBytes);
  const room = Math.floor((mtu - used) / addressBytes[family]);
  return Math.min(Math.max(room, 0), addressesMax);
}
