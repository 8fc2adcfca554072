// Writes the small keepalived.conf files that the laboratory's tests need, so that each test names
// only what it is about.

export interface InstanceText {
  readonly name?: string;
  readonly version?: 2 | 3;
  readonly state?: "MASTER" | "BACKUP";
  /** Null for none. */
  readonly interface?: string | null;
  readonly virtualRouterId?: number;
  readonly priority?: number;
  /** Seconds, as `advert_int` takes it. */
  readonly advertInterval?: number;
  readonly password?: string;
  readonly addresses: readonly string[];
  readonly excluded?: readonly string[];
  /** Further lines as they are. */
  readonly lines?: readonly string[];
}

function block(name: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [`${name} {`, ...lines.map((line) => `  ${line}`), "}"];
}

function instanceLines(options: InstanceText): string[] {
  const password = options.password;
  const authentication = password === undefined ? [] : ["auth_type PASS", `auth_pass ${password}`];
  return block(`vrrp_instance ${options.name ?? "VI_1"}`, [
    `state ${options.state ?? "BACKUP"}`,
    ...(options.interface === null ? [] : [`interface ${options.interface ?? "eth0"}`]),
    `virtual_router_id ${options.virtualRouterId ?? 51}`,
    `priority ${options.priority ?? 100}`,
    `version ${options.version ?? 2}`,
    `advert_int ${options.advertInterval ?? 1}`,
    ...block("authentication", authentication),
    ...block("virtual_ipaddress", options.addresses),
    ...block("virtual_ipaddress_excluded", options.excluded ?? []),
    ...(options.lines ?? []),
  ]);
}

/** A whole file with these instances. */
export function vrrpConfigText(
  instances: readonly InstanceText[],
  globals: readonly string[] = [],
): string {
  const lines = [...block("global_defs", globals), ...instances.flatMap(instanceLines)];
  return `${lines.join("\n")}\n`;
}
