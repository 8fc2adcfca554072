// One machine of the laboratory: a network namespace with interfaces that are plugged into
// segments. Everything it does happens inside its namespace; it never names an interface of the
// test machine.

import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { type CommandOptions, type CommandResult, must, run } from "./command.js";

/** A place for an interface: a bridge in the namespace that plays the switch. */
export interface Segment {
  readonly name: string;
  readonly switchNamespace: string;
  /** The laboratory's folder, for captures. */
  readonly scratch: string;
}

export interface InterfaceOptions {
  readonly segment: Segment;
  /** Name inside the host. */
  readonly interface: string;
  /** With prefix length. */
  readonly addresses: readonly string[];
}

interface IpAddressEntry {
  readonly local?: string;
  readonly prefixlen?: number;
  readonly scope?: string;
  readonly label?: string;
}

interface IpLinkEntry {
  readonly address: string;
  readonly addr_info: readonly IpAddressEntry[];
}

let portCount = 0;

export class Host {
  readonly name: string;
  readonly namespace: string;
  readonly scratch: string;
  readonly #ports = new Map<string, { readonly segment: Segment; readonly port: string }>();
  readonly #children = new Set<ChildProcess>();

  constructor(name: string, namespace: string, scratch: string) {
    this.name = name;
    this.namespace = namespace;
    this.scratch = scratch;
  }

  /** Creates the namespace itself. */
  async create(): Promise<void> {
    await must(["ip", "netns", "add", this.namespace]);
    await this.ip("link", "set", "lo", "up");
  }

  /** Runs `ip` in this host; throws when it fails. */
  ip(...words: readonly string[]): Promise<string> {
    return must(["ip", "-n", this.namespace, ...words]);
  }

  /** Adds an interface and plugs it into the segment's switch. */
  async attach(options: InterfaceOptions): Promise<void> {
    portCount += 1;
    const port = `p${portCount}`;
    const { segment } = options;
    const batch = [
      `link add ${port} type veth peer name ${options.interface} netns ${this.namespace}`,
      `link set ${port} master ${segment.name} up`,
    ];
    await must(["ip", "-n", segment.switchNamespace, "-batch", "-"], { input: batch.join("\n") });
    const inside = [
      ...options.addresses.map((address) => `address add ${address} dev ${options.interface}`),
      `link set ${options.interface} up`,
    ];
    await must(["ip", "-n", this.namespace, "-batch", "-"], { input: inside.join("\n") });
    this.#ports.set(options.interface, { segment, port });
  }

  /** Runs a program in this host to its end. */
  exec(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return run(["ip", "netns", "exec", this.namespace, ...argv], options);
  }

  /** Runs a program that has to succeed. */
  must(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
    return must(["ip", "netns", "exec", this.namespace, ...argv], options);
  }

  /**
   * Starts a program in this host. Its pid is the program's own (each step replaces the one before
   * by exec) and it leads a process group, so that it can be killed with its children at one blow.
   */
  spawn(
    argv: readonly string[],
    options: {
      readonly stdio?: StdioOptions;
      readonly env?: Readonly<Record<string, string>>;
    } = {},
  ): ChildProcess {
    const child = spawn("ip", ["netns", "exec", this.namespace, ...argv], {
      stdio: options.stdio ?? ["ignore", "pipe", "pipe"],
      detached: true,
      env: { ...process.env, ...options.env },
    });
    this.#children.add(child);
    child.on("exit", () => this.#children.delete(child));
    return child;
  }

  /** Administrative state of an interface (`ip link set ... up|down`). */
  async setLink(interfaceName: string, state: "up" | "down"): Promise<void> {
    await this.ip("link", "set", interfaceName, state);
  }

  /** Its addresses stay. While it is up if the kernel can do that (6.2). */
  async rename(interfaceName: string, newName: string): Promise<void> {
    const words = ["link", "set", interfaceName, "name", newName];
    const { status } = await this.exec(["ip", ...words]);
    if (status === 0) return;
    await this.setLink(interfaceName, "down");
    await this.ip(...words);
    await this.setLink(newName, "up");
  }

  /** Carrier: pulls the plug at the switch, or puts it in again. */

  async setPlugged(interfaceName: string, isPlugged: boolean): Promise<void> {
    const place = this.#ports.get(interfaceName);
    if (place === undefined) return;
    const state = isPlugged ? "up" : "down";
    await must(["ip", "-n", place.segment.switchNamespace, "link", "set", place.port, state]);
  }

  async #links(): Promise<readonly IpLinkEntry[]> {
    return JSON.parse(await this.ip("-j", "address", "show")) as IpLinkEntry[];
  }

  /** Every address with its prefix length, loopback included. */
  async addresses(): Promise<readonly string[]> {
    const entries = (await this.#links()).flatMap((link) => link.addr_info);
    return entries.map((entry) => `${entry.local ?? "?"}/${entry.prefixlen ?? "?"}`);
  }

  /** Whether an address, given without its prefix length, is on any interface. */
  async holds(address: string): Promise<boolean> {
    return (await this.addresses()).some((entry) => entry.startsWith(`${address}/`));
  }

  async hardwareAddress(interfaceName: string): Promise<string> {
    const text = await this.ip("-j", "link", "show", "dev", interfaceName);
    return (JSON.parse(text) as IpLinkEntry[])[0]?.address ?? "";
  }

  /** Ends every program started by `spawn` that still runs. */
  killChildren(): void {
    for (const child of this.#children) killGroup(child, "SIGKILL");
  }
}

/** Sends a signal to a program started by `spawn` and all its children at once. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: it ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
