// The kernel behind the ports: opens what every instance needs, and says what is missing when the
// process can do no VRRP at all. The only file that binds the ports to netops.

import { NftablesClient } from "@keepalived-ts/netops/firewall/nftables-client";
import { LinkSocket } from "@keepalived-ts/netops/netlink/link-socket";
import type { RouteMonitorHandlers } from "@keepalived-ts/netops/netlink/route-monitor";
import {
  type AddressRequest,
  encodeAddition,
  RouteSocket,
} from "@keepalived-ts/netops/netlink/route-socket";
import { MonotonicTimer, monotonicUs } from "@keepalived-ts/netops/timer";
import type { ProcessConfig, VirtualAddress } from "@keepalived-ts/shared-config/schema/config";
import { type AdvertSocketHandlers, AdvertSockets } from "./advert-socket.js";
import { ArpSocket } from "./arp-socket.js";
import { KernelRouting } from "./kernel-routing.js";
import type { LinkTable } from "./link-table.js";
import type { AddressOrder, AddressPort, Ports, ReportPort } from "./ports.js";

type OtherwisePorts = "adverts" | "addresses" | "routing" | "firewall" | "warmUp" | "late";
export type KernelPorts = Omit<Ports, OtherwisePorts> & {
  readonly adverts: AdvertSockets;
  /** Counts the kernel's answers, so that one that is slow can be told from one that is silent. */
  readonly addresses: AddressPort & { readonly answers: number };
  readonly routing: KernelRouting;
  readonly changeLinks: LinkSocket["apply"];
  readonly changeFirewall: NftablesClient["apply"];
};
export type { RouteMonitorHandlers };

/** Clock and deferral, which need no privilege. */
export const time: Pick<Ports, "now" | "defer" | "later"> = {
  now: monotonicUs,
  defer: (task) => {
    setImmediate(task);
  },
  later: (delayMs, task) => {
    setTimeout(task, delayMs);
  },
};

/** Throws KeepalivedError, code = errno name, when packets or addresses are out of reach. */
export function openKernel(
  links: LinkTable,
  parent: ReportPort,
  handlers: AdvertSocketHandlers,
  buffer: ProcessConfig["requestBuffer"],
): KernelPorts {
  AdvertSockets.probe();
  const routes = RouteSocket.open({ buffer });
  const linkSocket = LinkSocket.open({ buffer });
  return {
    ...time,
    createTimer: (expired) => new MonotonicTimer(expired),
    adverts: new AdvertSockets(handlers, parent),
    arp: new ArpSocket(),
    changeFirewall: lazyFirewall(),
    addresses: new KernelAddresses(routes),
    routing: new KernelRouting(routes, links),
    changeLinks: (changes) => linkSocket.apply(changes),
    links,
    parent,
  };
}

/** Who needs no firewall does not have the kernel load one. */
function lazyFirewall(): NftablesClient["apply"] {
  let client: NftablesClient | undefined;
  return async (changes) => {
    client ??= NftablesClient.open();
    return await client.apply(changes);
  };
}

class KernelAddresses implements AddressPort {
  readonly #routes: RouteSocket;
  readonly #countAnswer = (): void => {
    this.answers += 1;
  };
  answers = 0;

  constructor(routes: RouteSocket) {
    this.#routes = routes;
  }

  prepare(order: AddressOrder): void {
    encoded(order);
  }

  add(orders: readonly AddressOrder[]): Promise<readonly (string | null)[]> {
    return this.#routes.addEncoded(orders.map(encoded), this.#countAnswer);
  }

  remove(orders: readonly AddressOrder[]): Promise<readonly (string | null)[]> {
    return this.#routes.deleteAddresses(orders.map(request), this.#countAnswer);
  }

  isOwnPort(port: number): boolean {
    return port !== 0 && port === this.#routes.port;
  }
}

function encoded(order: AddressOrder): Uint8Array {
  order.encoded ??= encodeAddition(request(order));
  return order.encoded;
}

function request({ address, interfaceIndex, protocol }: AddressOrder): AddressRequest {
  return { ...attributes(address), interfaceIndex, protocol };
}

function attributes(address: VirtualAddress): Omit<AddressRequest, "interfaceIndex"> {
  const { device: _device, noTrack: _noTrack, useVmac: _useVmac, ...rest } = address;
  return rest;
}
