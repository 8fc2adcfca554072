// A rehearsal reaches everything that a takeover does, asks the kernel only for what it must
// refuse, and ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { OutgoingDatagram } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { FakeKernel } from "./fixtures.js";
import type { AddressOrder } from "./ports.js";
import { Rehearsal } from "./rehearsal.js";
import type { StagePorts } from "./rehearsal-stage.js";

const impossible = 0x7fffffff;

class Audience {
  readonly indexes: Set<number> = new Set();
  readonly frameIndexes: Set<number> = new Set();
  requests = 0;
  readonly ports: StagePorts = {
    now: () => 0,
    defer: (task) => void setImmediate(task),
    later: (_delayMs, task) => void setImmediate(task),
    arp: {
      send: (frames) => {
        for (const frame of frames) this.frameIndexes.add(interfaceIndex(frame));
        return { sent: 0, error: "ENXIO" };
      },
    },
    routing: new FakeKernel().ports.routing,
    addresses: {
      prepare: () => undefined,
      isOwnPort: () => false,
      add: (orders) => this.#refuse(orders),
      remove: (orders) => this.#refuse(orders),
    },
  };

  async #refuse(orders: readonly AddressOrder[]): Promise<readonly string[]> {
    for (const order of orders) this.indexes.add(order.interfaceIndex);
    this.requests += orders.length;
    return orders.map(() => "ENODEV");
  }
}

/** sll_ifindex of struct sockaddr_ll. */
function interfaceIndex({ address = new Uint8Array(20) }: OutgoingDatagram): number {
  return new DataView(address.buffer, address.byteOffset).getInt32(4, true);
}

test("Rehearsal.play() asks the kernel only for what cannot exist", async () => {
  const audience = new Audience();
  await new Rehearsal(audience.ports).play();
  assert.deepEqual([...audience.indexes], [impossible]);
  assert.deepEqual([...audience.frameIndexes], [impossible]);
  assert(audience.requests > 1000);
});

test("Rehearsal.warmUp() plays a small round once the rehearsal is through", async () => {
  const audience = new Audience();
  const rehearsal = new Rehearsal(audience.ports);
  await rehearsal.warmUp();
  assert.equal(audience.requests, 0);
  await rehearsal.play();
  const before = audience.requests;
  await rehearsal.warmUp();
  assert.equal(audience.requests - before, 20);
});
