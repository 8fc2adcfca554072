// What the client has seen of each address: who serves it, and for how long it was away. Pure; fed
// with the client's reports in the order in which they came.

import type { ClientReport } from "./client.js";

export type ServiceEvent =
  | { readonly kind: "reached"; readonly address: string; readonly server: string }
  | { readonly kind: "lost"; readonly address: string; readonly server: string }
  | {
      readonly kind: "returned";
      readonly address: string;
      readonly server: string;
      readonly outageMs: number;
    }
  | {
      readonly kind: "moved";
      readonly address: string;
      readonly from: string;
      readonly server: string;
      /** From the last answer of the one to the first of the other. */
      readonly outageMs: number;
    };

interface Service {
  readonly server: string;
  readonly lastAnswerAtMs: number;
  readonly isLost: boolean;
}

export class ServiceWatch {
  readonly #services = new Map<string, Service>();

  /** Takes a report and tells what it changes, if anything. */
  take(report: ClientReport): ServiceEvent | null {
    const { address, server, atMs, askedAtMs } = report;
    const before = this.#services.get(address);
    if (server === null) {
      if (before === undefined || before.isLost) return null;
      // A question put before the last answer says nothing about the time after it.
      if (askedAtMs <= before.lastAnswerAtMs) return null;
      this.#services.set(address, { ...before, isLost: true });
      return { kind: "lost", address, server: before.server };
    }
    this.#services.set(address, { server, lastAnswerAtMs: atMs, isLost: false });
    if (before === undefined) return { kind: "reached", address, server };
    const outageMs = atMs - before.lastAnswerAtMs;
    if (before.server === server) {
      return before.isLost ? { kind: "returned", address, server, outageMs } : null;
    }
    return { kind: "moved", address, from: before.server, server, outageMs };
  }

  serverOf(address: string): string | null {
    const service = this.#services.get(address);
    return service === undefined || service.isLost ? null : service.server;
  }
}
