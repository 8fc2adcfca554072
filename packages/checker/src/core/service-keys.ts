// Which IPVS services a virtual server is: one, or for a group one for each address and each mark.
// Pure derivations of the configuration.

import { formatIp, parseIp } from "@keepalived-ts/shared-config/base/ip";
import type {
  GroupEntry,
  GroupKey,
  ServiceKey,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { markKeys } from "./group-marks.js";

/**
 * The identity of a virtual server: its name does not say of which family a mark is, and the number
 * in that of a group changes with its place.
 */
export function virtualServerText({
  name,
  key,
}: Pick<VirtualServerConfig, "name" | "key">): string {
  if (key.kind === "address") return name;
  return key.kind === "fwmark" ? `${name} ${key.family}` : `[${key.group}] ${key.protocol ?? ""}`;
}

/** `entries` are those of the group, none for other virtual servers; `mark` stands for them all. */
export function serviceKeys(
  key: ServiceKey | GroupKey,
  entries: readonly GroupEntry[],
  mark: number | null = null,
): ServiceKey[] {
  if (mark !== null) return markKeys(mark, entries);
  return key.kind === "group" ? entries.flatMap((entry) => entryKeys(key, entry)) : [key];
}

function entryKeys(key: GroupKey, entry: GroupEntry): ServiceKey[] {
  if (entry.kind === "fwmark") {
    return [{ kind: "fwmark", mark: entry.mark, family: entry.family ?? key.family }];
  }
  const { protocol } = key;
  // The loader gives a protocol to every group that has an address.
  if (protocol === undefined) return [];
  const { port } = entry;
  return addressesOf(entry).map((address) => ({ kind: "address", address, port, protocol }));
}

/** Every address from the first to the last; the loader bounds their number. */
export function addressesOf({ first, last }: { first: string; last: string }): string[] {
  const bytes = parseIp(first);
  if (bytes === undefined) return [];
  const addresses = [first];
  for (let address = first; address !== last; ) {
    if (!increment(bytes)) return addresses;
    address = formatIp(bytes);
    addresses.push(address);
  }
  return addresses;
}

/** False behind the last address that there is. */
function increment(bytes: Uint8Array): boolean {
  for (let i = bytes.length - 1; i >= 0; i--) {
    const next = (bytes[i] ?? 0) + 1;
    bytes[i] = next & 0xff;
    if (next <= 0xff) return true;
  }
  return false;
}
