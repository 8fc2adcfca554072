// What to tell an administrator when the kernel refuses an address: what was tried, on which
// device, the errno and what to do about it. Pure.

import type { VirtualAddress } from "@keepalived-ts/shared-config/schema/config";
import { ownerPrefix } from "./static-owner.js";

const advice: Readonly<Record<string, string>> = {
  ENODEV: "the interface does not exist, create it or correct dev",
  ENETDOWN: "the interface is down",
  EPERM: "the process needs CAP_NET_ADMIN in this network namespace",
  EACCES: "IPv6 may be disabled on the interface, see net.ipv6.conf.*.disable_ipv6",
  EINVAL: "check prefix length, broadcast, label and scope",
  ENOBUFS: "the kernel is short of memory",
  ENOMEM: "the kernel is short of memory",
  ETIMEDOUT: "the kernel did not answer in time",
};

export function addressFailureText(
  owner: string,
  kind: "add" | "remove",
  { address, prefixLength, device }: VirtualAddress,
  errno: string,
): string {
  const what = `${address}/${prefixLength}`;
  const order = kind === "add" ? `add ${what} to ${device}` : `remove ${what} from ${device}`;
  const hint = advice[errno];
  return `${ownerPrefix(owner)}Cannot ${order}: ${errno}${hint === undefined ? "" : `, ${hint}`}`;
}
