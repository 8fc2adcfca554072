// Reads the configuration in the network namespace that it names itself, or that the command line
// does: what it says of interfaces is true there only. Moves this process there; children follow.

import { closeSync, openSync } from "node:fs";
import type { GlobalConfig } from "@keepalived-ts/shared-config/schema/config";
import type { LoadedConfig, ReadRequest } from "./config-source.js";
import type { Host } from "./daemon.js";

/** Moves this process into the namespace of that name; throws what prevents it. */
export type EnterNamespace = (name: string) => Promise<void>;

/** Where `ip netns` and keepalived keep them. */
export function namespacePath(name: string): string {
  return `/run/netns/${name}`;
}

/** `override` is -s, which outdoes the configuration. */
export async function readInNamespace(
  host: Host,
  request: ReadRequest,
  override: string | undefined,
  enter: EnterNamespace,
): Promise<LoadedConfig> {
  if (override !== undefined) {
    await enter(override);
    return withNamespace(host.readConfig(request), override);
  }
  const first = host.readConfig(request);
  // One that cannot be used here for want of interfaces may tell all the same where it belongs.
  const { config } = first.config ? first : host.readConfig({ ...request, assumesLinks: true });
  const name = config?.global.netNamespace;
  if (name === undefined) return first;
  await enter(name);
  return host.readConfig(request);
}

/** What was read, as if it had named `override` itself. */
export function withNamespace(loaded: LoadedConfig, override: string | undefined): LoadedConfig {
  const { config } = loaded;
  if (config === undefined || override === undefined) return loaded;
  const { netNamespace, netNamespaceIpvs } = config.global;
  const global = {
    ...config.global,
    netNamespace: override,
    // Unless it has a namespace of its own, IPVS goes along.
    netNamespaceIpvs: netNamespaceIpvs === netNamespace ? override : netNamespaceIpvs,
    usePidDirectory: true,
  };
  return { ...loaded, config: { ...config, global } };
}

/** The namespace that this process was in before, as a path that children can use. */
export class NamespaceOrigin {
  readonly descriptor: number;

  /** `inherited`: a descriptor from a release of this daemon that was this process before. */
  constructor(inherited?: number) {
    const path = inherited === undefined ? "/proc/self/ns/net" : `/proc/self/fd/${inherited}`;
    this.descriptor = openSync(path, "r");
    // Unlike the new one it would be open in whatever is started.
    if (inherited !== undefined) closeSync(inherited);
  }

  /** Where IPVS is done, when that is not where the rest is. */
  ipvsPath({ netNamespace, netNamespaceIpvs }: GlobalConfig): string | undefined {
    if (netNamespaceIpvs === netNamespace) return undefined;
    if (netNamespaceIpvs) return namespacePath(netNamespaceIpvs);
    return `/proc/${process.pid}/fd/${this.descriptor}`;
  }
}
