// Routes, or rules, in the kernel: which are wanted and by whom, which are still to be asked for.
// Orders only change what is wanted; steps are taken one slice at a time by routing-queue.ts, so
// that the last order wins. Two that ask for the very same object share it: it stays until both
// have given it up. Knows neither sockets nor promises.

import type { Loss } from "./losses.js";

export interface RoutingEntry<T> {
  readonly key: string;
  readonly object: T;
  /** Names of those who want it. */
  readonly owners: Set<string>;
  /** The kernel has confirmed it since it was last asked for. */
  isConfirmed: boolean;
  /** False only when the kernel is known not to have it. */
  mayBePresent: boolean;
  /** What the kernel's word of it can be known by; undefined until it is asked for. */
  kernelKey: string | undefined;
  /** It was said to be gone and is asked for again; "silent": by the kernel itself. */
  loss: Loss | "silent" | undefined;
}

export type RoutingStep = "add" | "remove";

/** What the kernel may answer without anything being wrong. */
const harmless: Readonly<Record<RoutingStep, readonly string[]>> = {
  add: ["EEXIST"],
  remove: [
    // With its interface, or the last address there, the kernel has taken it away itself.
    ...["ESRCH", "ENOENT", "ENODEV", "ENETUNREACH", "EADDRNOTAVAIL"],
    // What it cannot have it has not.
    ...["EINVAL", "EOPNOTSUPP", "EAFNOSUPPORT"],
  ],
};

/** After these nobody knows whether the kernel has done what it was asked. */
const unknownOutcomes: readonly string[] = ["ETIMEDOUT", "ENOBUFS", "EIO", "ECANCELED"];

export class RoutingWork<T extends object> {
  readonly #keyOf: (object: T) => string;
  readonly #kernelKeyOf: (object: T) => string | undefined;
  /** Several may have one key: the same destination by several ways. */
  readonly #byKernelKey: Map<string, Set<RoutingEntry<T>>> = new Map();
  /** All that is wanted, or may still be in the kernel. */
  readonly #entries: Map<string, RoutingEntry<T>> = new Map();
  /** By identity: the core names an object by the same value until a reload. */
  readonly #keys: WeakMap<T, { readonly key: string; kernelKey: string | undefined }> =
    new WeakMap();
  readonly #adding: Set<RoutingEntry<T>> = new Set();
  readonly #removing: Set<RoutingEntry<T>> = new Set();

  /**
   * `keyOf` gives equal texts for what the kernel takes for one and the same, `kernelKeyOf` what it
   * is known by in the kernel's own words, undefined while something that it names is missing.
   */
  constructor(keyOf: (object: T) => string, kernelKeyOf: (object: T) => string | undefined) {
    this.#keyOf = keyOf;
    this.#kernelKeyOf = kernelKeyOf;
  }

  /** Finds out beforehand what `object` is known by: it may be wanted some day. */
  prepare(object: T): void {
    this.#keysOf(object).kernelKey = this.#kernelKeyOf(object);
  }

  /** All are asked of the kernel anew, since others may have removed them. */
  want(owner: string, objects: readonly T[]): void {
    for (const object of objects) {
      const entry = this.#entry(object);
      entry.owners.add(owner);
      entry.loss = undefined;
      this.#removing.delete(entry);
      this.#adding.add(entry);
    }
  }

  /** The kernel is asked even for what was never wanted: a predecessor may have left it. */
  unwant(owner: string, objects: readonly T[]): void {
    for (const object of objects) {
      const entry = this.#entry(object);
      entry.owners.delete(owner);
      if (entry.owners.size > 0) continue;
      this.#adding.delete(entry);
      if (entry.mayBePresent) this.#removing.add(entry);
      else this.#forget(entry);
    }
  }

  /** Something in the network has changed: asks again for what the kernel has refused. */
  retry(): boolean {
    for (const entry of this.#entries.values()) {
      if (entry.owners.size > 0 && !entry.isConfirmed) this.#adding.add(entry);
    }
    return this.#adding.size > 0;
  }

