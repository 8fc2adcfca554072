// Which pid file belongs to which process: what the command line says, else keepalived's names, in
// a folder of their own for use_pid_dir, an instance or a network namespace. Pure.

import type { GlobalConfig } from "@keepalived-ts/shared-config/schema/config";
import type { DaemonOptions } from "../cli-options.js";

export interface PidPaths {
  readonly parent: string;
  readonly vrrp: string;
  readonly checker: string;
}

export const runFolder = "/run/keepalived";

export function pidPaths(
  { pidFiles }: Pick<DaemonOptions, "pidFiles">,
  { usePidDirectory, instanceName, netNamespace }: GlobalConfig,
): PidPaths {
  // keepalived mounts the namespace's folder over /run/keepalived for itself; others see this.
  const folder = netNamespace === undefined ? runFolder : `${runFolder}/${netNamespace}`;
  const standard = (name: string): string => {
    const file = instanceName === undefined ? name : `${name}_${instanceName}`;
    return `${usePidDirectory ? folder : "/run"}/${file}.pid`;
  };
  return {
    parent: pidFiles.parent ?? standard("keepalived"),
    vrrp: pidFiles.vrrp ?? standard("vrrp"),
    checker: pidFiles.checker ?? standard("checkers"),
  };
}

/** What syslog idents end in, as keepalived's. */
export function identSuffix({ instanceName, netNamespace }: GlobalConfig): string {
  const names = [netNamespace, instanceName].filter((name) => name !== undefined);
  return names.map((name) => `_${name}`).join("");
}
