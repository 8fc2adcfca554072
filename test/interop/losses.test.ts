// What others remove while a router is MASTER, and interfaces that go and come: under ours the same
// becomes of it as under Debian's keepalived, on the same file.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Daemon,
  type DaemonRunner,
  runDebianKeepalived,
  runKeepalivedTs,
} from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";
import { addTwins, assertAlike } from "./kernel-twins.js";

const text = `
track_group G {
  group { A }
}
static_ipaddress {
  192.0.2.201/24 dev eth0
  198.51.100.201/24 dev eth1 no_track
  198.51.100.202/24 dev eth1
  2001:db8:1::5/64 dev eth1
}
static_routes {
  10.50.0.0/16 via 192.0.2.254 dev eth0
  10.51.0.0/16 via 192.0.2.254 dev eth0 no_track
  10.52.0.0/16 via 198.51.100.254 dev eth1 track_group G
}
static_rules {
  from 10.50.0.0/16 table 200 priority 500
}
vrrp_instance A {
  interface eth0
  virtual_router_id 1
  version 3
  advert_int 0.2
  virtual_ipaddress {
    192.0.2.100/24
    192.0.2.101/24 no_track
  }
  virtual_routes {
    10.10.0.0/16 via 192.0.2.254 dev eth0
    10.11.0.0/16 via 192.0.2.254 dev eth0 no_track
  }
  virtual_rules {
    from 192.0.2.100 table 7 preference 1500
  }
}
`;

/** What is taken away, how it shows, and whether it comes back. */
type Step = readonly [command: string, witness: string, comesBack: boolean];

const steps: readonly Step[] = [
  ["address delete 192.0.2.100/24 dev eth0", "192.0.2.100/24", true],
  ["route delete 10.10.0.0/16", "10.10.0.0/16 via 192.0.2.254", true],
  ["rule delete preference 1500", "from 192.0.2.100 lookup 7", true],
  ["address delete 192.0.2.201/24 dev eth0", "192.0.2.201/24", true],
  ["address delete 198.51.100.202/24 dev eth1", "198.51.100.202/24", true],
  ["route delete 10.50.0.0/16", "10.50.0.0/16 via", true],
  ["route delete 10.52.0.0/16", "10.52.0.0/16 via", true],
  ["rule delete preference 500", "from 10.50.0.0/16 lookup 200", true],
  // An interface of the track_group: FAULT.
  ["link set eth1 down", "192.0.2.100/24", false],
  ["link set eth1 up", "192.0.2.100/24", true],
  ["address delete 192.0.2.101/24 dev eth0", "192.0.2.101/24", false],
  ["route delete 10.11.0.0/16", "10.11.0.0/16 via", false],
  ["address delete 198.51.100.201/24 dev eth1", "198.51.100.201/24", false],
  ["route delete 10.51.0.0/16", "10.51.0.0/16 via", false],
  // Gone for the static route too, which prefers no source: it stays.
  ["address delete 192.0.2.100/24 dev eth0", "192.0.2.100/24", true],
];

async function shown(host: Host): Promise<string> {
  const parts = ["address", "route", "rule"].map((what) => host.ip("-4", "-o", what, "show"));
  return (await Promise.all(parts)).join("\n").replaceAll(/ +/g, " ");
}

test("what others remove comes back, or not, as under Debian's keepalived", async (t) => {
  const lab = await createLab("losses");
  t.after(() => lab.close());
  const hosts = await addTwins(lab);
  const runners: readonly DaemonRunner[] = [runDebianKeepalived, runKeepalivedTs];
  const daemons = hosts.map((host, i) => (runners[i] ?? runKeepalivedTs)(host, text));
  const everywhere = (witness: string, isThere: boolean): Promise<unknown> =>
    waitFor(`${witness} ${isThere ? "to be there" : "to be gone"}`, async () => {
      const views = await Promise.all(hosts.map(shown));
      return views.every((view) => view.includes(witness) === isThere);
    });
  await everywhere("from 192.0.2.100 lookup 7", true);
  for (const [command, witness, comesBack] of steps) {
    await Promise.all(hosts.map((host) => host.ip(...command.split(" "))));
    await everywhere(witness, comesBack);
    await assertAlike(...hosts, command);
  }
  const [debian, ours] = daemons;
  assert(debian !== undefined && ours !== undefined);
  for (const state of ["MASTER", "BACKUP", "FAULT"]) {
    assert.equal(entries(ours, state), entries(debian, state), state);
  }
  assert.doesNotMatch(ours.log(), /Cannot (add|remove)/);
  assert.match(ours.log(), /192\.0\.2\.100 of eth0 was removed, by netlink port \d+/);
});

function entries(daemon: Daemon, state: string): number {
  return daemon.log().split(`(A) Entering ${state} STATE`).length - 1;
}
