// From the draft of the whole to the configuration of each process, with the checks that need more
// than one object: virtual routers and services that would meet each other.

import type { Diagnostics } from "../text/diagnostic.js";
import type { Config, ProcessConfig, VirtualServerConfig, VrrpInstanceConfig } from "./config.js";
import type { ConfigDraft, InstanceDraft, VirtualServerDraft } from "./draft.js";
import { linkVirtualServer } from "./link-checker.js";
import { type LinkOptions, linkInstance } from "./link-vrrp.js";

/**
 * The configuration that `draft` describes; not to be used when a fatal diagnostic was reported.
 */
export function linkConfig(draft: ConfigDraft, hostName: string, options: LinkOptions): Config {
  const { global } = draft;
  const instances = linkInstances(draft, options);
  const virtualServers = linkVirtualServers(draft, options.diagnostics);
  return {
    parent: { routerId: global.routerId?.value ?? hostName },
    vrrp:
      instances.length === 0
        ? undefined
        : { process: processConfig(global.vrrpPriority?.value), instances },
    checker:
      virtualServers.length === 0
        ? undefined
        : { process: processConfig(global.checkerPriority?.value), virtualServers },
  };
}

function processConfig(nicePriority: number | undefined): ProcessConfig {
  return nicePriority === undefined ? {} : { nicePriority };
}

function linkInstances(draft: ConfigDraft, options: LinkOptions): VrrpInstanceConfig[] {
  const routers = new Map<string, InstanceDraft>();
  const addresses = new Map<string, InstanceDraft>();
  return [...draft.instances.values()].flatMap((each) => {
    const instance = linkInstance(each, draft.global, options);
    if (instance === undefined) return [];
    checkRouter(instance, each, routers, options.diagnostics);
    checkAddresses(instance, each, addresses, options.diagnostics);
    return [instance];
  });
}

/** RFC 9568 section 5.2.3: a virtual router is its VRID and family on one interface. */
function checkRouter(
  instance: VrrpInstanceConfig,
  draft: InstanceDraft,
  routers: Map<string, InstanceDraft>,
  diagnostics: Diagnostics,
): void {
  const { virtualRouterId: id, interface: device, family } = instance;
  const key = `${device} ${family} ${id}`;
  const other = routers.get(key);
  if (other === undefined) {
    routers.set(key, draft);
    return;
  }
  diagnostics.report((draft.virtualRouterId ?? draft).span, {
    severity: "fatal",
    code: "DUPLICATE_VIRTUAL_ROUTER",
    message: `Cannot use virtual_router_id ${id} on "${device}" twice: "${other.name}" uses it`,
    hint: "give each vrrp_instance on an interface a virtual_router_id of its own",
  });
}

function checkAddresses(
  instance: VrrpInstanceConfig,
  draft: InstanceDraft,
  addresses: Map<string, InstanceDraft>,
  diagnostics: Diagnostics,
): void {
  const spans = [...draft.addresses, ...draft.excluded];
  const held = [...instance.virtualAddresses, ...instance.excludedAddresses];
  held.forEach(({ address, device }, index) => {
    const key = `${address} ${device}`;
    const other = addresses.get(key);
    if (other !== undefined && other !== draft) {
      diagnostics.report((spans[index] ?? draft).span, {
        severity: "hint",
        code: "SHARED_ADDRESS",
        message: `Cannot tell which instance holds ${address}: "${other.name}" has it too`,
      });
    }
    addresses.set(key, draft);
  });
}

function linkVirtualServers(draft: ConfigDraft, diagnostics: Diagnostics): VirtualServerConfig[] {
  const services = new Map<string, VirtualServerDraft>();
  return draft.virtualServers.flatMap((each) => {
    const server = linkVirtualServer(each, (span, report) => diagnostics.report(span, report));
    if (server === undefined) return [];
    const key = JSON.stringify(server.key);
    const other = services.get(key);
    if (other === undefined) {
      services.set(key, each);
      return [server];
    }
    diagnostics.report(each.span, {
      severity: "error",
      code: "DUPLICATE_SERVICE",
      message: `Cannot define virtual_server ${server.name} twice; this block is ignored`,
      hint: `the first stands in ${other.span.file.path}:${other.span.line}`,
    });
    return [];
  });
}
