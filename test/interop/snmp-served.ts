// A daemon that serves SNMP: on a host of its own, with Net-SNMP's master agent beside it.

import type { TestContext } from "node:test";
import type { Daemon, DaemonRunner } from "../lab/daemon.js";
import type { Host, Segment } from "../lab/host.js";
import { createLab, type Lab } from "../lab/lab.js";
import { SnmpLab } from "../lab/snmp.js";

export interface Served {
  readonly segment: Segment;
  readonly host: Host;
  readonly snmp: SnmpLab;
  readonly daemon: Daemon;
}

export async function serve(
  lab: Lab,
  name: string,
  run: DaemonRunner,
  config: (socket: string) => string,
  socket?: string,
): Promise<Served> {
  const segment = await lab.addSegment(name);
  const host = await lab.addHost(name, { segment, address: "192.0.2.1/24" });
  await host.ip("address", "add", "2001:db8::1/64", "dev", "eth0", "nodad");
  const snmp = new SnmpLab(host, socket);
  await snmp.start();
  const daemon = run(host, config(snmp.socket), ["-n", "-l", "-G", "-D", "-P"]);
  return { segment, host, snmp, daemon };
}

export async function newLab(t: TestContext, name: string): Promise<Lab> {
  const lab = await createLab(name);
  t.after(() => lab.close());
  return lab;
}
