// A configuration as lines "path = value", without what every object has by default: a golden case
// for one keyword then shows that keyword and nothing else.

import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { memoryLoader } from "@keepalived-ts/shared-config/testing/memory-loader";

/** One object of each kind with nothing but what it cannot do without. */
const referenceText = `
vrrp_instance reference {
  interface eth0
  virtual_router_id 1
  virtual_ipaddress { 192.0.2.1 }
}
virtual_server 192.0.2.1 80 {
  protocol TCP
  lb_algo rr
  lb_kind NAT
  real_server 198.51.100.1 80 {
    TCP_CHECK { }
  }
}
`;

interface Leaf {
  readonly path: string;
  /** The path with the names of objects replaced. */
  readonly kind: string;
  readonly value: string;
}

/** The values of `config` that differ from the defaults, one a line. */
export function configDifferences(config: Config): string {
  const defaults = new Map(leaves(reference(), "", "").map((leaf) => [leaf.kind, leaf.value]));
  return leaves(config, "", "")
    .filter((leaf) => defaults.get(leaf.kind) !== leaf.value)
    .map((leaf) => `${leaf.path} = ${leaf.value}\n`)
    .join("");
}

function reference(): Config {
  const loader = memoryLoader({ "/reference": referenceText });
  const { config } = loadConfig({ path: "/reference", loader, hostName: "router.example" });
  if (config === undefined) throw new Error("Cannot load the reference configuration");
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
