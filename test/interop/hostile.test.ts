// A MASTER under packets that no router should send: it stays MASTER, its adverts leave on time,
// every packet is counted where Debian's keepalived counts it, and the log stays short.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { startCapture } from "../lab/capture.js";
import { vrrpConfigText } from "../lab/config-text.js";
import {
  type DaemonRunner,
  readStatistics,
  runDebianKeepalived,
  runKeepalivedTs,
  type Statistics,
} from "../lab/daemon.js";
import { adverts } from "../lab/frames.js";
import { ADDRESS, HOSTILE_KINDS, PASSWORD, VIRTUAL_ROUTER_ID } from "../lab/hostile-packets.js";
import { createLab, type Lab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

/** keepalived loses some of more. */
const PER_MILLISECOND = 1;
/** A line for each cause, and what SIGUSR2 says. */
const LINES_MOST = 60;
const FLOOD = join(import.meta.dirname, "../lab/flood.js");
/** What is counted depends on the packet. */
const VARYING = ["mutation", "random"];

interface Flood {
  readonly kinds: readonly string[];
  /** Packets of each kind. */
  readonly each: number;
}

interface Outcome {
  readonly statistics: Statistics;
  readonly lines: number;
  readonly gaps: readonly number[];
}

async function flooded(
  lab: Lab,
  name: string,
  run: DaemonRunner,
  { kinds, each }: Flood,
): Promise<Outcome> {
  const segment = await lab.addSegment(name);
  const host = await lab.addHost(name, { segment, address: "192.0.2.1/24" });
  const enemy = await lab.addHost(`${name}-e`, { segment, address: "192.0.2.66/24" });
  const instance = {
    priority: 200,
    virtualRouterId: VIRTUAL_ROUTER_ID,
    password: PASSWORD,
    addresses: [ADDRESS],
  };
  const daemon = run(host, vrrpConfigText([instance]));
  await daemon.waitForLog(/Entering MASTER STATE/);
  await waitFor("the address", () => host.holds(ADDRESS));
  const capture = await startCapture(segment, "ip proto 112 and src 192.0.2.1");
  const linesBefore = daemon.log().split("\n").length;
  const index = /"ifindex":(\d+)/.exec(await enemy.ip("-j", "link", "show", "eth0"))?.[1] ?? "";
  const words = [index, `${each}`, `${PER_MILLISECOND}`, ...kinds];
  const told = await enemy.must([process.execPath, FLOOD, ...words], { timeoutMs: 70_000 });
  assert.equal(JSON.parse(told).sent, each * kinds.length);
  // The last kind of a round; keepalived has not read all of them yet.
  const statistics = await waitFor("all to be counted", async () => {
    const found = await readStatistics(daemon);
    return found.get("VI_1/Authentication Errors/Failure") === each && found;
  });
  const times = adverts(await capture.stop())
    .filter(({ priority }) => priority === 200)
    .map(({ atUs }) => atUs);
  const lines = daemon.log().split("\n").length - linesBefore;

  assert.ok(await host.holds(ADDRESS));
  assert.doesNotMatch(daemon.log(), /MASTER STATE[\s\S]*(BACKUP|FAULT) STATE/);
  return { statistics, lines, gaps: times.slice(1).map((at, i) => at - (times[i] ?? 0)) };
}

/** keepalived 2.2.7 logs another interval and does not count it. */
const UNCOUNTED = "VI_1/Packet Errors/Advertisement Interval";

async function countsAgree(t: TestContext): Promise<void> {
  const lab = await createLab("hostile-counts");
  t.after(() => lab.close());
  const kinds = HOSTILE_KINDS.filter((kind) => !VARYING.includes(kind));
  const flood = { kinds, each: 200 };
  const [theirs, ours] = await Promise.all([
    flooded(lab, "theirs", runDebianKeepalived, flood),
    flooded(lab, "ours", runKeepalivedTs, flood),
  ]);
  assert.equal(ours.statistics.get(UNCOUNTED), flood.each);
  const comparable = ({ statistics }: Outcome): [string, number][] =>
    [...statistics].filter(([name]) => name !== UNCOUNTED && !name.endsWith("/Sent"));
  assert.deepEqual(comparable(ours), comparable(theirs));
  assert.ok(ours.lines <= LINES_MOST, `${ours.lines} lines`);
  assert.ok(theirs.lines > kinds.length * flood.each);
}

/** Longer than BACKUPs wait at this interval and priority, so that silence would be a failover. */
const LONG_MS = 5_000;

async function advertsLeave(t: TestContext): Promise<void> {
  const lab = await createLab("hostile-adverts");
  t.after(() => lab.close());
  // A replay of a lower priority is answered with an advert, which would hide the silence.
  const kinds = HOSTILE_KINDS.filter((kind) => kind !== "replay");
  const each = Math.ceil((LONG_MS * PER_MILLISECOND) / kinds.length);
  const ours = await flooded(lab, "ours", runKeepalivedTs, { kinds, each });
  assert.ok(ours.gaps.length >= 3, `${ours.gaps.length} gaps`);
  const longestUs = Math.max(...ours.gaps);
  assert.ok(longestUs < 2_000_000, `${longestUs} us without an advert`);
  assert.ok(ours.lines <= LINES_MOST, `${ours.lines} lines`);
}

describe("hostile packets", { concurrency: 2 }, () => {
  it("each is counted where keepalived counts it, and none moves a MASTER", countsAgree);
  it("a MASTER goes on to send its adverts, and says little", advertsLeave);
});
