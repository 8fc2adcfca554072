// A reload of many instances with one changed: what the others' adverts notice of it, how many
// announcements it makes, and how long it takes.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { startCapture } from "../lab/capture.js";
import { vrrpConfigText } from "../lab/config-text.js";
import { adverts, gratuitousArps } from "../lab/frames.js";
import { createLab } from "../lab/lab.js";
import { sleep, waitFor } from "../lab/wait.js";
import { gapQuantity, punctualityOf } from "./advert-gaps.js";
import type { Contender, Measured, Series } from "./contenders.js";
import { addRouter, cpuMs, holdsAll, instances, PER_INTERFACE } from "./load.js";

const SETTLE_MS = 10_000;
const WINDOW_MS = 6_000;
const START_LIMIT_MS = 120_000;
/** Of the first segment, on which is listened. */
const CHANGED = 7;
const CHANGED_PRIORITY = 254;

async function measure(contender: Contender, count: number): Promise<Measured> {
  const lab = await createLab("reload");
  try {
    const lan0 = await lab.addSegment("lan0");
    for (let index = 1; index * PER_INTERFACE < count; index += 1) {
      await lab.addSegment(`lan${index}`);
    }
    const host = await addRouter(lab, "router", 1, count);
    // No owners: the priority of those is not to be changed.
    const texts = instances(count, "master").map((each) => ({ ...each, priority: 200 }));
    const changed = texts.map((each, i) =>
      i === CHANGED ? { ...each, priority: CHANGED_PRIORITY } : each,
    );
    const path = join(lab.scratch, "instances.conf");
    writeFileSync(path, vrrpConfigText(texts));
    const daemon = contender.run(host, `include ${path}\n`);
    await waitFor("all addresses", () => holdsAll(host, count), START_LIMIT_MS);
    await sleep(SETTLE_MS);
    const capture = await startCapture(lan0);
    await sleep(WINDOW_MS);
    const before = punctualityOf(capture.frames());
    writeFileSync(path, vrrpConfigText(changed));
    const cpuBefore = cpuMs(daemon);
    const from = performance.now();
    daemon.signal("SIGHUP");
    const effectMs = await waitFor("the new priority", async () => {
      const heard = adverts(capture.frames()).some(
        ({ virtualRouterId, priority }) =>
          virtualRouterId === CHANGED + 1 && priority === CHANGED_PRIORITY,
      );
      await sleep(20);
      return heard && performance.now() - from;
    });
    await sleep(WINDOW_MS);
    const cpu = (cpuMs(daemon) - cpuBefore) / 1000;
    const frames = await capture.stop();
    return {
      ...gapQuantity("before", before),
      ...gapQuantity("over the reload", punctualityOf(frames)),
      "until the change is heard, ms": effectMs,
      "gratuitous ARPs": gratuitousArps(frames).length,
      "CPU in 6 s, s": cpu,
      "holds all": (await holdsAll(host, count)) ? 1 : 0,
    };
  } finally {
    await lab.close();
  }
}

export function reloadSeries(count: number, rounds: number): Series {
  return {
    benchmark: `reload of ${count} instances, one changed`,
    rounds,
    measure: (contender) => measure(contender, count),
  };
}
