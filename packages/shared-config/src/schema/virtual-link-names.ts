// The names of the interfaces that instances make for themselves: each belongs to one instance.
// Follows create_vmac_name of keepalived's vrrp/vrrp.c; which instances want one, others say.

/** IFNAMSIZ less the final NUL (linux/if.h). */
const nameBytesMax = 15;

export class VirtualLinkNames {
  readonly #owners: Map<string, string> = new Map();
  /** What to try next, so that thousands of one kind are named in linear time. */
  readonly #nextNumbers: Map<string, number> = new Map();

  /** The instance that has `name`. */
  owner(name: string): string | undefined {
    return this.#owners.get(name);
  }

  take(name: string, owner: string): void {
    this.#owners.set(name, owner);
  }

  /** "vrrp.51"; where that is taken "vrrp6.51" for IPv6, then "vrrp1.51" and so on. */
  takeFree(prefix: string, family: 4 | 6, virtualRouterId: number, owner: string): string {
    const name = this.#free(prefix, family, virtualRouterId);
    this.take(name, owner);
    return name;
  }

  #free(prefix: string, family: 4 | 6, virtualRouterId: number): string {
    const plain = nameOf(prefix, "", virtualRouterId);
    if (!this.#owners.has(plain)) return plain;
    const sixth = nameOf(prefix, "6", virtualRouterId);
    if (family === 6 && !this.#owners.has(sixth)) return sixth;
    let number = this.#nextNumbers.get(plain) ?? 1;
    let name = nameOf(prefix, String(number), virtualRouterId);
    while (this.#owners.has(name)) name = nameOf(prefix, String(++number), virtualRouterId);
    this.#nextNumbers.set(plain, number + 1);
    return name;
  }
}

/** The prefix gives way where the name would be too long. */
function nameOf(prefix: string, number: string, virtualRouterId: number): string {
  const end = `${number}.${virtualRouterId}`;
  let start = prefix.slice(0, nameBytesMax - end.length);
  while (Buffer.byteLength(start) + end.length > nameBytesMax) start = start.slice(0, -1);
  return `${start}${end}`;
}
