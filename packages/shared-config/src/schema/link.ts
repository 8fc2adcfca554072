// From the draft of the whole to the configuration of each process, with the checks that need more
// than one object: virtual routers that would meet each other.

import type {
  CheckerIpvsConfig,
  Config,
  GlobalConfig,
  ProcessConfig,
  ReceiveBufferConfig,
  VrrpConfig,
  VrrpInstanceConfig,
} from "./config.js";
import { emptyVrrpConfig } from "./config-empty.js";
import type { ConfigDraft, InstanceDraft } from "./draft.js";
import { addressFinder } from "./link-addresses.js";
import { linkChecker } from "./link-checker.js";
import { type LinkContext, linkNoted } from "./link-context.js";
import { linkGlobal } from "./link-global.js";
import { linkGroups } from "./link-groups.js";
import { isEmptyStatics, linkStatics } from "./link-statics.js";
import { linkSyncGroups } from "./link-sync-groups.js";
import { linkTracking, usedTracking } from "./link-track.js";
import { linkInstance } from "./link-vrrp.js";

/**
 * The configuration that `draft` describes; not to be used when a fatal diagnostic was reported.
 */
export function linkConfig(context: LinkContext): Config {
  const { root } = context;
  const global = linkGlobal(context);
  const tracking = linkTracking(context);
  const { instances, syncGroups } = linkSyncGroups(context, tracking, linkInstances(root, context));
  const groups = linkGroups(context, instances);
  const statics = linkStatics(context);
  const checker = linkChecker(context, global.lvsSyncDaemon !== undefined);
  return {
    global,
    tracking: usedTracking(context, tracking, [...instances, ...syncGroups]),
    vrrp:
      instances.length === 0 && isEmptyStatics(statics)
        ? undefined
        : {
            ...linkVrrpSettings(global),
            ...groups,
            syncGroups,
            statics,
            instances,
          },
    checker: checker && {
      process: linkProcess(global, "checker"),
      ipvs: linkIpvsSettings(global),
      ...checker,
    },
  };
}

/** What global_defs says of IPVS. */
function linkIpvsSettings(global: GlobalConfig): CheckerIpvsConfig {
  const { lvsBackend, lvsTcpTimeoutS, lvsTcpFinTimeoutS, lvsUdpTimeoutS } = global;
  const { lvsFlush, lvsFlushOnStop, rsInitNotifies, lvsSyncDaemon } = global;
  const { nftablesIpvsTable: table, nftablesIpvsPriority: priority } = global;
  const firstMark = global.nftablesIpvsStartFwmark;
  return {
    ...{ lvsBackend, lvsFlush, lvsFlushOnStop, rsInitNotifies },
    ...(lvsTcpTimeoutS === undefined ? {} : { lvsTcpTimeoutS }),
    ...(lvsTcpFinTimeoutS === undefined ? {} : { lvsTcpFinTimeoutS }),
    ...(lvsUdpTimeoutS === undefined ? {} : { lvsUdpTimeoutS }),
    ...(lvsSyncDaemon === undefined ? {} : { lvsSyncDaemon }),
    ...(table === undefined ? {} : { groupMarks: { table, priority, firstMark } }),
  };
}

/** What global_defs says to the VRRP process as a whole. */
function linkVrrpSettings(
  global: GlobalConfig,
): Pick<
  VrrpConfig,
  "process" | "startup" | "logUnknownVrids" | "firewall" | "pacing" | "receiveBuffers"
> {
  const { startupDelayUs, delayAfterBootUs, garpIntervalUs, gnaIntervalUs } = global;
  return {
    process: linkProcess(global, "vrrp"),
    startup: { startupDelayUs, delayAfterBootUs },
    logUnknownVrids: global.logUnknownVrids,
    firewall: {
      table: global.nftablesTable ?? emptyVrrpConfig.firewall.table,
      priority: global.nftablesPriority,
      usesInterfaceIndex: global.nftablesInterfaceIndex,
      hasCounters: global.nftablesCounters,
    },
    pacing: { garpIntervalUs, gnaIntervalUs },
    ...linkReceiveBuffers(global),
  };
}

