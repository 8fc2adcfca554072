// What our daemon keeps up in the kernel of a real host: static objects over the death of the VRRP
// process, promote_secondaries and its restoration, repairs, duplicate addresses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { vrrpConfigText } from "../lab/config-text.js";
import { type Daemon, runKeepalivedTs } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab, type Lab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";

const vip = "192.0.2.100";
const fast = { version: 3, advertInterval: 0.1, addresses: [`${vip}/24`] } as const;

const statics = `
static_ipaddress {
  203.0.113.1/24 dev eth0
}
static_routes {
  10.50.0.0/16 via 203.0.113.254 dev eth0 src 203.0.113.1
}
static_rules {
  from 10.50.0.0/16 table 200 priority 500
}
`;

async function withHost(play: (host: Host, lab: Lab) => Promise<void>): Promise<void> {
  const lab = await createLab("kernel-upkeep");
  try {
    await play(await lab.addHost("router", { addresses: ["192.0.2.1/24", "2001:db8::1/64"] }), lab);
  } finally {
    await lab.close();
  }
}

/** What `ip monitor` has said so far. */
function monitor(host: Host): () => string {
  const child = host.spawn(["ip", "monitor", "address", "route", "rule"]);
  let said = "";
  child.stdout?.on("data", (data: Buffer) => {
    said += data.toString();
  });
  return () => said;
}

async function everything(host: Host): Promise<string> {
  const parts = ["address", "route", "rule"].map((what) => host.ip("-4", "-o", what, "show"));
  return (await Promise.all(parts)).join("\n").replaceAll(/ +/g, " ");
}

function master(daemon: Daemon): Promise<unknown> {
  return daemon.waitForLog(/Entering MASTER STATE/);
}

test("static objects and those of a MASTER outlive a VRRP process that is killed", async () => {
  await withHost(async (host) => {
    const before = await everything(host);
    const lines = ["virtual_routes {", "10.10.0.0/16 via 192.0.2.254 dev eth0", "}"];
    const daemon = runKeepalivedTs(host, `${statics}${vrrpConfigText([{ ...fast, lines }])}`);
    await master(daemon);
    await waitFor("the virtual route", async () => (await everything(host)).includes("10.10.0.0"));
    const held = await everything(host);
    for (const part of ["203.0.113.1/24", "10.50.0.0/16 via", "from 10.50.0.0/16", vip]) {
      assert(held.includes(part), held);
    }
    const said = monitor(host);
    let attempts = 0;
    await waitFor("the monitor", async () => {
      // Another route each time: of the same one the kernel says nothing.
      attempts += 1;
      const mark = ["192.168.88.0/24", "dev", "eth0", "mtu", `${1000 + attempts}`];
      await host.ip("route", "replace", ...mark);
      return said().includes("192.168.88.0/24");
    });
    const child = daemon.pidIn("/run/vrrp.pid");
    assert(child !== null);
    process.kill(child, "SIGKILL");
    await daemon.waitForLog(/Resuming MASTER STATE/);
    await host.ip("route", "delete", "192.168.88.0/24");
    await waitFor("the end of the mark", () => said().includes("Deleted 192.168.88.0/24"));
    assert.equal(said().split("Deleted").length, 2, said());
    assert.equal(await everything(host), held);
    await daemon.stop();
    assert.equal(await everything(host), before);
  });
});

test("static objects come back with their interface, under another index", async () => {
  await withHost(async (host, lab) => {
    const plug = { segment: lab.lan, interface: "eth1", addresses: ["198.51.100.1/24"] };
    await host.attach(plug);
    const lines = [
      "static_ipaddress {",
      "  203.0.113.1/24 dev eth1",
      "  2001:db8:1::5/64 dev eth1",
      "}",
      "static_routes {",
      "  10.50.0.0/16 via 203.0.113.254 dev eth1 src 203.0.113.1",
      "  2001:db8:50::/48 via 2001:db8:1::2 dev eth1",
      "}",
    ];
    const both = async (): Promise<string> =>
      `${await everything(host)}${await host.ip("-6", "route")}${await host.ip("-6", "address")}`;
    const parts = [
      "203.0.113.1/24",
      "2001:db8:1::5/64",
      "10.50.0.0/16 via",
      "2001:db8:50::/48 via",
    ];
    const complete = (): Promise<unknown> =>
      waitFor("all that is static", async () => {
        const text = await both();
        return parts.every((part) => text.includes(part));
      });
    const daemon = runKeepalivedTs(host, `${lines.join("\n")}\n${vrrpConfigText([fast])}`);
    await complete();
    await host.ip("link", "delete", "eth1");
    await daemon.waitForLog(/Interface eth1 deleted/);
    await host.attach(plug);
    await complete();
    assert.equal(daemon.log().split("Entering BACKUP STATE").length, 2);
  });
});

