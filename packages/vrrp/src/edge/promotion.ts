// promote_secondaries: has the kernel keep the other addresses of a subnet when its first one goes,
// on the interfaces of the instances that ask for it, and puts back at the end what was set before.
// Decides no addresses.

import type { LinkSocket } from "@keepalived-ts/netops/netlink/link-socket";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import type { LinkPort, ReportPort } from "./ports.js";

const on = 1;

export type PromotionSocket = Pick<LinkSocket, "apply" | "configuration">;

export class Promotion {
  readonly #socket: PromotionSocket;
  readonly #links: Pick<LinkPort, "link">;
  readonly #log: ReportPort["log"];
  #wanted: ReadonlySet<string> = new Set();
  /** By interface index, where it was not set before. */
  readonly #changed: Map<number, { readonly name: string; readonly former: number }> = new Map();

  constructor(socket: PromotionSocket, links: Pick<LinkPort, "link">, log: ReportPort["log"]) {
    this.#socket = socket;
    this.#links = links;
    this.#log = log;
  }

  /** From now on it is about the interfaces of these instances. */
  async configure(instances: readonly VrrpInstanceConfig[]): Promise<void> {
    const promoting = instances.filter(({ promoteSecondaries }) => promoteSecondaries);
    this.#wanted = new Set(promoting.map((instance) => instance.interface));
    for (const [index, { name, former }] of this.#changed) {
      if (!this.#wanted.has(name)) await this.#putBack(index, name, former);
    }
    for (const name of this.#wanted) await this.appeared(name);
  }

  /** An interface of that name is there. */
  async appeared(name: string): Promise<void> {
    const index = this.#links.link(name)?.index;
    if (index === undefined || !this.#wanted.has(name) || this.#changed.has(index)) return;
    const found = await this.#socket.configuration({ index });
    const former = found.ok ? (found.value.ipv4.promote_secondaries ?? 0) : 0;
    if (former === on) return;
    const errno = await this.#set(index, on);
    if (errno === null) this.#changed.set(index, { name, former });
    else this.#tell(name, errno);
  }

  /** The end: everything is as it was. */
  async restore(): Promise<void> {
    await this.configure([]);
  }

  async #putBack(index: number, name: string, former: number): Promise<void> {
    this.#changed.delete(index);
    const errno = await this.#set(index, former);
    if (errno !== null && errno !== "ENODEV") this.#tell(name, errno);
  }

  async #set(index: number, value: number): Promise<string | null> {
    const settings = { promote_secondaries: value };
    const [errno = null] = await this.#socket.apply([
      { type: "setIpv4", target: { index }, settings },
    ]);
    return errno;
  }

  #tell(name: string, errno: string): void {
    const text = `Cannot set promote_secondaries of ${name}: ${errno}, needs CAP_NET_ADMIN`;
    this.#log({ level: "warn", text });
  }
}
