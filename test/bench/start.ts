// How long a daemon needs from its start to its first advert: an owner of its addresses (priority
// 255) speaks at once.

import { startCapture } from "../lab/capture.js";
import { vrrpConfigText } from "../lab/config-text.js";
import { adverts } from "../lab/frames.js";
import { createLab } from "../lab/lab.js";
import { realtimeUs, waitFor } from "../lab/wait.js";
import type { Contender, Measured, Series } from "./contenders.js";

async function measure(contender: Contender): Promise<Measured> {
  const lab = await createLab("start");
  try {
    const host = await lab.addHost("router", { address: "192.0.2.1/24" });
    const capture = await startCapture(lab.lan);
    const instance = { version: 3, state: "MASTER", priority: 255 } as const;
    const beginUs = realtimeUs();
    contender.run(host, vrrpConfigText([{ ...instance, addresses: ["192.0.2.100/24"] }]));
    const first = await waitFor("an advert", () => adverts(capture.frames())[0]);
    return { "first advert, ms": (first.atUs - beginUs) / 1000 };
  } finally {
    await lab.close();
  }
}

export function startSeries(rounds: number): Series {
  return { benchmark: "start", rounds, measure };
}
