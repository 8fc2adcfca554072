// Groups of services: which of them can be used, and what virtual servers must know of them.
// Follows keepalived's check/check_parser.c (vsg_handler) and check_data.c.

import { ipFamily } from "../base/ip.js";
import type { VirtualServerGroupConfig } from "./config-checker.js";
import type { GroupDraft } from "./draft-checker.js";
import type { LinkContext } from "./link-context.js";

/** The groups by name; those that cannot be used are left out with a report. */
export function linkServerGroups(context: LinkContext): Map<string, VirtualServerGroupConfig> {
  const groups = new Map<string, VirtualServerGroupConfig>();
  for (const draft of context.root.serverGroups.values()) {
    if (!isUsable(draft, context)) continue;
    reportRepeated(draft, context);
    const entries = draft.entries.map(({ value }) => value);
    groups.set(draft.name, { name: draft.name, entries });
  }
  return groups;
}

/** A mark without a family would be ambiguous beside addresses of both. */
function isUsable({ name, span, entries }: GroupDraft, { report }: LinkContext): boolean {
  const problem = `Cannot use virtual_server_group "${name}"`;
  if (entries.length === 0) {
    report(span, {
      severity: "error",
      code: "EMPTY_GROUP",
      message: `${problem}: it has no usable line; the group is left out`,
    });
    return false;
  }
  const addresses = entries.filter(({ value }) => value.kind === "addresses");
  const families = new Set(addresses.map(({ value }) => familyOf(value)));
  const bare = entries.find(({ value }) => familyOf(value) === undefined);
  if (families.size < 2 || bare === undefined) return true;
  report(bare.span, {
    severity: "error",
    code: "FAMILY_MIX",
    message: `${problem}: a mark without family stands beside addresses of both; it is left out`,
    hint: "write inet or inet6 after the mark",
  });
  return false;
}

type Entry = VirtualServerGroupConfig["entries"][number];

function familyOf(entry: Entry): 4 | 6 | undefined {
  return entry.kind === "fwmark" ? entry.family : ipFamily(entry.first);
}

function reportRepeated({ name, entries }: GroupDraft, { report }: LinkContext): void {
  const seen = new Set<string>();
  for (const { value, span } of entries) {
    const key = JSON.stringify(value);
    if (seen.has(key)) {
      report(span, {
        severity: "hint",
        code: "DUPLICATE_ADDRESS",
        message: `Cannot serve this twice in virtual_server_group "${name}": IPVS has it once`,
      });
    }
    seen.add(key);
  }
}

/** What a virtual server must know of its group. */
export interface GroupFacts {
  /** The only family that the group names; absent when it names both or none. */
  readonly family: 4 | 6 | undefined;
  /** The only port; 0 when there are several, or every port, or only marks. */
  readonly port: number;
  /** Those of its addresses. */
  readonly ports: ReadonlySet<number>;
  readonly hasAddresses: boolean;
  readonly hasMarks: boolean;
  /** A line stands for every port. */
  readonly hasEveryPort: boolean;
}

export function groupFacts({ entries }: VirtualServerGroupConfig): GroupFacts {
  const families = new Set<4 | 6>();
  const ports = new Set<number>();
  for (const entry of entries) {
    const family = familyOf(entry);
    if (family !== undefined) families.add(family);
    if (entry.kind === "addresses") ports.add(entry.port);
  }
  const [family] = families;
  const [port = 0] = ports;
  return {
    family: families.size === 1 ? family : undefined,
    port: ports.size === 1 ? port : 0,
    ports,
    hasAddresses: ports.size > 0,
    hasMarks: entries.some(({ kind }) => kind === "fwmark"),
    hasEveryPort: ports.has(0),
  };
}
