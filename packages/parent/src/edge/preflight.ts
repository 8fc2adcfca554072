// What must be true before anything is changed: the privileges that the children will need. Says
// which is missing and what to do, since containers often come with only some of them.

import { readFileSync } from "node:fs";
import type { ChildKind } from "../core/event.js";

/** linux/capability.h */
const capabilities = { CAP_NET_ADMIN: 12, CAP_NET_RAW: 13 } as const;
type Capability = keyof typeof capabilities;

/** VRRP: raw sockets for adverts and ARP, addresses. Checker: IPVS. */
const needs: Readonly<Record<ChildKind, readonly Capability[]>> = {
  vrrp: ["CAP_NET_ADMIN", "CAP_NET_RAW"],
  checker: ["CAP_NET_ADMIN"],
};

/** Why `kinds` cannot run with the capability set `effective`; undefined when they can. */
export function missingPrivileges(
  kinds: readonly ChildKind[],
  effective: bigint,
): string | undefined {
  const needed = new Set(kinds.flatMap((kind) => needs[kind]));
  const missing = [...needed].filter(
    (name) => ((effective >> BigInt(capabilities[name])) & 1n) === 0n,
  );
  if (missing.length === 0) return undefined;
  const names = missing.join(" and ");
  return (
    `Cannot start without ${names}: run as root, or give the service or container ` +
    `${missing.length === 1 ? "this capability" : "these capabilities"} ` +
    `(${missing.map((name) => `--cap-add=${name.slice(4)}`).join(" ")})`
  );
}

/** The capabilities of this process; undefined when /proc does not tell. */
export function effectiveCapabilities(): bigint | undefined {
  try {
    const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1];
    return mask === undefined ? undefined : BigInt(`0x${mask}`);
  } catch {
    return undefined;
  }
}