  /** What the kernel is to have and may know by this key. */
  held(kernelKey: string): readonly RoutingEntry<T>[] {
    return [...(this.#byKernelKey.get(kernelKey) ?? [])].filter(isHeld);
  }

  /** What the kernel is to have and has no word of among these keys. */
  missing(kernelKeys: ReadonlySet<string>): readonly RoutingEntry<T>[] {
    return [...this.#entries.values()].filter(
      (entry) => isHeld(entry) && !kernelKeys.has(entry.kernelKey ?? ""),
    );
  }

  /** It is said to be gone: asks for it again if it is still to be there. */
  askAgain(entry: RoutingEntry<T>, loss: Loss | "silent"): boolean {
    if (!isHeld(entry)) return false;
    entry.loss = loss;
    this.#adding.add(entry);
    return true;
  }

  /** The next requests of one kind: removals from the last one on. */
  take(step: RoutingStep, count: number): readonly RoutingEntry<T>[] {
    const waiting = step === "add" ? this.#adding : this.#removing;
    if (waiting.size === 0) return [];
    const all = [...waiting];
    const taken = step === "add" ? all.slice(0, count) : all.slice(-count).reverse();
    for (const entry of taken) {
      waiting.delete(entry);
      entry.isConfirmed = false;
      if (step === "add") this.#expect(entry);
    }
    return taken;
  }

  /** Notes what the kernel said to one request; true if nothing is wrong. */
  settle(step: RoutingStep, entry: RoutingEntry<T>, errno: string | null): boolean {
    const isDone = errno === null || harmless[step].includes(errno);
    if (step === "add") {
      entry.isConfirmed = isDone;
      entry.mayBePresent = isDone || unknownOutcomes.includes(errno);
    } else if (isDone) entry.mayBePresent = false;
    // An order that came meanwhile has put it in line already, unless there is nothing to do.
    if (entry.owners.size > 0) return isDone;
    if (!entry.mayBePresent || step === "remove") this.#forget(entry);
    return isDone;
  }

  #entry(object: T): RoutingEntry<T> {
    const { key } = this.#keysOf(object);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = {
        ...{ key, object, owners: new Set(), isConfirmed: false, mayBePresent: true },
        ...{ kernelKey: undefined, loss: undefined },
      };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #keysOf(object: T): { readonly key: string; kernelKey: string | undefined } {
    let keys = this.#keys.get(object);
    if (keys === undefined) {
      keys = { key: this.#keyOf(object), kernelKey: undefined };
      this.#keys.set(object, keys);
    }
    return keys;
  }

  #expect(entry: RoutingEntry<T>): void {
    entry.mayBePresent = true;
    const keys = this.#keysOf(entry.object);
    keys.kernelKey ??= this.#kernelKeyOf(entry.object);
    const key = keys.kernelKey;
    if (key === entry.kernelKey) return;
    this.#forgetKey(entry);
    entry.kernelKey = key;
    if (key === undefined) return;
    const others = this.#byKernelKey.get(key);
    if (others === undefined) this.#byKernelKey.set(key, new Set([entry]));
    else others.add(entry);
  }

  #forget(entry: RoutingEntry<T>): void {
    this.#removing.delete(entry);
    this.#entries.delete(entry.key);
    this.#forgetKey(entry);
  }

  #forgetKey(entry: RoutingEntry<T>): void {
    const { kernelKey } = entry;
    if (kernelKey === undefined) return;
    const others = this.#byKernelKey.get(kernelKey);
    others?.delete(entry);
    if (others?.size === 0) this.#byKernelKey.delete(kernelKey);
  }
}

function isHeld<T>({ owners, isConfirmed }: RoutingEntry<T>): boolean {
  return owners.size > 0 && isConfirmed;
}
