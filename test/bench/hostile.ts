// A million packets that no router should send, as fast as they go, against a MASTER: whether it
// stays MASTER, whether its adverts leave, how much it logs and what it costs.

import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { startCapture } from "../lab/capture.js";
import { vrrpConfigText } from "../lab/config-text.js";
import { ADDRESS, HOSTILE_KINDS, PASSWORD, VIRTUAL_ROUTER_ID } from "../lab/hostile-packets.js";
import { createLab } from "../lab/lab.js";
import { sleep, waitFor } from "../lab/wait.js";
import { gapQuantity, punctualityOf } from "./advert-gaps.js";
import type { Contender, Measured, Series } from "./contenders.js";
import { cpuMs } from "./load.js";

const FLOOD = join(import.meta.dirname, "../lab/flood.js");
const VICTIM = "192.0.2.1";
/** Whoever is still busy with it then has fallen behind. */
const AFTER_MS = 2_000;
const INTERVAL_S = 1;

/** A replayed advert of lower priority is answered at once, which would hide a silence. */
const kinds = HOSTILE_KINDS.filter((kind) => kind !== "replay");

async function measure(contender: Contender, total: number): Promise<Measured> {
  const lab = await createLab("hostile");
  try {
    const host = await lab.addHost("victim", { address: `${VICTIM}/24` });
    const enemy = await lab.addHost("enemy", { address: "192.0.2.66/24" });
    const instance = {
      priority: 200,
      virtualRouterId: VIRTUAL_ROUTER_ID,
      password: PASSWORD,
      addresses: [ADDRESS],
    };
    const daemon = contender.run(host, vrrpConfigText([instance]));
    await waitFor("the address", () => host.holds(ADDRESS));
    await sleep(AFTER_MS);
    const capture = await startCapture(lab.lan, `ip proto 112 and src ${VICTIM}`);
    const index = /"ifindex":(\d+)/.exec(await enemy.ip("-j", "link", "show", "eth0"))?.[1] ?? "";
    const each = Math.ceil(total / kinds.length);
    const linesBefore = daemon.log().split("\n").length;
    const cpuBefore = cpuMs(daemon);
    const from = performance.now();
    const words = [process.execPath, FLOOD, index, `${each}`, "0", ...kinds];
    const told = JSON.parse(await enemy.must(words, { timeoutMs: 90_000 }));
    const floodS = told.ms / 1000;
    await sleep(AFTER_MS);
    const lastedS = (performance.now() - from) / 1000;
    const punctuality = punctualityOf(await capture.stop());
    return {
      "packets sent, thousands": told.sent / 1000,
      "packets a second, thousands": told.sent / told.ms,
      "flood, s": floodS,
      "adverts of those due, %": (punctuality.count * 100 * INTERVAL_S) / lastedS,
      ...gapQuantity("meanwhile", punctuality),
      "lines in the log": daemon.log().split("\n").length - linesBefore,
      "CPU, s": (cpuMs(daemon) - cpuBefore) / 1000,
      "holds the address": (await host.holds(ADDRESS)) ? 1 : 0,
    };
  } finally {
    await lab.close();
  }
}

export function hostileSeries(total: number, rounds: number): Series {
  return {
    benchmark: `${total / 1000} thousand hostile packets`,
    rounds,
    measure: (contender) => measure(contender, total),
  };
}
