// What only the kernel and the neighbours see of a setting, beside Debian's keepalived: which
// addresses are announced again and again (`garp_extra_if`), how large sockets' buffers are.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { startCapture } from "../lab/capture.js";
import { type InstanceText, vrrpConfigText } from "../lab/config-text.js";
import {
  type Daemon,
  type DaemonRunner,
  runDebianKeepalived,
  runKeepalivedTs,
} from "../lab/daemon.js";
import { gratuitousArps } from "../lab/frames.js";
import type { Host, Segment } from "../lab/host.js";
import { createLab } from "../lab/lab.js";
import { sleep, waitFor } from "../lab/wait.js";

/** The burst of the transition is over. */
const TRANSITION_MS = 1_000;
const LISTEN_MS = 4_500;
const VIP = "192.0.2.10";

interface Case {
  readonly title: string;
  readonly globals?: readonly string[];
  readonly instance: Pick<InstanceText, "lines" | "addresses">;
}

const ANNOUNCED: readonly Case[] = [
  {
    title: "garp_extra_if all",
    instance: { addresses: [VIP, "198.51.100.10 dev eth1"], lines: ["garp_extra_if all 1"] },
  },
  {
    title: "vrrp_garp_extra_if all with a virtual MAC",
    globals: ["vrrp_garp_extra_if all 1"],
    instance: { addresses: [VIP, "198.51.100.10 dev eth1"], lines: ["use_vmac"] },
  },
  {
    title: "garp_extra_if with a virtual MAC beside",
    instance: {
      addresses: [VIP, "198.51.100.10 dev eth1 use_vmac"],
      lines: ["use_vmac", "garp_extra_if 1"],
    },
  },
  {
    title: "the same with vmac_xmit_base",
    instance: {
      addresses: [VIP, "198.51.100.10 dev eth1 use_vmac"],
      lines: ["use_vmac", "vmac_xmit_base", "garp_extra_if 1"],
    },
  },
];

const SIZED: readonly Case[] = [
  {
    title: "kernel_rx_buf_size",
    instance: { addresses: [VIP], lines: ["kernel_rx_buf_size 9001"] },
  },
  {
    title: "vrrp_rx_bufs_policy MTU",
    globals: ["vrrp_rx_bufs_policy MTU", "vrrp_rx_bufs_multiplier 5"],
    instance: { addresses: [VIP] },
  },
  {
    title: "vrrp_rx_bufs_policy ADVERT",
    globals: ["vrrp_rx_bufs_policy ADVERT", "vrrp_rx_bufs_multiplier 400"],
    instance: { addresses: [VIP] },
  },
  {
    title: "vrrp_rx_bufs_policy in bytes",
    globals: ["vrrp_rx_bufs_policy 12345"],
    instance: { addresses: [VIP] },
  },
];

interface Running {
  readonly host: Host;
  readonly daemon: Daemon;
  readonly segments: readonly Segment[];
}

/** As MASTER, its transition over. */
async function start(
  t: TestContext,
  { globals, instance }: Case,
  run: DaemonRunner,
): Promise<Running> {
  const lab = await createLab("own-announcements");
  t.after(() => lab.close());
  const second = await lab.addSegment("second");
  const host = await lab.addHost("router", { address: "192.0.2.1/24" });
  await host.attach({ segment: second, interface: "eth1", addresses: ["198.51.100.1/24"] });
  const text = vrrpConfigText(
    [{ ...instance, version: 3, advertInterval: 0.1, priority: 200 }],
    ["vrrp_garp_master_delay 0", ...(globals ?? [])],
  );
  const daemon = run(host, text);
  await daemon.waitForLog(/Entering MASTER STATE/);
  await waitFor("the address", () => host.holds(VIP));
  await sleep(TRANSITION_MS);
  return { host, daemon, segments: [lab.lan, second] };
}

/** "lan 192.0.2.10 virtual": where, what, and whose hardware address; often enough counts. */
async function announcedBy(t: TestContext, each: Case, run: DaemonRunner): Promise<string[]> {
  const { segments } = await start(t, each, run);
  const captures = await Promise.all(segments.map((segment) => startCapture(segment, "arp")));
  await sleep(LISTEN_MS);
  const counts = new Map<string, number>();
  for (const [i, capture] of captures.entries()) {
    for (const { address, hardwareAddress } of gratuitousArps(await capture.stop())) {
      const mac = hardwareAddress.startsWith("00:00:5e:") ? "virtual" : "own";
      const text = `${segments[i]?.name} ${address} ${mac}`;
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  return [...counts].filter(([, count]) => count >= 3).map(([text]) => text);
}

/** Takes a copy of each descriptor of a process and asks the kernel: pidfd_getfd(2), socket(7). */
const SIZES = `
import ctypes, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
for pid in map(int, sys.argv[1:]):
    handle = libc.syscall(434, pid, 0)
    for name in os.listdir(f"/proc/{pid}/fd"):
        fd = libc.syscall(438, handle, int(name), 0)
        if fd < 0 or not os.readlink(f"/proc/self/fd/{fd}").startswith("socket:"): continue
        one = socket.socket(fileno=fd)
        if one.type == socket.SOCK_RAW and one.getsockopt(socket.SOL_SOCKET, 38) == 112:
            print(one.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))
`;

/** keepalived's socket for sending has the least that there is. */
async function sizedBy(t: TestContext, each: Case, run: DaemonRunner): Promise<number> {
  const { host, daemon } = await start(t, each, run);
  const pids = daemon.processes().map(({ pid }) => `${pid}`);
  const text = await host.must(["/usr/bin/python3", "-c", SIZES, ...pids]);
  const sizes = text.trim().split("\n").map(Number);
  assert.ok(
    sizes.every((size) => size > 0),
    text,
  );
  return Math.max(...sizes);
}

describe("what an instance says of itself", { concurrency: 4 }, () => {
  for (const each of ANNOUNCED) {
    it(`${each.title}: the same addresses are announced again and again`, async (t) => {
      const [theirs, ours] = await Promise.all([
        announcedBy(t, each, runDebianKeepalived),
        announcedBy(t, each, runKeepalivedTs),
      ]);
      assert.ok(theirs.length > 0);
      assert.deepEqual(ours, theirs);
    });
  }
  for (const each of SIZED) {
    it(`${each.title}: the socket's buffer is as large`, async (t) => {
      const [theirs, ours] = await Promise.all([
        sizedBy(t, each, runDebianKeepalived),
        sizedBy(t, each, runKeepalivedTs),
      ]);
      assert.equal(ours, theirs);
    });
  }
});
