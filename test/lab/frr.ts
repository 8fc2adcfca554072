// Runs FRR's VRRP on a host of the laboratory: zebra, vrrpd and the macvlan with the virtual MAC
// address that vrrpd expects to find and moves with protodown. FRR's holder is whoever speaks: the
// address is on the macvlan all the time.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Daemon, startDaemon } from "./daemon.js";
import type { Host } from "./host.js";

export interface FrrOptions {
  readonly version: 2 | 3;
  readonly virtualRouterId: number;
  readonly priority: number;
  readonly advertIntervalMs: number;
  /** Without prefix length. */
  readonly address: string;
}

// zebra first: vrrpd learns interfaces and addresses from it.
const START = `mkdir -p /run/frr && chown frr:frr /run/frr && cd /tmp
/usr/lib/frr/zebra -d -f /dev/null -i /run/frr/zebra.pid -A 127.0.0.1
exec /usr/lib/frr/vrrpd -f "$0" -i /run/frr/vrrpd.pid -A 127.0.0.1 --log stdout`;

/** Starts FRR as a virtual router on `eth0`. */
export async function runFrr(host: Host, options: FrrOptions): Promise<Daemon> {
  const router = `vrrp ${options.virtualRouterId}`;
  const lines = [
    "interface eth0",
    ` ${router} version ${options.version}`,
    ` ${router} priority ${options.priority}`,
    ` ${router} advertisement-interval ${options.advertIntervalMs}`,
    ` ${router} ip ${options.address}`,
  ];
  const path = join(host.scratch, `${host.name}-frr.conf`);
  // Readable by the account that FRR changes to.
  writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o644 });
  const mac = `00:00:5e:00:01:${options.virtualRouterId.toString(16).padStart(2, "0")}`;
  await host.ip("link", "add", "vrrp4", "link", "eth0", "type", "macvlan", "mode", "bridge");
  await host.ip("link", "set", "vrrp4", "address", mac);
  await host.ip("address", "add", `${options.address}/24`, "dev", "vrrp4");
  await host.ip("link", "set", "vrrp4", "up");
  return startDaemon(host, ["sh", "-c", START, path]);
}
