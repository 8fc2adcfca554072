// What managers are told of adverts that are not obeyed: by traps and by objects, beside Debian's
// keepalived, while a rival of wrong password, wrong version and wrong TTL talks to both.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { type DaemonRunner, runDebianKeepalived, runKeepalivedTs } from "../lab/daemon.js";
import type { Lab } from "../lab/lab.js";
import { newLab, serve } from "./snmp-served.js";

const AUTHENTICATION_FAILURE = "1.3.6.1.2.1.68.0.2";
const PROTOCOL_ERROR = "1.3.6.1.2.1.207.0.2";

interface Spoken {
  readonly password: string;
  readonly version: 2 | 3;
  readonly priority: number;
}

function twoInstances({ password, version, priority }: Spoken): string {
  return `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority ${priority}
  authentication {
    auth_type PASS
    auth_pass ${password}
  }
  virtual_ipaddress {
    192.0.2.10
  }
}
vrrp_instance VI_3 {
  interface eth0
  version ${version}
  virtual_router_id 53
  priority ${priority}
  virtual_ipaddress {
    192.0.2.13
  }
}
`;
}

const served = (socket: string): string => `global_defs {
  snmp_socket ${socket}
  enable_snmp_rfc
  enable_traps
}
${twoInstances({ password: "right", version: 3, priority: 200 })}`;

interface Told {
  readonly traps: readonly string[];
  /** vrrpv3StatisticsProtoErrReason of VI_3. */
  readonly reason: string;
}

async function toldBy(lab: Lab, name: string, run: DaemonRunner): Promise<Told> {
  const { segment, host, snmp, daemon } = await serve(lab, name, run, served);
  await daemon.waitForLog(/\(VI_3\) Entering MASTER STATE/);
  const rival = await lab.addHost(`${name}-r`, { segment, address: "192.0.2.2/24" });
  // It hears nobody: each advert that it refuses would start its timer anew, and silence it.
  await rival.must(["nft", "add table ip lab"]);
  await rival.must(["nft", "add chain ip lab in { type filter hook input priority 0 ; }"]);
  await rival.must(["nft", "add rule ip lab in ip protocol 112 drop"]);
  runDebianKeepalived(rival, twoInstances({ password: "wrong", version: 2, priority: 100 }));
  await snmp.waitForTrap(new RegExp(`${AUTHENTICATION_FAILURE}\t`));
  await snmp.waitForTrap(new RegExp(`${PROTOCOL_ERROR}\t.*INTEGER: 2`));
  await rival.must(["nft", "add chain ip lab out { type filter hook output priority 0 ; }"]);
  await rival.must(["nft", "add rule ip lab out ip ttl set 64"]);
  for (const id of [51, 53]) {
    await snmp.waitForTrap(new RegExp(`${PROTOCOL_ERROR}\t.*\\.${id}\\.1 = INTEGER: 1`));
  }
  const index = (await host.ip("-j", "link", "show", "eth0")).match(/"ifindex":(\d+)/)?.[1];
  const reason = await snmp.get(`1.3.6.1.2.1.207.1.2.5.1.6.${index}.53.1`);
  const texts = snmp
    .traps()
    .filter((text) => text.includes(AUTHENTICATION_FAILURE) || text.includes(PROTOCOL_ERROR))
    .map((text) => text.replace(/^.*?(?=\.1\.3\.6\.1\.6\.3\.1\.1\.4)/, ""))
    .map((text) => text.replace(new RegExp(`\\.${index}\\.(5[13])(?=[. ])`, "g"), ".IFINDEX.$1"));
  return { traps: [...new Set(texts)].sort(), reason };
}

async function refusalsAgree(t: TestContext): Promise<void> {
  const lab = await newLab(t, "snmp-refusals");
  const [theirs, ours] = await Promise.all([
    toldBy(lab, "theirs", runDebianKeepalived),
    toldBy(lab, "ours", runKeepalivedTs),
  ]);
  assert.ok(ours.traps.length >= 3, ours.traps.join("\n"));
  assert.deepEqual(ours, theirs);
}

describe("SNMP", () => {
  it("traps and objects tell why adverts are not obeyed, as keepalived's do", refusalsAgree);
});