function linkReceiveBuffers({
  receiveBufferBytes: bytes,
  receiveBufferPolicy: policy,
  receiveBufferMultiplier: multiplier,
}: GlobalConfig): Pick<VrrpConfig, "receiveBuffers"> {
  if (bytes !== undefined) return { receiveBuffers: { unit: "bytes", count: bytes } };
  return policy === undefined ? {} : { receiveBuffers: { unit: policy, count: multiplier } };
}

function linkProcess(global: GlobalConfig, kind: "vrrp" | "checker"): ProcessConfig {
  const { maxAutoPriority: maximum, minAutoPriorityDelayUs: delayUs } = global;
  return {
    ...global.processes[kind],
    ...(maximum > 0 ? { autoPriority: { maximum, delayUs } } : {}),
    ...linkBuffers(global, kind),
  };
}

function linkBuffers(
  global: GlobalConfig,
  kind: "vrrp" | "checker",
): Pick<ProcessConfig, "requestBuffer" | "monitorBuffer"> {
  const prefix = kind === "vrrp" ? "vrrp" : "lvs";
  const request = global[`${prefix}NetlinkCommandBufferBytes`];
  const monitor = global[`${prefix}NetlinkMonitorBufferBytes`];
  const isRequestForced = global[`${prefix}NetlinkCommandBufferForce`];
  const isMonitorForced = global[`${prefix}NetlinkMonitorBufferForce`];
  return {
    ...(request === undefined ? {} : { requestBuffer: buffer(request, isRequestForced) }),
    ...(monitor === undefined ? {} : { monitorBuffer: buffer(monitor, isMonitorForced) }),
  };
}

function buffer(receiveBufferBytes: number, isBufferForced: boolean): ReceiveBufferConfig {
  return { receiveBufferBytes, isBufferForced };
}

function linkInstances(draft: ConfigDraft, context: LinkContext): VrrpInstanceConfig[] {
  const routers = new Map<string, InstanceDraft>();
  const addresses = new Map<string, InstanceDraft>();
  return [...draft.instances.values()].flatMap((each) => {
    const instance = linkNoted(context, each, () => linkInstance(each, context));
    if (instance === undefined) return [];
    checkRouter(instance, each, routers, context);
    checkAddresses(instance, each, addresses, context);
    return [instance];
  });
}

/** RFC 9568 section 5.2.3: a virtual router is its VRID and family on one interface. */
function checkRouter(
  instance: VrrpInstanceConfig,
  draft: InstanceDraft,
  routers: Map<string, InstanceDraft>,
  { report }: LinkContext,
): void {
  const { virtualRouterId: id, interface: device, family } = instance;
  const key = `${device} ${family} ${id} ${audience(instance)}`;
  const other = routers.get(key);
  if (other === undefined) {
    routers.set(key, draft);
    return;
  }
  report((draft.virtualRouterId ?? draft).span, {
    severity: "fatal",
    code: "DUPLICATE_VIRTUAL_ROUTER",
    message: `Cannot use virtual_router_id ${id} on "${device}" twice: "${other.name}" uses it`,
    hint: "give each vrrp_instance on an interface a virtual_router_id of its own",
  });
}

/** Who hears an instance: routers that speak to other peers do not meet. */
function audience({ vrf, sourceAddress, unicastPeers }: VrrpInstanceConfig): string {
  if (unicastPeers.length === 0) return "";
  const peers = unicastPeers.map((each) => each.address).toSorted();
  return [vrf ?? "", sourceAddress ?? "", ...peers].join(" ");
}

function checkAddresses(
  instance: VrrpInstanceConfig,
  draft: InstanceDraft,
  addresses: Map<string, InstanceDraft>,
  { report }: LinkContext,
): void {
  const spanOf = addressFinder(draft);
  const held = [...instance.virtualAddresses, ...instance.excludedAddresses];
  held.forEach(({ address, device }) => {
    const key = `${address} ${device}`;
    const other = addresses.get(key);
    if (other !== undefined && other !== draft) {
      report(spanOf(address), {
        severity: "hint",
        code: "SHARED_ADDRESS",
        message: `Cannot tell which instance holds ${address}: "${other.name}" has it too`,
      });
    }
    addresses.set(key, draft);
  });
}
