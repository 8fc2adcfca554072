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
  /** Of either family, without prefix length. */
  readonly address: string;
  /** With IPv6: the link-local address of the macvlan, that its adverts come from. */
  readonly source?: string;
}

// zebra first: vrrpd learns interfaces and addresses from it.
const START = `mkdir -p /run/frr && chown frr:frr /run/frr && cd /tmp
/usr/lib/frr/zebra -d -f /dev/null -i /run/frr/zebra.pid -A 127.0.0.1
exec /usr/lib/frr/vrrpd -f "$0" -i /run/frr/vrrpd.pid -A 127.0.0.1 --log stdout`;

/** Starts FRR as a virtual router on `eth0`. */
export async function runFrr(host: Host, options: FrrOptions): Promise<Daemon> {
  const router = `vrrp ${options.virtualRouterId}`;
  const isIpv6 = options.address.includes(":");
  const lines = [
    "interface eth0",
    ` ${router} version ${options.version}`,
    ` ${router} priority ${options.priority}`,
    ` ${router} advertisement-interval ${options.advertIntervalMs}`,
    ` ${router} ${isIpv6 ? "ipv6" : "ip"} ${options.address}`,
  ];
  const path = join(host.scratch, `${host.name}-frr.conf`);
  // Readable by the account that FRR changes to.
  writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o644 });
  // RFC 9568 section 7.3: the last byte but one is 1 for IPv4 and 2 for IPv6.
  const kind = isIpv6 ? "02" : "01";
  const mac = `00:00:5e:00:${kind}:${options.virtualRouterId.toString(16).padStart(2, "0")}`;
  const device = isIpv6 ? "vrrp6" : "vrrp4";
  await host.ip("link", "add", device, "link", "eth0", "type", "macvlan", "mode", "bridge");
  await host.ip("link", "set", device, "address", mac);
  const add = (...words: string[]): Promise<string> =>
    host.ip("address", "add", ...words, "dev", device);
  if (options.source !== undefined) await add(`${options.source}/64`, "nodad");
  await (isIpv6 ? add(`${options.address}/64`, "nodad") : add(`${options.address}/24`));
  await host.ip("link", "set", device, "up");
  return startDaemon(host, ["sh", "-c", START, path]);
}
