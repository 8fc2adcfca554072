// All addresses of this host, and again after each change. Several changes in one turn of the event
// loop are told once. A watch that cannot begin or breaks off is told and tried again.

import {
  type InterfaceAddress,
  RouteMonitor,
  type RouteMonitorHandlers,
} from "@keepalived-ts/netops/netlink/route-monitor";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type { ProcessConfig } from "@keepalived-ts/shared-config/schema/config";

const retryMs = 5_000;

export interface AddressWatchHandlers {
  changed(addresses: readonly string[]): void;
  failed(reason: string): void;
}

type ReceiveBuffers = Pick<ProcessConfig, "requestBuffer" | "monitorBuffer">;

export class AddressWatch {
  readonly #handlers: AddressWatchHandlers;
  readonly #buffers: ReceiveBuffers;
  /** By address and interface, since two interfaces can have the same address. */
  readonly #addresses: Map<string, string> = new Map();
  #isToldSoon = false;

  constructor(handlers: AddressWatchHandlers, buffers: ReceiveBuffers) {
    this.#handlers = handlers;
    this.#buffers = buffers;
  }

  watch(): void {
    this.#open().catch((thrown: unknown) => this.#handleFailure(errorText(thrown)));
  }

  async #open(): Promise<void> {
    const { requestBuffer, monitorBuffer } = this.#buffers;
    const handlers: RouteMonitorHandlers = {
      linkChanged: () => undefined,
      linkRemoved: () => undefined,
      addressAdded: (address) => this.#change((all) => all.set(keyOf(address), address.address)),
      addressRemoved: (address) => this.#change((all) => all.delete(keyOf(address))),
      resynchronised: (_links, all) => this.#replace(all),
      failed: (error) => this.#handleFailure(error.message),
    };
    const { addresses } = await RouteMonitor.open(handlers, { requestBuffer, ...monitorBuffer });
    this.#replace(addresses);
  }

  #replace(addresses: readonly InterfaceAddress[]): void {
    this.#change((all) => {
      all.clear();
      for (const address of addresses) all.set(keyOf(address), address.address);
    });
  }

  #change(change: (addresses: Map<string, string>) => void): void {
    change(this.#addresses);
    if (this.#isToldSoon) return;
    this.#isToldSoon = true;
    setImmediate(() => {
      this.#isToldSoon = false;
      this.#handlers.changed([...new Set(this.#addresses.values())]);
    });
  }

  #handleFailure(reason: string): void {
    this.#handlers.failed(reason);
    setTimeout(() => this.watch(), retryMs).unref();
  }
}

function keyOf({ address, interfaceIndex, prefixLength }: InterfaceAddress): string {
  return `${address}/${prefixLength} ${interfaceIndex}`;
}
