// Records when addresses come and go on a host, in the order the kernel reports them (`ip
// monitor`), and tells from several records who held an address when.

import type { ChildProcess } from "node:child_process";
import type { Host } from "./host.js";
import { sleep, waitFor } from "./wait.js";

/** A change of one address. */
export interface AddressChange {
  /** CLOCK_REALTIME, microseconds, when `ip monitor` printed it. */
  readonly atUs: number;
  readonly host: string;
  readonly interface: string;
  /** Without prefix length. */
  readonly address: string;
  readonly isPresent: boolean;
}

const LINE = /^\[([^\]]+)\] (Deleted )?\d+: ([^\s@]+)\S*\s+inet6? ([0-9a-f.:]+)/;

/** Reads what `ip -ts -o monitor address` has printed. */
export function parseAddressChanges(host: string, text: string): readonly AddressChange[] {
  return text
    .split("\n")
    .map((line) => parseLine(host, line))
    .filter((change) => change !== null);
}

function parseLine(host: string, line: string): AddressChange | null {
  const match = LINE.exec(line);
  const [, stamp, deleted, interfaceName, address] = match ?? [];
  if (stamp === undefined || interfaceName === undefined || address === undefined) return null;
  const [whole, fraction] = stamp.split(".");
  const atUs = Date.parse(`${whole}Z`) * 1000 + Number(fraction);
  return { atUs, host, interface: interfaceName, address, isPresent: deleted === undefined };
}

/** A change that the watch itself made, to see whether it hears. */
function isOwn(change: AddressChange): boolean {
  return change.address.startsWith("127.8.");
}

export class AddressWatch {
  readonly host: Host;
  readonly #child: ChildProcess;
  readonly #changes: AddressChange[] = [];
  readonly #listeners: ((change: AddressChange) => void)[] = [];
  #rest = "";

  private constructor(host: Host) {
    this.host = host;
    this.#child = host.spawn(["ip", "-ts", "-o", "monitor", "address"], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { TZ: "UTC" },
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#read(text));
  }

  /** Starts watching; nothing that happens after this returns is missed. */
  static async start(host: Host): Promise<AddressWatch> {
    const watch = new AddressWatch(host);
    // `ip monitor` does not tell when it listens: make changes on the loopback until it reports
    // one.
    for (let round = 1; watch.#changes.length === 0; round += 1) {
      await host.ip("address", "replace", `127.8.${round >> 8}.${round & 255}/32`, "dev", "lo");
      await sleep(2);
    }
    await host.ip("address", "flush", "dev", "lo", "to", "127.8.0.0/16");
    return watch;
  }

  #read(text: string): void {
    const lines = `${this.#rest}${text}`.split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const change = parseLine(this.host.name, line);
      if (change === null) continue;
      this.#changes.push(change);
      if (isOwn(change)) continue;
      for (const listener of this.#listeners) listener(change);
    }
  }

  /** Tells of every change from now on. */
  onChange(listener: (change: AddressChange) => void): void {
    this.#listeners.push(listener);
  }

  /** Changes so far, the laboratory's own on the loopback left out. */
  changes(): readonly AddressChange[] {
    return this.#changes.filter((change) => !isOwn(change));
  }

  /** Waits until an address is there, or gone, by what was reported. */
  async waitFor(address: string, isPresent: boolean, limitMs?: number): Promise<AddressChange> {
    const what = `${address} ${isPresent ? "on" : "off"} ${this.host.name}`;
    return await waitFor(
      what,
      () => {
        const last = this.changes().findLast((change) => change.address === address);
        return last?.isPresent === isPresent ? last : null;
      },
      limitMs,
    );
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}

/** A span in which a number of hosts other than one held the address. */
export interface HolderSpan {
  readonly fromUs: number;
  readonly toUs: number;
  readonly holders: readonly string[];
}

/** Who held the address from the first report to `endUs`. */
export function holderSpans(
  changes: readonly AddressChange[],
  address: string,
  endUs: number,
): readonly HolderSpan[] {
  const relevant = changes.filter((change) => change.address === address);
  const ordered = relevant.toSorted((left, right) => left.atUs - right.atUs);
  const holders = new Set<string>();
  return ordered.map((change, index) => {
    if (change.isPresent) holders.add(change.host);
    else holders.delete(change.host);
    const toUs = ordered[index + 1]?.atUs ?? endUs;
    return { fromUs: change.atUs, toUs, holders: [...holders] };
  });
}
