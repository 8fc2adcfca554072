// What a planned stop costs: for how long nobody, and both, had the address when the master got
// SIGTERM. The successor is always Debian's keepalived; the master is fresh each time. Taken from
// the kernels of the two routers, as `ip monitor` prints their changes.

import { AddressWatch, holderSpans } from "../lab/address-watch.js";
import { vrrpConfigText } from "../lab/config-text.js";
import { runDebianKeepalived } from "../lab/daemon.js";
import { createLab } from "../lab/lab.js";
import { realtimeUs, sleep } from "../lab/wait.js";
import type { Contender, Measured, Series } from "./contenders.js";

const VIP = "192.0.2.100";
const MASTER_PRIORITY = 150;
const BACKUP_PRIORITY = 100;
const SETTLE_MS = 2000;

function config(priority: number, advertInterval: number): string {
  return vrrpConfigText([{ version: 3, advertInterval, priority, addresses: [`${VIP}/24`] }]);
}

async function measure(contender: Contender, advertInterval: number): Promise<Measured> {
  const lab = await createLab("hand-over");
  try {
    const first = await lab.addHost("master", { address: "192.0.2.1/24" });
    const second = await lab.addHost("backup", { address: "192.0.2.2/24" });
    const watches = [await AddressWatch.start(first), await AddressWatch.start(second)] as const;
    const master = contender.run(first, config(MASTER_PRIORITY, advertInterval));
    await watches[0].waitFor(VIP, true);
    runDebianKeepalived(second, config(BACKUP_PRIORITY, advertInterval));
    // A backup is silent: give it time to start and to hear a number of adverts.
    await sleep(SETTLE_MS);
    const sinceUs = realtimeUs();
    const exit = master.stop();
    await watches[1].waitFor(VIP, true);
    await watches[0].waitFor(VIP, false);
    await exit;
    const stopMs = (realtimeUs() - sinceUs) / 1000;
    const changes = watches.flatMap((watch) => watch.changes());
    for (const watch of watches) watch.stop();
    const spans = holderSpans(changes, VIP, realtimeUs()).filter(({ toUs }) => toUs > sinceUs);
    const lasting = (count: number): number => {
      const found = spans.filter(({ holders }) => holders.length === count);
      return found.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0) / 1000;
    };
    return {
      "nobody has the address, ms": lasting(0),
      "both have it, ms": lasting(2),
      "SIGTERM to the end of the daemon, ms": stopMs,
    };
  } finally {
    await lab.close();
  }
}

export function handOverSeries(advertInterval: number, rounds: number): Series {
  return {
    benchmark: `planned stop, advert_int ${advertInterval}`,
    rounds,
    measure: (contender) => measure(contender, advertInterval),
  };
}
