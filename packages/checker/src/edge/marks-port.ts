// Binds nftables to the executor's port for nftables_ipvs: what is to be marked becomes a table of
// its own, all of it anew in one transaction. Decides nothing about marks.

import { marksChanges } from "@keepalived-ts/netops/firewall/ipvs-marks-layout";
import { NftablesClient } from "@keepalived-ts/netops/firewall/nftables-client";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type { MarksPort } from "./ports.js";

/** `open` makes a client in the network namespace where IPVS is. */
export function createMarksPort(open: () => NftablesClient = NftablesClient.open): MarksPort {
  return {
    async mark({ table: name, priority, marked }): Promise<string | null> {
      let client: NftablesClient | undefined;
      try {
        client = open();
        const outcome = await client.apply(marksChanges({ name, priority }, marked));
        return outcome.ok ? null : outcome.errno;
      } catch (thrown) {
        if (thrown instanceof KeepalivedError) return thrown.code;
        throw thrown;
      } finally {
        client?.close();
      }
    },
  };
}

/** lvs_backend none: nobody balances by marks either. */
export const noMarksPort: MarksPort = { mark: async () => null };
