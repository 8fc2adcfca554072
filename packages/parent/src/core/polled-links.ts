// Which interfaces are polled for their state rather than that the kernel's word is taken. Pure.

import type { Config, LinkbeatConfig } from "@keepalived-ts/shared-config/schema/config";

/** The interfaces to ask: those named, those of instances that want it, or all that are used. */
export function polledLinks({ global, vrrp }: Config): readonly LinkbeatConfig[] {
  const links = new Map(vrrp?.linkbeat.map((each) => [each.interface, each]));
  const isForAll = global.linkbeatUsePolling;
  for (const instance of vrrp?.instances ?? []) {
    if (!isForAll && !instance.linkbeatUsePolling) continue;
    const tracked = isForAll ? instance.track.interfaces : [];
    for (const name of [instance.interface, ...tracked.map((each) => each.interface)]) {
      if (name !== "" && !links.has(name)) links.set(name, { interface: name });
    }
  }
  return [...links.values()];
}
