// A MASTER under a flood of hostile packets: whether it stays MASTER, how long its peers hear
// nothing of it, what it writes into its log. keepalived restarts its advert timer on every packet
// for its router id, valid or not, so that garbage silences it.

import { fileURLToPath } from "node:url";
import { AddressWatch } from "../lab/address-watch.js";
import { startCapture } from "../lab/capture.js";
import { vrrpConfigText } from "../lab/config-text.js";
import { adverts } from "../lab/frames.js";
import { createLab } from "../lab/lab.js";
import { realtimeUs, sleep, waitFor } from "../lab/wait.js";
import type { Contender, Measured, Series } from "./contenders.js";

const VIP = "192.0.2.100";
const ADVERT_INTERVAL = 0.1;
const FLOOD_LIMIT_MS = 300_000;
const AFTERMATH_MS = 1_000;
const program: string = fileURLToPath(new URL("./flood/main.js", import.meta.url));

async function measure(contender: Contender, packets: number): Promise<Measured> {
  const lab = await createLab("hostile");
  try {
    const router = await lab.addHost("master", { address: "192.0.2.1/24" });
    const attacker = await lab.addHost("attacker", { address: "192.0.2.9/24" });
    const watch = await AddressWatch.start(router);
    const own = await router.hardwareAddress("eth0");
    const capture = await startCapture(lab.lan, `ether src ${own} and ip proto 112`);
    const text = vrrpConfigText([
      { version: 3, advertInterval: ADVERT_INTERVAL, priority: 100, addresses: [`${VIP}/24`] },
    ]);
    const daemon = contender.run(router, text);
    await watch.waitFor(VIP, true);
    await waitFor("an advert", () => adverts(capture.frames()).length > 3);
    const fromUs = realtimeUs();
    const argv = [process.execPath, program, String(packets)];
    const output = await attacker.must(argv, { timeoutMs: FLOOD_LIMIT_MS });
    const toUs = realtimeUs();
    await sleep(AFTERMATH_MS);
    const { sent, seconds } = JSON.parse(output);
    const lost = watch
      .changes()
      .filter(({ isPresent, atUs }) => !isPresent && atUs > fromUs).length;
    const isHeld = await router.holds(VIP);
    const heard = adverts(await capture.stop()).map(({ atUs }) => atUs);
    const during = [fromUs, ...heard.filter((atUs) => atUs > fromUs && atUs < toUs), toUs];
    const gaps = during.slice(1).map((atUs, index) => atUs - (during[index] ?? atUs));
    return {
      "packets a second": sent / seconds,
      "longest silence at advert_int 0.1, ms": Math.max(...gaps) / 1000,
      "times the address was lost": lost,
      "still MASTER at the end": isHeld ? 1 : 0,
      "lines in the log": daemon.log().split("\n").length,
    };
  } finally {
    await lab.close();
  }
}

export function hostileSeries(packets: number): Series {
  return {
    benchmark: `${packets} hostile packets`,
    rounds: 1,
    measure: (contender) => measure(contender, packets),
  };
}
