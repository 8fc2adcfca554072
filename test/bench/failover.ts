// How long after the standard's deadline (three intervals and the skew after the master's last
// advert, RFC 9568 section 6.1) a backup speaks. The master is always Debian's keepalived and dies
// by SIGKILL; the backup is fresh each time, for in the field a takeover is the first and only one
// of a process's life.

import { startCapture } from "../lab/capture.js";
import { vrrpConfigText } from "../lab/config-text.js";
import { runDebianKeepalived } from "../lab/daemon.js";
import { type AdvertFrame, adverts, gratuitousArps } from "../lab/frames.js";
import { createLab } from "../lab/lab.js";
import { sleep, waitFor } from "../lab/wait.js";
import type { Contender, Measured, Series } from "./contenders.js";

const VIP = "192.0.2.100";
const OWNER_PRIORITY = 255;
const BACKUP_PRIORITY = 100;
const MASTER_ADDRESS = "192.0.2.1";
const BACKUP_ADDRESS = "192.0.2.2";
const SETTLE_MS = 2000;
const AFTERMATH_MS = 300;

function config(priority: number, advertInterval: number): string {
  const state = priority === OWNER_PRIORITY ? "MASTER" : "BACKUP";
  return vrrpConfigText([
    { version: 3, advertInterval, priority, state, addresses: [`${VIP}/24`] },
  ]);
}

async function measure(contender: Contender, advertInterval: number): Promise<Measured> {
  const skewUs = ((256 - BACKUP_PRIORITY) / 256) * advertInterval * 1e6;
  const masterDownUs = 3 * advertInterval * 1e6 + skewUs;
  const lab = await createLab("failover");
  try {
    const first = await lab.addHost("master", { address: `${MASTER_ADDRESS}/24` });
    const second = await lab.addHost("backup", { address: `${BACKUP_ADDRESS}/24` });
    const capture = await startCapture(lab.lan);
    const isFrom = (address: string) => (advert: AdvertFrame) => advert.source === address;
    const master = runDebianKeepalived(first, config(OWNER_PRIORITY, advertInterval));
    await waitFor("the master", () => adverts(capture.frames()).some(isFrom(MASTER_ADDRESS)));
    contender.run(second, config(BACKUP_PRIORITY, advertInterval));
    // A backup is silent: give it time to start and to hear a number of adverts.
    await sleep(SETTLE_MS);
    await master.kill();
    // Nothing of ours runs while the time is taken.
    await sleep(masterDownUs / 1000 + AFTERMATH_MS);
    const frames = await capture.stop();
    const all = adverts(frames);
    const lastUs = all.findLast(isFrom(MASTER_ADDRESS))?.atUs ?? Number.NaN;
    const isTakeover = (frame: { atUs: number }): boolean => frame.atUs > lastUs;
    const spoken = all.filter(isFrom(BACKUP_ADDRESS));
    const dueUs = lastUs + masterDownUs;
    const sinceDue = (atUs = Number.NaN): number => (atUs - dueUs) / 1000;
    return {
      "excess to the first advert, ms": sinceDue(spoken.find(isTakeover)?.atUs),
      "excess to the first gratuitous ARP, ms": sinceDue(
        gratuitousArps(frames).find(isTakeover)?.atUs,
      ),
      "adverts while the master lived": spoken.filter((frame) => !isTakeover(frame)).length,
    };
  } finally {
    await lab.close();
  }
}

export function failoverSeries(advertInterval: number, rounds: number): Series {
  return {
    benchmark: `failover, advert_int ${advertInterval}`,
    rounds,
    measure: (contender) => measure(contender, advertInterval),
  };
}
