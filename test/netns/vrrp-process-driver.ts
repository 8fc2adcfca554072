// Drives the real VRRP process as its parent does, on a host of the laboratory: sends it messages
// over IPC and keeps what it says. Also builds configurations for it. Knows nothing of the other
// processes.

import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FromVrrp, InstanceSnapshot, ToVrrp } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  VirtualAddress,
  VrrpConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { defaultInstance, emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import type { Host } from "../lab/host.js";

const entry: string = fileURLToPath(import.meta.resolve("@keepalived-ts/vrrp/main"));
const waitMaxMs = 15_000;

interface Waiter {
  readonly matches: (message: FromVrrp) => boolean;
  readonly resolve: (message: FromVrrp) => void;
}

export class VrrpChild {
  readonly process: ChildProcess;
  readonly messages: FromVrrp[] = [];
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  #waiters: Waiter[] = [];
  #generation = 0;

  /** Starts it on `host`; `wrapper` is a command line to put before node's. */
  constructor(host: Host, wrapper: readonly string[] = []) {
    this.process = host.spawn([...wrapper, process.execPath, entry], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.exited = new Promise((resolve) => {
      this.process.on("exit", (code, signal) => resolve({ code, signal }));
    });
    this.process.on("message", (message) => this.#receive(message as FromVrrp));
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  send(message: ToVrrp): void {
    this.process.send(message);
  }

  /** Sends a configuration, the first or a new one, and waits until it is in force. */
  async configure(config: VrrpConfig, resume: readonly InstanceSnapshot[] = []): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.send({ type: "configure", generation, config, resume, trackers: [] });
    await this.waitFor((message) => message.type === "ready" && message.generation === generation);
  }

  /** The first message, said already or to come, that `matches`. */
  waitFor(matches: (message: FromVrrp) => boolean): Promise<FromVrrp> {
    const said = this.messages.find(matches);
    if (said !== undefined) return Promise.resolve(said);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`No such message, but ${JSON.stringify(this.messages.slice(-20))}`)),
        waitMaxMs,
      );
      this.#waiters.push({
        matches,
        resolve: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
      });
    });
  }

  /** Waits until `instance` says that it is in `state`, from the message numbered `from` on. */
  async waitForState(
    state: InstanceSnapshot["state"],
    instance: string = "VI_1",
    from: number = 0,
  ): Promise<InstanceSnapshot> {
    const earlier = new Set(this.messages.slice(0, from));
    const found = await this.waitFor(
      (message) =>
        !earlier.has(message) &&
        message.type === "instanceState" &&
        message.snapshot.instance === instance &&
        message.snapshot.state === state,
    );
    if (found.type !== "instanceState") throw new Error("not a state report");
    return found.snapshot;
  }

  /** The last snapshot of every instance, as the parent would keep it for a successor. */
  snapshots(): InstanceSnapshot[] {
    const last = new Map<string, InstanceSnapshot>();
    for (const message of this.messages) {
      if (message.type === "instanceState") {
        last.set(message.snapshot.instance, message.snapshot);
      }
    }
    return [...last.values()];
  }

  logTexts(): string[] {
    return this.messages.flatMap((message) =>
      message.type === "log" ? [message.record.text] : [],
    );
  }

  /** Tells it to stop and waits for its end. */
  async stop(): Promise<number | null> {
    this.send({ type: "stop" });
    return (await this.exited).code;
  }

  /** For the end of a test: whatever state it is in, it ends now. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.exited;
  }

  #receive(message: FromVrrp): void {
    this.messages.push(message);
    const ready = this.#waiters.filter(({ matches }) => matches(message));
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const { resolve } of ready) resolve(message);
  }
}

export function instanceConfig(changes: Partial<VrrpInstanceConfig> = {}): VrrpInstanceConfig {
  return {
    ...defaultInstance,
    virtualAddresses: [virtualAddress("192.0.2.100")],
    ownerIgnoreAdverts: true,
    ...changes,
  };
}

export function virtualAddress(
  address: string,
  changes: Partial<VirtualAddress> = {},
): VirtualAddress {
  return { address, prefixLength: 24, device: "eth0", scope: 0, ...changes };
}

export function vrrpConfig(...instances: readonly VrrpInstanceConfig[]): VrrpConfig {
  return { ...emptyVrrpConfig, instances };
}
