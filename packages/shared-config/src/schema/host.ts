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
      /** The file to run: absolute, links resolved unless they are to be kept. */
      readonly path: string;
      /** By the user who is to run it. */
      readonly isExecutable: boolean;
      /** Runs with root's rights whoever starts it (a set-id bit). */
      readonly isSetIdRoot?: boolean | undefined;
      /** The path component that others than root can write, with links followed. */
      readonly insecurePart?: string | undefined;
    }
  | { readonly found: false; readonly detail: string };

/** What is asked about a script. */
export interface ScriptQuestion {
  /** Absolute or relative, or a name without a slash for the PATH. */
  readonly path: string;
  /** Who is to run it. */
  readonly user: UserFacts;
  /** Run it by the path as written. */
  readonly keepsLinks: boolean;
}

/** What an interface can do. */
export interface LinkFacts {
  readonly isMulticast: boolean;
  readonly isEthernet: boolean;
}

/** What reading a file with a key finds; a file of more than a few hundred bytes is none. */
export type SecretFacts =
  | {
      readonly found: true;
      readonly bytes: Uint8Array;
      /** Its group or others can read it. */
      readonly isExposed: boolean;
    }
  | { readonly found: false; readonly detail: string };

export interface HostFacts {
  readonly linkExists?: ((name: string) => boolean) | undefined;
  /** Undefined for an interface that is not there. */
  readonly link?: ((name: string) => LinkFacts | undefined) | undefined;
  /**
   * The addresses of an interface, canonical, with the lengths of their prefixes; empty for one
   * that is not there.
   */
  readonly linkAddresses?: ((name: string) => ReadonlyMap<string, number>) | undefined;
  /** The addresses of all interfaces, canonical. */
  readonly hostAddresses?: (() => ReadonlySet<string>) | undefined;
  /** Whether a daemon runs that may have set addresses of the configuration. */
  readonly isDaemonRunning?: (() => boolean) | undefined;
  readonly linkMtu?: ((name: string) => number | undefined) | undefined;
  /** The routing table of a VRF device; undefined for what is none. */
  readonly vrfTable?: ((name: string) => number | undefined) | undefined;
  /** How many processors are online. */
  readonly processorCount?: (() => number) | undefined;
  /** Whether the interface is a macvlan or ipvlan. */
  readonly isVmac?: ((name: string) => boolean) | undefined;
  readonly user?: ((name: string) => UserFacts | undefined) | undefined;
  /** The number of a group. */
  readonly group?: ((name: string) => number | undefined) | undefined;
  /** Numbers by name; `directories` come before the host's own places. */
  readonly names?:
    | ((table: NameTable, directories: readonly string[]) => ReadonlyMap<string, number>)
    | undefined;
  readonly script?: ((question: ScriptQuestion) => ScriptFacts) | undefined;
  readonly readSecret?: ((path: string) => SecretFacts) | undefined;
}
