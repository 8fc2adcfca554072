// The memory that every socket receives into, and the datagrams that handlers see: views into it,
// reused from batch to batch, so that the steady state allocates nothing. One slab serves all
// sockets, since handlers run one after the other and keep nothing. The layout is receiveBatch()'s
// (socket.cc).

import { type Descriptor, native } from "../native.js";

export interface ReceivedDatagram {
  /** A view, valid only during the handler's call. */
  readonly data: Uint8Array;
  /** The encoded sockaddr, empty when there is none; same validity. */
  readonly source: Uint8Array;
  /** 4 or 16 bytes from IP_PKTINFO or IPV6_PKTINFO; same validity. */
  readonly destination: Uint8Array | null;
  /** From the same, or from sockaddr_ll; 0 = unknown. */
  readonly interfaceIndex: number;
  /** From IP_RECVTTL or IPV6_RECVHOPLIMIT; -1 = unknown. */
  readonly ttl: number;
  readonly isTruncated: boolean;
  /**
   * From SO_TIMESTAMPNS: how long ago the kernel took it in; 0 = unknown. Negative or huge when the
   * wall clock was set meanwhile.
   */
  readonly ageUs: number;
}

const slotCount = 64;
/**
 * The largest part of a netlink dump; beyond an advert (4,088 bytes at most) and a jumbo frame.
 * What is longer arrives truncated. Pages that no datagram reaches cost no memory.
 */
const dataBytes = 32_768;
const addressBytes = 128;
const slotBytes: number = dataBytes + addressBytes + 16;
const recordFields = 7;

const slab: Uint8Array = new Uint8Array(slotCount * slotBytes);
const records: Int32Array = new Int32Array(slotCount * recordFields);
const none: Uint8Array = new Uint8Array(0);

class Slot implements ReceivedDatagram {
  readonly #slot: number;
  readonly #record: number;
  #destination: Uint8Array = none;
  data: Uint8Array = none;
  source: Uint8Array = none;
  destination: Uint8Array | null = null;
  interfaceIndex = 0;
  ttl = -1;
  isTruncated = false;
  ageUs = 0;

  constructor(index: number) {
    this.#slot = index * slotBytes;
    this.#record = index * recordFields;
  }

  /** Takes over the slot's record. A view is made anew only where its length differs. */
  update(): void {
    const at = this.#record;
    this.data = view(this.data, this.#slot, records[at]);
    this.source = view(this.source, this.#slot + dataBytes, records[at + 1]);
    const destination = this.#slot + dataBytes + addressBytes;
    this.#destination = view(this.#destination, destination, records[at + 2]);
    this.destination = this.#destination.length === 0 ? null : this.#destination;
    this.interfaceIndex = records[at + 3] ?? 0;
    this.ttl = records[at + 4] ?? -1;
    this.isTruncated = records[at + 5] !== 0;
    this.ageUs = records[at + 6] ?? 0;
  }
}

function view(former: Uint8Array, offset: number, length = 0): Uint8Array {
  if (former.length === length) return former;
  return length === 0 ? none : slab.subarray(offset, offset + length);
}

const slots: readonly Slot[] = Array.from({ length: slotCount }, (_, index) => new Slot(index));
const batch: Slot[] = [];

/** The next batch, at least one datagram, or a negative errno (-EAGAIN: there is none). */
export function receiveBatch(socket: Descriptor): readonly ReceivedDatagram[] | number {
  const count = native.receiveBatch(socket, slab, records, slotBytes);
  if (count < 0) return count;
  batch.length = 0;
  for (let i = 0; i < count; i++) {
    const slot = slots[i];
    if (slot === undefined) break;
    slot.update();
    batch.push(slot);
  }
  return batch;
}
