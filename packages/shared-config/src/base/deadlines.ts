// A table of named absolute deadlines with the earliest one at hand: a binary heap with
// positions, so that setting, moving and clearing one among thousands costs O(log n) and
// allocates nothing. Knows no clock: instants are numbers (microseconds of CLOCK_MONOTONIC
// everywhere in this project).

import { assert } from "./assert.js";

interface Entry<K> {
  readonly key: K;
  at: number;
  position: number;
  /** Ties are served in the order in which they were set, so that a run is repeatable. */
  order: number;
}

export class Deadlines<K> {
  readonly #heap: Entry<K>[] = [];
  readonly #byKey: Map<K, Entry<K>> = new Map();
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Sets or moves the deadline of `key` to the instant `at`. */
  set(key: K, at: number): void {
    assert(Number.isFinite(at), "a deadline must be a finite instant");
    let entry = this.#byKey.get(key);
    if (entry === undefined) {
      entry = { key, at, position: this.#heap.length, order: this.#order++ };
      this.#byKey.set(key, entry);
      this.#heap.push(entry);
    } else {
      entry.at = at;
      entry.order = this.#order++;
    }
    this.#settle(entry);
  }

  clear(key: K): void {
    const entry = this.#byKey.get(key);
    if (entry === undefined) return;
    this.#byKey.delete(key);
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    last.position = entry.position;
    this.#heap[last.position] = last;
    this.#settle(last);
  }

  /** The instant set for `key`, or undefined. */
  at(key: K): number | undefined {
    return this.#byKey.get(key)?.at;
  }

  /** The earliest instant, or undefined when nothing is set. */
  next(): number | undefined {
    return this.#heap[0]?.at;
  }

  /** The key of the earliest instant, or undefined when nothing is set. */
  nextKey(): K | undefined {
    return this.#heap[0]?.key;
  }

  /** Takes out and returns the earliest key that is due at `now`, or undefined. */
  takeDue(now: number): K | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.clear(first.key);
    return first.key;
  }

  #settle(entry: Entry<K>): void {
    this.#siftUp(entry);
    this.#siftDown(entry);
  }

  #siftUp(entry: Entry<K>): void {
    while (entry.position > 0) {
      const parent = this.#heap[(entry.position - 1) >> 1];
      if (parent === undefined || !isBefore(entry, parent)) return;
      this.#swap(entry, parent);
    }
  }

  #siftDown(entry: Entry<K>): void {
    for (;;) {
      const left = this.#heap[2 * entry.position + 1];
      const right = this.#heap[2 * entry.position + 2];
      const child = left && right && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, entry)) return;
      this.#swap(child, entry);
    }
  }

  #swap(a: Entry<K>, b: Entry<K>): void {
    const position = a.position;
    a.position = b.position;
    b.position = position;
    this.#heap[a.position] = a;
    this.#heap[b.position] = b;
  }
}

function isBefore<K>(a: Entry<K>, b: Entry<K>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
