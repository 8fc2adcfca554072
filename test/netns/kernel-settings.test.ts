// Settings of the kernel that global_defs asks for, seen from outside: receive buffers of netlink
// sockets and IGMP reports of link-local groups. The same for Debian's keepalived and for ours.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runDebianKeepalived, runKeepalivedTs } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

const text = `global_defs {
  disable_local_igmp
  vrrp_netlink_cmd_rcv_bufs 150000
  vrrp_netlink_monitor_rcv_bufs 90000000
  vrrp_netlink_monitor_rcv_bufs_force
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  virtual_ipaddress {
    192.0.2.100/24
  }
}
`;

/** Bytes, doubled by the kernel (socket(7), SO_RCVBUF), of each netlink socket of the host. */
async function receiveBuffers(host: Host): Promise<number[]> {
  const shown = await host.must(["ss", "-H", "-f", "netlink", "-m"]);
  return [...shown.matchAll(/\brb(\d+)/g)].map(([, bytes]) => Number(bytes));
}

async function reports(host: Host): Promise<string> {
  const path = "/proc/sys/net/ipv4/igmp_link_local_mcast_reports";
  return (await host.must(["cat", path])).trim();
}

for (const [name, run] of [
  ["Debian's keepalived", runDebianKeepalived],
  ["keepalived-ts", runKeepalivedTs],
] as const) {
  test(`${name} sizes its netlink sockets and silences IGMP as long as it runs`, async (t) => {
    const lab = await createLab("kernel-settings");
    t.after(() => lab.close());
    const host = await lab.addHost("router", { address: "192.0.2.1/24" });
    assert.equal(await reports(host), "1");
    const daemon = run(host, text);
    await daemon.waitForLog(/Startup complete/);
    await waitFor("buffers of the sizes asked for", async () => {
      const sizes = await receiveBuffers(host);
      return sizes.includes(300_000) && sizes.includes(180_000_000);
    });
    assert.equal(await reports(host), "0");
    assert.equal((await daemon.stop()).status, 0);
    assert.equal(await reports(host), "1");
  });
}
