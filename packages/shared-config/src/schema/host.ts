// What the schema asks about the machine that the configuration is for. A port: the daemon answers
// from the kernel and the disk, tests and editors from memory. A question without a function is not
// asked, and nothing is then complained about.

/** The tables of names that iproute2 keeps, by file name (ip-route(8), ip-rule(8)). */
export type NameTable =
  | "rt_tables"
  | "rt_scopes"
  | "rt_protos"
  | "rt_dsfield"
  | "rt_realms"
  | "group";

export interface UserFacts {
  readonly uid: number;
  readonly gid: number;
}

/** What a look at a script's path finds. */
export type ScriptFacts =
  | {
      readonly found: true;
      readonly isExecutable: boolean;
      /** The path component that others than root can write, with links followed. */
      readonly insecurePart?: string | undefined;
    }
  | { readonly found: false; readonly detail: string };

export interface HostFacts {
  readonly linkExists?: ((name: string) => boolean) | undefined;
  /** The addresses of an interface, canonical; empty for one that is not there. */
  readonly linkAddresses?: ((name: string) => readonly string[]) | undefined;
  /** Whether the interface is a macvlan or ipvlan. */
  readonly isVmac?: ((name: string) => boolean) | undefined;
  readonly user?: ((name: string) => UserFacts | undefined) | undefined;
  /** The number of a group. */
  readonly group?: ((name: string) => number | undefined) | undefined;
  /** Numbers by name; `directories` come before the host's own places. */
  readonly names?:
    | ((table: NameTable, directories: readonly string[]) => ReadonlyMap<string, number>)
    | undefined;
  /** `path` is absolute, or a name for the PATH. */
  readonly script?: ((path: string) => ScriptFacts) | undefined;
}
