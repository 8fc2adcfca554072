// How long a router that becomes master needs for many addresses: until the last is in the kernel,
// and until the first and the last are announced, counted from its first advert. One gratuitous ARP
// each.

import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAddressChanges } from "../lab/address-watch.js";
import { startCapture } from "../lab/capture.js";
import { vrrpConfigText } from "../lab/config-text.js";
import { adverts, gratuitousArps } from "../lab/frames.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";
import { sleep, waitFor } from "../lab/wait.js";
import type { Contender, Measured, Series } from "./contenders.js";

const LIMIT_MS = 60_000;
/** The second burst would come after `garp_master_delay`; all is over before. */
const GLOBALS = ["vrrp_garp_master_repeat 1", "vrrp_garp_master_delay 30"];

function virtualAddress(index: number): string {
  return `10.${20 + (index >> 8)}.${index & 255}.1/32`;
}

/** Records changes into a file, so that nobody wakes up for each while the time is taken. */
function recordAddresses(host: Host): { readonly text: () => string; readonly stop: () => void } {
  const path = join(host.scratch, "addresses.txt");
  const output = openSync(path, "w");
  const child = host.spawn(["ip", "-ts", "-o", "monitor", "address"], {
    stdio: ["ignore", output, "ignore"],
    env: { TZ: "UTC" },
  });
  closeSync(output);
  return { text: () => readFileSync(path, "utf8"), stop: () => child.kill("SIGKILL") };
}

async function measure(contender: Contender, count: number): Promise<Measured> {
  const lab = await createLab("addresses");
  try {
    const host = await lab.addHost("router", { address: "192.0.2.1/24" });
    const capture = await startCapture(lab.lan);
    const recording = recordAddresses(host);
    const [advertised, ...excluded] = Array.from({ length: count }, (_, i) => virtualAddress(i));
    const instance = { version: 3, advertInterval: 1, priority: 200 } as const;
    const addresses = advertised === undefined ? [] : [advertised];
    await sleep(200);
    contender.run(host, vrrpConfigText([{ ...instance, addresses, excluded }], GLOBALS));
    const announced = (): number =>
      new Set(gratuitousArps(capture.frames()).map((arp) => arp.address)).size;
    await waitFor(`${count} addresses to be announced`, () => pace(announced() >= count), LIMIT_MS);
    await sleep(200);
    recording.stop();
    const frames = await capture.stop();
    const present = parseAddressChanges(host.name, recording.text()).filter(
      (change) => change.isPresent && change.address.startsWith("10."),
    );
    const arps = gratuitousArps(frames).filter((arp) => arp.address.startsWith("10."));
    const firstOf = new Map<string, number>();
    for (const arp of arps) {
      if (!firstOf.has(arp.address)) firstOf.set(arp.address, arp.atUs);
    }
    const beginUs = adverts(frames)[0]?.atUs ?? Number.NaN;
    const since = (atUs: number): number => (atUs - beginUs) / 1000;
    const last = new Set(present.map((change) => change.address)).size === count;
    return {
      "last address present, ms": last
        ? since(Math.max(...present.map(({ atUs }) => atUs)))
        : Number.NaN,
      "first gratuitous ARP, ms": since(Math.min(...firstOf.values())),
      "last gratuitous ARP, ms": since(Math.max(...firstOf.values())),
    };
  } finally {
    await lab.close();
  }
}

/** Looks seldom: reading the capture costs time that the daemon could use. */
async function pace(isDone: boolean): Promise<boolean> {
  if (!isDone) await sleep(250);
  return isDone;
}

export function addressSeries(count: number, rounds: number): Series {
  return {
    benchmark: `${count} addresses`,
    rounds,
    measure: (contender) => measure(contender, count),
  };
}
