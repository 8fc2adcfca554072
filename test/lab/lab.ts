// A laboratory: hosts and switches in network namespaces of its own, removed at its end whatever
// happens. Decides names and order of tidy-up; touches nothing of the test machine's own network.

import { must } from "./command.js";
import { Host, type Segment } from "./host.js";
import {
  claimLabId,
  createScratch,
  removeLabNow,
  removeLeftovers,
  removeNamespaces,
  removeScratch,
} from "./ownership.js";

export interface HostOptions {
  /**
   * Address with prefix length of `eth0`; more by `addresses`, none for a host to be wired later.
   */
  readonly address?: string;
  readonly addresses?: readonly string[];
  readonly segment?: Segment;
}

const openLabs = new Set<string>();
let isExitWatched = false;

/**
 * However the process ends (short of SIGKILL, see removeLeftovers), its laboratories go with it.
 */
function watchExit(): void {
  if (isExitWatched) return;
  isExitWatched = true;
  process.on("exit", () => {
    for (const labId of openLabs) removeLabNow(labId);
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      for (const labId of openLabs) removeLabNow(labId);
      openLabs.clear();
      process.kill(process.pid, signal);
    });
  }
}

export class Lab {
  readonly id: string;
  /**
   * A folder for configuration, logs and captures; visible inside every daemon's private mounts.
   */
  readonly scratch: string;
  /** The first segment. */
  readonly lan: Segment;
  readonly switchNamespace: string;
  readonly #hosts = new Map<string, Host>();

  private constructor(id: string) {
    this.id = id;
    this.scratch = createScratch(id);
    this.switchNamespace = `${id}.switch`;
    this.lan = this.#segment("lan");
  }

  static async create(label: string): Promise<Lab> {
    await removeLeftovers();
    watchExit();
    const id = claimLabId(label);
    openLabs.add(id);
    const lab = new Lab(id);
    await must(["ip", "netns", "add", lab.switchNamespace]);
    await lab.#createBridge("lan");
    return lab;
  }

  async #createBridge(name: string): Promise<void> {
    // Snooping off: the switch must not judge multicast before a router has sent a membership
    // report.
    const options = "stp_state 0 forward_delay 0 mcast_snooping 0";
    const batch = `link add ${name} type bridge ${options}\nlink set ${name} up\n`;
    await must(["ip", "-n", this.switchNamespace, "-batch", "-"], { input: batch });
  }

  /** Another switch, for routers that stand between networks. */
  async addSegment(name: string): Promise<Segment> {
    await this.#createBridge(name);
    return this.#segment(name);
  }

  #segment(name: string): Segment {
    return { name, switchNamespace: this.switchNamespace, scratch: this.scratch };
  }

  /** A machine with `eth0` in the given segment (the first unless told otherwise). */
  async addHost(name: string, options: HostOptions = {}): Promise<Host> {
    const host = new Host(name, `${this.id}.${name}`, this.scratch);
    await host.create();
    this.#hosts.set(name, host);
    const single = options.address === undefined ? [] : [options.address];
    const addresses = [...single, ...(options.addresses ?? [])];
    if (addresses.length > 0) {
      const segment = options.segment ?? this.lan;
      await host.attach({ segment, interface: "eth0", addresses });
    }
    return host;
  }

  /** Ends every process in the laboratory and removes all of it. May be called twice. */
  async close(): Promise<void> {
    if (!openLabs.has(this.id)) return;
    const namespaces = [...this.#hosts.values()].map((host) => host.namespace);
    await removeNamespaces([...namespaces, this.switchNamespace]);
    removeScratch(this.id);
    openLabs.delete(this.id);
  }
}

/** Creates a laboratory; leftovers of dead test processes are removed first. */
export function createLab(label: string): Promise<Lab> {
  return Lab.create(label);
}
