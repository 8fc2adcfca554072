// A configuration as lines "path = value", without what every object has by default: a golden case
// for one keyword then shows that keyword and nothing else.

import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { memoryLoader } from "@keepalived-ts/shared-config/testing/memory-loader";

const instanceText = `
  interface eth0
  virtual_router_id 1
  virtual_ipaddress { 192.0.2.1 }
`;

const trackText = `
  track_interface { eth1 }
  track_script { reference }
  track_file { reference weight 0 }
  track_process { reference }
  track_bfd { reference }
`;

const trackedText = `
vrrp_script reference { script /bin/true }
vrrp_track_process reference { process reference }
track_file reference { file /reference }
bfd_instance reference { neighbor_ip 192.0.2.2 }
`;

/** Configurations of objects with nothing but what they cannot do without. */
const referenceTexts: readonly string[] = [
  `
vrrp_instance reference { ${instanceText} }
virtual_server 192.0.2.1 80 {
  protocol TCP
  lb_algo rr
  lb_kind NAT
  real_server 198.51.100.1 80 {
    TCP_CHECK { }
  }
}
`,
  `${trackedText} vrrp_instance reference { ${instanceText} ${trackText} }`,
  `${trackedText} vrrp_instance reference { ${instanceText} }
vrrp_sync_group reference { group { reference } ${trackText} }`,
  `vrrp_instance reference { ${instanceText} }
vrrp_sync_group reference { group { reference } }`,
];

interface Leaf {
  readonly path: string;
  /** The path with the names of objects replaced. */
  readonly kind: string;
  readonly value: string;
}

/** The values of `config` that no reference has, one a line. */
export function configDifferences(config: Config): string {
  const defaults = new Set(
    referenceTexts.flatMap((text) => leaves(load(text), "", "").map(settingOf)),
  );
  return leaves(config, "", "")
    .filter((leaf) => !defaults.has(settingOf(leaf)))
    .map((leaf) => `${leaf.path} = ${leaf.value}\n`)
    .join("");
}

function settingOf({ kind, value }: Leaf): string {
  return `${kind} = ${value}`;
}

function load(text: string): Config {
  const loader = memoryLoader({ "/reference": text });
  const { config } = loadConfig({ path: "/reference", loader, hostName: "router.example" });
  if (config === undefined) throw new Error("Cannot load a reference configuration");
  return config;
}

function leaves(value: unknown, path: string, kind: string): Leaf[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item, index) =>
      leaves(item, `${path}[${itemName(item, index)}]`, `${kind}[]`),
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return value === undefined ? [] : [{ path, kind, value: JSON.stringify(value) }];
  }
  const dot = path === "" ? "" : ".";
  return Object.entries(value).flatMap(([key, inner]) =>
    leaves(inner, `${path}${dot}${key}`, `${kind}.${key}`),
  );
}

function itemName(item: unknown, index: number): string {
  const isNamed = typeof item === "object" && item !== null && "name" in item;
  return isNamed ? String(item.name) : String(index);
}
