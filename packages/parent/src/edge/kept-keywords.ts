// What a reload leaves as it was at the start.

import type { GlobalConfig } from "@keepalived-ts/shared-config/schema/config";

const keptKeywordsTable = [
  ["net_namespace", "netNamespace"],
  ["net_namespace_ipvs", "netNamespaceIpvs"],
  ["instance", "instanceName"],
  ["use_pid_dir", "usePidDirectory"],
  ["nftables_ipvs", "nftablesIpvsTable"],
  ["nftables_ipvs_priority", "nftablesIpvsPriority"],
  ["nftables_ipvs_start_fwmark", "nftablesIpvsStartFwmark"],
] as const;

/** The keywords that differ and are not taken over. */
export function keptKeywords(running: GlobalConfig, next: GlobalConfig): string[] {
  return keptKeywordsTable.flatMap(([keyword, field]) =>
    running[field] === next[field] ? [] : [keyword],
  );
}
