// One simulated router: a VRRP process (the very core and codecs), the kernel's addresses, which
// outlive the process, and the parent's last snapshots. Clock, network and faults come from
// outside.

import { formatIp, parseIp } from "@keepalived-ts/shared-config/base/ip";
import type {
  InstanceSnapshot,
  TrackerReport,
  VrrpStateName,
} from "@keepalived-ts/shared-config/ipc/messages";
import type {
  SyncGroupConfig,
  VirtualAddress,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import {
  emptyTrackReferences,
  emptyVrrpConfig,
} from "@keepalived-ts/shared-config/schema/config-empty";
import type { SendAdvertAction, VrrpAction } from "@keepalived-ts/vrrp/core/action";
import type { LinkFact, VrrpEvent } from "@keepalived-ts/vrrp/core/event";
import {
  createRouter,
  handle,
  isFinished,
  nextDeadline,
  type Router,
  snapshots,
} from "@keepalived-ts/vrrp/core/router";
import { decodeAdvert, encodeAdvert } from "@keepalived-ts/vrrp/packet/advert";
import { decodeIpv4, encodeIpv4 } from "@keepalived-ts/vrrp/packet/ipv4";
import { type HostPlan, trackedScript } from "./scenario.js";

/** The network of the instance, and that of its companion in a sync group. */
export const networks = [0, 1] as const;
export type Network = (typeof networks)[number];
const interfaceIndexes: readonly [number, number] = [2, 3];
const companionName = "companion";
/** What a socket's buffer holds. */
const unreadMax = 200;

/** A packet and where it came in. */
export interface Arrived {
  readonly packet: Uint8Array;
  readonly network: Network;
}

/** What a host does to the world. */
export interface HostPorts {
  /** To all of its group in that network, or to one of its peers. */
  sendAdvert(host: Host, packet: Uint8Array, network: Network): void;
  announce(host: Host): void;
  stateChanged(host: Host, from: VrrpStateName, snapshot: InstanceSnapshot): void;
  /** Wake the host at this instant of its own clock, and no longer at the one before. */
  wakeAt(host: Host, localAt: number | undefined): void;
  trace(host: Host, text: string): void;
}

export class Host {
  readonly plan: HostPlan;
  readonly #ports: HostPorts;
  config: VrrpInstanceConfig;
  /** Addresses in the kernel. */
  readonly held: Set<string> = new Set();
  readonly #linksUp: [boolean, boolean] = [true, true];
  /** A process that does not get to run: packets wait in its socket. */
  isFrozen = false;
  readonly #unread: Arrived[] = [];
  #router: Router | null = null;
  /** Told to stop; it ends when it waits for no successor any more. */
  isStopping = false;
  /** Not MASTER before this instant of the world: `vrrp_startup_delay`. */
  masterFrom = 0;
  /** What the parent knows of the script that is tracked: 1 = it succeeds. */
  scriptValue = 1;
  /** The parent remembers it over the death of the process. */
  isInMaintenance = false;
  /** False while a reload has taken the instance away. */
  isConfigured = true;
  #lastLocal = 0;
  readonly #mirror: Map<string, InstanceSnapshot> = new Map();

  constructor(plan: HostPlan, ports: HostPorts) {
    this.plan = plan;
    this.#ports = ports;
    this.config = plan.config;
  }

  /** All of them. */
  get isLinkUp(): boolean {
    return this.#linksUp.every(Boolean);
  }

  hasLink(network: Network): boolean {
    return this.#linksUp[network];
  }

  /** The instance, and its companion if there is one. */
  get configs(): readonly VrrpInstanceConfig[] {
    return this.plan.isGrouped ? [this.config, companionOf(this.config)] : [this.config];
  }

  /** The whole state of the core, for those who compare states. */
  get router(): Router | null {
    return this.#router;
  }

  get isRunning(): boolean {
    return this.#router !== null;
  }

  /** Told to stop, or without its instance, and waiting for a successor. */
  get isLeaving(): boolean {
    return this.#router !== null && this.#router.leaving.size > 0;
  }

  /** It runs, with its instance, and has not been told to stop. */
  get isPresent(): boolean {
    return this.isRunning && this.isConfigured && !this.isStopping;
  }

  /** Whether it can be master: a process that runs and is not leaving, a link. */
  get isAble(): boolean {
    if (this.isInMaintenance || this.#hasScriptFault) return false;
    return this.isPresent && this.isLinkUp && !this.isFrozen;
  }

  get #hasScriptFault(): boolean {
    return this.scriptValue === 0 && this.config.track.scripts.some(({ weight }) => weight === 0);
  }

  get state(): VrrpStateName {
    return this.snapshot?.state ?? "INIT";
  }

  /** Of the instance itself. */
  get snapshot(): InstanceSnapshot | undefined {
    return this.snapshots.find(({ instance }) => instance !== companionName);
  }

  get snapshots(): readonly InstanceSnapshot[] {
    return this.#router === null ? [] : snapshots(this.#router);
  }

  get deadline(): number | undefined {
    return this.#router === null ? undefined : nextDeadline(this.#router);
  }

  /** `hasParent`: the parent lived on and hands its mirror to the new process. */
  start(time: number, hasParent: boolean): void {
    this.isStopping = false;
    this.isConfigured = true;
    this.#router = createRouter({ seed: this.plan.clockOffsetUs });
    const resume = hasParent ? [...this.#mirror.values()] : [];
    this.masterFrom = resume.length > 0 ? 0 : time + this.plan.startupDelayUs / this.plan.clockRate;
    this.#configure(time, resume);
  }

  /** SIGKILL of the process; with `withKernel` the power of the whole router. */
  kill(withKernel: boolean): void {
    this.#router = null;
    this.isFrozen = false;
    this.#unread.length = 0;
    this.#ports.wakeAt(this, undefined);
    if (!withKernel) return;
    this.isInMaintenance = false;
    this.held.clear();
    this.#mirror.clear();
  }

  /** SIGTERM; a second one ends the hand-over. */
  stop(time: number): void {
    this.isFrozen = false;
    this.isStopping = true;
    this.event({ type: "stopRequested" }, time);
  }

  reload(config: VrrpInstanceConfig, time: number): void {
    this.config = config;
    this.isConfigured = true;
    if (this.isRunning) this.#configure(time, []);
  }

  /** A reload without the instance. */
  withdraw(time: number): void {
    this.isConfigured = false;
    if (this.isRunning) this.#configure(time, []);
  }

  setLink(isUp: boolean, time: number, network: Network = 0): void {
    this.#linksUp[network] = isUp;
    const link = this.#link(network);
    if (this.isRunning && link !== undefined) this.event({ type: "linkChanged", link }, time);
  }

  failOver(time: number): void {
    this.event({ type: "failoverRequested", instance: this.config.name }, time);
  }

  setMaintenance(isOn: boolean, time: number): void {
    this.isInMaintenance = isOn;
    this.event({ type: "maintenanceChanged", isOn }, time);
  }

  setScript(value: number, time: number): void {
    this.scriptValue = value;
    this.event({ type: "trackerChanged", report: this.#report() }, time);
  }

  /** By how much the process has missed its deadline. */
  latenessUs(time: number): number {
    return this.localTime(time) - (this.deadline ?? Number.POSITIVE_INFINITY);
  }

  /** The timer is served before the socket: the worse order. Returns what the socket held. */
  thaw(time: number): readonly Arrived[] {
    this.isFrozen = false;
    this.event({ type: "deadlineReached" }, time);
    return this.#unread.splice(0);
  }

  receive({ packet, network }: Arrived, time: number): void {
    if (this.isFrozen) {
      if (this.#unread.length < unreadMax) this.#unread.push({ packet, network });
      return;
    }
    const ip = decodeIpv4(packet);
    if (!ip.ok) return;
    this.event(
      {
        type: "advertReceived",
        interfaceIndex: interfaceIndexes[network],
        source: formatIp(ip.source),
        destination: formatIp(ip.destination),
        ttl: ip.ttl,
        decoded: decodeAdvert(ip.payload, ip.source, ip.destination),
      },
      time,
    );
  }

  /** The wake-up that was asked for; rounding must not make it early. */
  wake(time: number, localAt: number): void {
    if (this.isFrozen) return;
    this.#lastLocal = Math.max(this.#lastLocal, localAt);
    this.event({ type: "deadlineReached" }, time);
  }

  event(event: VrrpEvent, time: number): void {
    if (this.#router === null) return;
    this.#lastLocal = Math.max(this.#lastLocal, this.localTime(time));
    for (const action of handle(this.#router, event, this.#lastLocal)) this.#carryOut(action);
    this.#ports.wakeAt(this, nextDeadline(this.#router));
    if (!isFinished(this.#router)) return;
    this.#router = null;
    this.#mirror.clear();
  }

  localTime(time: number): number {
    return this.plan.clockOffsetUs + time * this.plan.clockRate;
  }

  worldTime(localAt: number): number {
    return (localAt - this.plan.clockOffsetUs) / this.plan.clockRate;
  }

  #configure(time: number, resume: readonly InstanceSnapshot[]): void {
    const config = {
      ...emptyVrrpConfig,
      startup: { startupDelayUs: this.plan.startupDelayUs, delayAfterBootUs: 0 },
      instances: this.isConfigured ? this.configs : [],
      syncGroups: this.plan.isGrouped && this.isConfigured ? [group(this.configs)] : [],
    };
    const { isInMaintenance } = this;
    const links = networks.flatMap((network) => this.#link(network) ?? []);
    const known = { links, resume, trackers: [this.#report()], isInMaintenance };
    this.event({ type: "configured", config, ...known }, time);
  }

  #report(): TrackerReport {
    return { kind: "script", name: trackedScript, value: this.scriptValue };
  }

  #link(network: Network): LinkFact | undefined {
    const { address, isGrouped } = this.plan;
    if (network === 1 && !isGrouped) return undefined;
    return {
      index: interfaceIndexes[network],
      name: `eth${network}`,
      isRunning: this.#linksUp[network],
      ipv4Address: network === 0 ? address : companionAddress(address),
      ipv6Address: null,
      presentSources: [],
    };
  }

  #carryOut(action: VrrpAction): void {
    switch (action.type) {
      case "sendAdvert":
        for (const packet of packetsOf(action)) {
          this.#ports.sendAdvert(this, packet, action.instance === companionName ? 1 : 0);
        }
        break;
      case "addAddresses":
        for (const address of action.addresses) this.held.add(addressText(address));
        break;
      case "removeAddresses":
        for (const address of action.addresses) this.held.delete(addressText(address));
        break;
      case "sendGratuitousArp":
        this.#ports.announce(this);
        break;
      case "reportInstance":
        this.#mirror.set(action.snapshot.instance, action.snapshot);
        if (action.snapshot.instance !== companionName) {
          this.#ports.stateChanged(this, action.previous, action.snapshot);
        }
        break;
      case "reportInstanceRemoved":
        this.#mirror.delete(action.instance);
        break;
      case "log":
        this.#ports.trace(this, action.record.text);
        break;
    }
  }
}

export function addressText(address: VirtualAddress): string {
  return `${address.address}/${address.prefixLength}`;
}

/** The same in another network: another address, another virtual router. */
function companionOf(config: VrrpInstanceConfig): VrrpInstanceConfig {
  const moved = (address: VirtualAddress): VirtualAddress => ({
    ...address,
    address: companionAddress(address.address),
    device: "eth1",
  });
  return {
    ...config,
    name: companionName,
    interface: "eth1",
    virtualRouterId: config.virtualRouterId + 1,
    virtualAddresses: config.virtualAddresses.map(moved),
    excludedAddresses: config.excludedAddresses.map(moved),
  };
}

/** 203.0.113.0/24, with the same last octet, so that ties are broken alike. */
function companionAddress(address: string): string {
  return `203.0.113.${address.split(".").at(-1)}`;
}

function group(members: readonly VrrpInstanceConfig[]): SyncGroupConfig {
  return {
    name: "group",
    members: members.map(({ name }) => name),
    track: emptyTrackReferences,
    smtpAlert: false,
    notifyPriorityChanges: false,
    trackingWeights: false,
  };
}

function packetsOf(order: SendAdvertAction): Uint8Array[] {
  const { unicastPeers, multicastGroup } = order.config;
  if (unicastPeers.length === 0) return [packetOf(order, multicastGroup)];
  return unicastPeers.map(({ address }) => packetOf(order, address));
}

function packetOf({ config, priority, source }: SendAdvertAction, to: string): Uint8Array {
  const sourceBytes = bytesOf(source);
  const destination = bytesOf(to);
  const payload = encodeAdvert(
    {
      version: config.version,
      virtualRouterId: config.virtualRouterId,
      priority,
      addresses: config.virtualAddresses.map(({ address }) => bytesOf(address)),
      advertIntervalUs: config.advertIntervalUs,
      authenticationType: 0,
      authenticationData: "",
    },
    sourceBytes,
    destination,
  );
  return encodeIpv4({
    source: sourceBytes,
    destination,
    ttl: 255,
    tos: 0xc0,
    protocol: 112,
    payload,
  });
}

function bytesOf(address: string): Uint8Array {
  return parseIp(address) ?? new Uint8Array(4);
}
