// Keeps packets from the addresses of instances that do not accept (RFC 9568 section 6.1,
// Accept_Mode), and the reports of virtual MACs off the wire: keepalived's tables in nftables.
// Knows what is to be in them; when an address comes and goes the core says. Decides nothing about
// VRRP, and holds nothing up: nfnetlink has done what it was asked when the call returns.

import {
  addressChanges,
  type BlockedAddress,
  type LayoutOptions,
  removalChanges,
  type VirtualMacLink,
  virtualMacChanges,
} from "@keepalived-ts/netops/firewall/keepalived-layout";
import {
  neededChanges,
  type TableNeeds,
  type TableOptions,
  withTableOptions,
} from "@keepalived-ts/netops/firewall/layout-options";
import type { FirewallChange, FirewallOutcome } from "@keepalived-ts/netops/firewall/types";
import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type {
  VirtualAddress,
  VrrpFirewallConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { isLinkLocal } from "../core/accept-mode.js";
import { isSame } from "../core/same.js";
import type { VirtualLink } from "../core/virtual-links.js";
import type { FirewallPort, LinkPort, ReportPort } from "./ports.js";

export interface FirewallPorts {
  /** All of it or nothing, done when it returns. */
  changeFirewall(changes: readonly FirewallChange[]): Promise<FirewallOutcome>;
  readonly links: Pick<LinkPort, "link">;
  readonly log: ReportPort["log"];
}

interface Plan {
  readonly needs: TableNeeds;
  readonly layout: Pick<LayoutOptions, "interfacesBy" | "reports">;
  readonly tables: TableOptions;
}

interface Blocked {
  readonly address: BlockedAddress;
  /** The instances that want it so. */
  readonly instances: Set<string>;
}

export class Firewall implements FirewallPort {
  readonly #ports: FirewallPorts;
  readonly #blocked: Map<string, Blocked> = new Map();
  #links: readonly VirtualMacLink[] = [];
  /** What the tables are to be made by; undefined: there are to be none. */
  #plan: Plan | undefined;
  /** The tables are there. */
  #isInPlace = false;
  #complaint = "";

  constructor(ports: FirewallPorts) {
    this.#ports = ports;
  }

  /** Brings the tables in line with a new configuration; what is in them stays. */
  async configure(config: VrrpFirewallConfig, needs: TableNeeds): Promise<void> {
    const plan = planOf(config, needs);
    if (isSame(plan, this.#plan)) return;
    const former = this.#plan;
    this.#plan = plan;
    await this.#build(former);
  }

  /** The links with a virtual MAC, all that are there. */
  useLinks(made: readonly VirtualLink[]): void {
    const former = this.#links;
    const links = made.flatMap((link) => this.#kernelLink(link));
    this.#links = links;
    const gone = former.filter((link) => !links.some((other) => isSame(other, link)));
    const come = links.filter((link) => !former.some((other) => isSame(other, link)));
    this.#change(({ layout }) => [
      ...virtualMacChanges("deleteElements", gone, layout.reports),
      ...virtualMacChanges("addElements", come, layout.reports),
    ]);
  }

  /** Before the address is there. */
  block(instance: string, addresses: readonly VirtualAddress[]): void {
    const added = addresses.flatMap((address) => this.#hold(instance, address));
    this.#change(({ layout }) => addressChanges("addElements", added, layout.interfacesBy));
  }

  /** When the address is to be used again, or is gone. */
  free(instance: string, addresses: readonly VirtualAddress[]): void {
    const freed = addresses.flatMap((address) => this.#release(instance, address));
    this.#change(({ layout }) => addressChanges("deleteElements", freed, layout.interfacesBy));
  }

  /** Takes the tables away. */
  async close(): Promise<void> {
    const former = this.#plan;
    this.#plan = undefined;
    await this.#build(former);
  }

  #kernelLink({ name, base, families, ipvlanMode }: VirtualLink): VirtualMacLink[] {
    if (ipvlanMode !== undefined) return [];
    const index = this.#ports.links.link(name)?.index;
    const parentIndex = this.#ports.links.link(base)?.index;
    if (index === undefined || parentIndex === undefined) return [];
    return [{ index, parentIndex, families: families.map((each) => (each === 4 ? "ip" : "ip6")) }];
  }

  #hold(instance: string, address: VirtualAddress): BlockedAddress[] {
    const key = keyOf(address);
    const known = this.#blocked.get(key);
    known?.instances.add(instance);
    if (known !== undefined) return [];
    const { device } = address;
    const interfaceIndex = this.#ports.links.link(device)?.index;
    const entry = { address: address.address, interfaceIndex, interfaceName: device };
    this.#blocked.set(key, { address: entry, instances: new Set([instance]) });
    return [entry];
  }

  #release(instance: string, address: VirtualAddress): BlockedAddress[] {
    const key = keyOf(address);
    const known = this.#blocked.get(key);
    if (known?.instances.delete(instance) !== true || known.instances.size > 0) return [];
    this.#blocked.delete(key);
    return [known.address];
  }

  /** Makes the tables anew with all that belongs into them, in one transaction. */
  async #build(former: Plan | undefined): Promise<void> {
    const plan = this.#plan;
    const removed = former ?? plan;
    if (removed === undefined) return;
    this.#isInPlace = false;
    const changes = [
      ...withTableOptions(removalChanges(), removed.tables),
      ...(plan === undefined || former === undefined || isSame(plan.tables, former.tables)
        ? []
        : withTableOptions(removalChanges(), plan.tables)),
      ...(plan === undefined ? [] : this.#content(plan)),
    ];
    const outcome = await this.#ask(changes);
    this.#isInPlace = outcome.ok && plan !== undefined;
    if (outcome.ok) return;
    if (outcome.errno === "ENOENT" && plan?.layout.reports === "move") {
      // This kernel cannot send a copy elsewhere: the parent makes reports of its own.
      this.#plan = { ...plan, layout: { ...plan.layout, reports: "drop" } };
      await this.#build(former);
      return;
    }
    this.#complain(outcome.errno);
  }

  #content({ needs, layout, tables }: Plan): readonly FirewallChange[] {
    const blocked = [...this.#blocked.values()].map(({ address }) => address);
    const all = [
      ...neededChanges(needs, layout),
      ...virtualMacChanges("addElements", this.#links, layout.reports),
      ...addressChanges("addElements", blocked, layout.interfacesBy),
    ];
    return withTableOptions(all, tables);
  }

  /** Sent at once. Somebody may have flushed the tables: they are made anew then. */
  #change(changes: (plan: Plan) => readonly FirewallChange[]): void {
    const plan = this.#plan;
    if (plan === undefined || !this.#isInPlace) return;
    const wanted = withTableOptions(changes(plan), plan.tables);
    if (wanted.length === 0) return;
    void this.#ask(wanted).then((outcome) => {
      if (!outcome.ok && this.#plan === plan) return this.#build(plan);
      return undefined;
    });
  }

  async #ask(changes: readonly FirewallChange[]): Promise<FirewallOutcome> {
    try {
      return await this.#ports.changeFirewall(changes);
    } catch (thrown) {
      const errno = thrown instanceof KeepalivedError ? thrown.code : errorText(thrown);
      return { ok: false, errno, refusals: [] };
    }
  }

  #complain(errno: string): void {
    const reason = advice[errno] === undefined ? errno : `${errno}, ${advice[errno]}`;
    if (reason === this.#complaint) return;
    this.#complaint = reason;
    const what = "packets to the addresses of instances with no_accept are not kept out";
    const text = `Cannot make the nftables table of keepalived: ${reason}; ${what}`;
    this.#ports.log({ level: "error", text });
  }
}

const advice: Readonly<Record<string, string | undefined>> = {
  EOPNOTSUPP: "this kernel has no nftables",
  EINVAL: "this kernel has no nftables, or lacks a part of it",
  EPERM: "needs CAP_NET_ADMIN",
};

function planOf(config: VrrpFirewallConfig, needs: TableNeeds): Plan | undefined {
  const { table, priority, usesInterfaceIndex, hasCounters } = config;
  const isNeeded = Object.values(needs).some((each) => each.hasAddresses || each.hasVirtualMacs);
  if (!isNeeded) return undefined;
  return {
    needs,
    layout: { interfacesBy: usesInterfaceIndex ? "index" : "name", reports: "move" },
    tables: { table, priority, hasCounters },
  };
}

/** IPv6 link-local addresses count with their interface. */
function keyOf({ address, device }: VirtualAddress): string {
  return isLinkLocal(address) ? `${address} ${device}` : address;
}
