// Two hosts with the same addresses that do not see each other, and whether their kernels look
// alike.

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Host } from "../lab/host.js";
import type { Lab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";
import { type KernelState, kernelState } from "./kernel-states.js";

/** eth0 and eth1, when their addresses are usable. */
export async function addTwins(lab: Lab): Promise<readonly [debian: Host, ours: Host]> {
  const twins = [await addTwin(lab, "debian"), await addTwin(lab, "ours")] as const;
  await Promise.all(twins.map(settledState));
  return twins;
}

async function addTwin(lab: Lab, name: string): Promise<Host> {
  const lan = await lab.addSegment(`${name}-lan`);
  const wan = await lab.addSegment(`${name}-wan`);
  const host = await lab.addHost(name);
  const lanAddresses = ["192.0.2.1/24", "2001:db8::1/64"];
  const wanAddresses = ["198.51.100.1/24", "2001:db8:1::1/64"];
  await host.attach({ segment: lan, interface: "eth0", addresses: lanAddresses });
  await host.attach({ segment: wan, interface: "eth1", addresses: wanAddresses });
  await host.ip("route", "add", "192.168.77.0/24", "via", "192.0.2.77");
  return host;
}

/** The state when duplicate address detection has ended. */
function settledState(host: Host): Promise<KernelState> {
  return waitFor("addresses to be usable", async () => {
    const state = await kernelState(host);
    return JSON.stringify(state).includes('"tentative":true') ? null : state;
  });
}

/** Waits for the two to be alike, and says where they are not. */
export async function assertAlike(debian: Host, ours: Host, what: string): Promise<KernelState> {
  let states: readonly KernelState[] = [];
  const look = async (): Promise<boolean> => {
    states = [await kernelState(ours), await kernelState(debian)];
    return isDeepStrictEqual(states[0], states[1]);
  };
  try {
    await waitFor(`equal kernel states ${what}`, look, 5_000);
  } catch {
    assert.deepEqual(states[0], states[1], what);
  }
  return states[0] ?? {};
}