test("promote_secondaries is set while we run", async () => {
  await withHost(async (host) => {
    const file = "/proc/sys/net/ipv4/conf/eth0/promote_secondaries";
    const value = async (): Promise<string> => (await host.must(["cat", file])).trim();
    await host.must(["sh", "-c", `echo 0 > ${file}`]);
    const lines = ["prompte_secondaries"];
    const daemon = runKeepalivedTs(host, vrrpConfigText([{ ...fast, lines }]));
    await master(daemon);
    assert.equal(await value(), "1");
    await daemon.stop();
    assert.equal(await value(), "0");
  });
});

test("vip_repair puts back address, route and rule, and the MASTER stays", async () => {
  await withHost(async (host) => {
    const lines = [
      "vip_repair",
      "virtual_routes {",
      "  10.10.0.0/16 via 192.0.2.254 dev eth0",
      "}",
      "virtual_rules {",
      `  from ${vip} table 7 preference 1500`,
      "}",
    ];
    const daemon = runKeepalivedTs(host, vrrpConfigText([{ ...fast, lines }]));
    await master(daemon);
    await waitFor("the rule", async () => (await everything(host)).includes("lookup 7"));
    const held = await everything(host);
    await host.ip("address", "delete", `${vip}/24`, "dev", "eth0");
    await host.ip("route", "delete", "10.10.0.0/16");
    await host.ip("rule", "delete", "preference", "1500");
    for (const what of [`${vip} of eth0`, "route 10.10.0.0/16.*", `rule from ${vip}.*`]) {
      await daemon.waitForLog(new RegExp(`${what} was removed, by netlink port \\d+ .*put back`));
    }
    assert.equal(await everything(host), held);
    assert.equal(daemon.log().split("Entering BACKUP STATE").length, 2);
  });
});

test("a route that stands in the way of another is said", async () => {
  await withHost(async (host) => {
    await host.ip("route", "add", "10.10.0.0/16", "via", "192.0.2.250");
    const ours = ["10.11.0.0/16", "via", "192.0.2.254", "dev", "eth0"];
    await host.ip("route", "add", ...ours, "proto", "18");
    const lines = [
      "virtual_routes {",
      "  unicast 10.10.0.0/16 via 192.0.2.254 dev eth0",
      `  unicast ${ours.join(" ")}`,
      "}",
    ];
    const daemon = runKeepalivedTs(host, vrrpConfigText([{ ...fast, lines }]));
    await daemon.waitForLog(/Cannot add route 10\.10\.0\.0\/16 .*: ENOTUNIQ, another route/);
    assert.doesNotMatch(daemon.log(), /Cannot add route 10\.11/);
    await daemon.stop();
    assert.match(await host.ip("route"), /10\.10\.0\.0\/16 via 192\.0\.2\.250/);
  });
});

test("an address that duplicate address detection finds elsewhere is said", async () => {
  await withHost(async (host, lab) => {
    const rival = await lab.addHost("rival", {
      addresses: ["2001:db8::2/64", "2001:db8::100/64"],
    });
    // The rival answers for its addresses only once its own detection is through.
    await waitFor("the rival's own address", async () => {
      const shown = await rival.ip("-6", "address", "show", "dev", "eth0");
      return shown.includes("2001:db8::100/64") && !shown.includes("tentative");
    });
    const addresses = ["2001:db8::100/64 -nodad"];
    const lines = ["native_ipv6"];
    const daemon = runKeepalivedTs(host, vrrpConfigText([{ ...fast, addresses, lines }]));
    await daemon.waitForLog(/\(VI_1\) Cannot use 2001:db8::100: another host has it/);
  });
});
