// What all routers of one virtual router must say alike, lest they drop each other's adverts and
// several become MASTER: version, interval, checksum, where adverts go, authentication. Follows the
// order of vrrp_check_packet in keepalived's vrrp/vrrp.c. No secret is ever shown.

import { type ClusterCode, type ClusterFault, faultAt, titleOf } from "./cluster-fault.js";
import type { Match, NodeRouter } from "./cluster-match.js";
import type { HmacAuthentication, VrrpInstanceConfig } from "./config.js";
import { formatSeconds } from "./number.js";

interface Compared {
  readonly code: ClusterCode;
  readonly keyword: Parameters<typeof faultAt>[1];
  readonly what: string;
  readonly value: (instance: VrrpInstanceConfig) => string;
  readonly hint: string;
}

const compared: readonly Compared[] = [
  {
    code: "CLUSTER_VERSION_DIFFERS",
    keyword: "version",
    what: "the version",
    value: ({ version }) => String(version),
    hint: "each router drops the other's adverts, and both become MASTER",
  },
  {
    code: "CLUSTER_INTERVAL_DIFFERS",
    keyword: "advertIntervalUs",
    what: "advert_int",
    value: ({ advertIntervalUs }) => formatSeconds(advertIntervalUs),
    hint: "version 2 drops adverts of another interval; version 3 follows whoever is MASTER",
  },
  {
    code: "CLUSTER_CHECKSUM_DIFFERS",
    keyword: "v3ChecksumAsV2",
    what: "v3_checksum_as_v2",
    value: ({ version, family, v3ChecksumAsV2 }) =>
      version === 3 && family === 4 && v3ChecksumAsV2 ? "on" : "off",
    hint: "a router without it drops the adverts of one with it",
  },
  {
    code: "CLUSTER_MODE_DIFFERS",
    keyword: "unicastKeyword",
    what: "where adverts go",
    value: ({ unicastPeers, multicastGroup }) =>
      unicastPeers.length > 0 ? "unicast" : `multicast to ${multicastGroup}`,
    hint: "give every router unicast_peer, or none and the same mcast_dst_ip",
  },
];

/** Each told once, against the first router. */
export function agreementFaults({ routers }: Match): ClusterFault[] {
  const [first, ...others] = routers;
  if (first === undefined) return [];
  return others.flatMap((other) => [
    ...compared.flatMap((each) => compare(each, first, other)),
    ...authenticationFaults(first, other),
  ]);
}

function compare(
  { code, keyword, what, value, hint }: Compared,
  first: NodeRouter,
  other: NodeRouter,
): ClusterFault[] {
  const wanted = value(first.instance);
  const found = value(other.instance);
  if (found === wanted) return [];
  const message =
    `Cannot agree on ${what} in ${titleOf(other)}: ` +
    `it has ${found}, and ${first.node.name} ${wanted}`;
  return [faultAt(other, keyword, { code, message, hint })];
}

function authenticationFaults(first: NodeRouter, other: NodeRouter): ClusterFault[] {
  const why = disagreement(first.instance, other.instance);
  if (why === undefined) return [];
  const field = other.draft.hmac === undefined ? "authenticationType" : "hmac";
  return [
    faultAt(other, field, {
      code: "CLUSTER_AUTHENTICATION_DIFFERS",
      message: `Cannot trust ${first.node.name} in ${titleOf(other)}: ${why}`,
      hint: "use the same authentication or auth_hmac on all routers",
    }),
  ];
}

function disagreement(a: VrrpInstanceConfig, b: VrrpInstanceConfig): string | undefined {
  if ((a.headerAuthentication === undefined) !== (b.headerAuthentication === undefined)) {
    return "one of them has auth_type AH";
  }
  if (a.headerAuthentication?.secret !== b.headerAuthentication?.secret) {
    return "their auth_pass differ";
  }
  // Version 3 has no other; what a file says of it was reported there.
  if ((a.authentication === undefined) !== (b.authentication === undefined)) {
    return "one of them has auth_type PASS";
  }
  if (a.authentication?.data !== b.authentication?.data) return "their auth_pass differ";
  return (
    hmacDisagreement(a.hmacAuthentication, b.hmacAuthentication) ??
    hmacDisagreement(b.hmacAuthentication, a.hmacAuthentication)
  );
}

/** Why adverts of `sender` are not taken by `receiver`. */
function hmacDisagreement(
  sender: HmacAuthentication | undefined,
  receiver: HmacAuthentication | undefined,
): string | undefined {
  const isSigned = sender !== undefined && sender.mode !== "receive-only";
  if (receiver === undefined) return isSigned ? "one of them signs by auth_hmac" : undefined;
  if (!isSigned) {
    return receiver.mode === "enforce" ? "one of them does not sign by auth_hmac" : undefined;
  }
  const own = sender.keys.find(({ id }) => id === sender.activeKey);
  const known = receiver.keys.find(({ id }) => id === sender.activeKey);
  if (known === undefined) return `the active key ${sender.activeKey} of one is unknown to another`;
  // What stands in a file of the other host is not known here.
  if (own?.secret === undefined || known.secret === undefined) return undefined;
  return own.secret === known.secret ? undefined : `their keys ${sender.activeKey} differ`;
}
