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
  VirtualAddress,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
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

const interfaceIndex = 2;
/** What a socket's buffer holds. */
const unreadMax = 200;

/** What a host does to the world. */
export interface HostPorts {
  sendAdvert(host: Host, packet: Uint8Array): void;
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
  isLinkUp = true;
  /** A process that does not get to run: packets wait in its socket. */
  isFrozen = false;
  readonly #unread: Uint8Array[] = [];
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
  #mirror: readonly InstanceSnapshot[] = [];

  constructor(plan: HostPlan, ports: HostPorts) {
    this.plan = plan;
    this.#ports = ports;
    this.config = plan.config;
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

  get snapshot(): InstanceSnapshot | undefined {
    return this.#router === null ? undefined : snapshots(this.#router)[0];
  }

  get deadline(): number | undefined {
    return this.#router === null ? undefined : nextDeadline(this.#router);
  }

  /** `hasParent`: the parent lived on and hands its mirror to the new process. */
  start(time: number, hasParent: boolean): void {
    this.isStopping = false;
    this.isConfigured = true;
    this.#router = createRouter({ seed: this.plan.clockOffsetUs });
    const resume = hasParent ? this.#mirror : [];
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
    this.#mirror = [];
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

  setLink(isUp: boolean, time: number): void {
    this.isLinkUp = isUp;
    if (this.isRunning) this.event({ type: "linkChanged", link: this.#link() }, time);
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
  thaw(time: number): readonly Uint8Array[] {
    this.isFrozen = false;
    this.event({ type: "deadlineReached" }, time);
    return this.#unread.splice(0);
  }

  receive(packet: Uint8Array, time: number): void {
    if (this.isFrozen) {
      if (this.#unread.length < unreadMax) this.#unread.push(packet);
      return;
    }
    const ip = decodeIpv4(packet);
    if (!ip.ok) return;
    this.event(
      {
        type: "advertReceived",
        interfaceIndex,
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
    this.#mirror = [];
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
      instances: this.isConfigured ? [this.config] : [],
    };
    const { isInMaintenance } = this;
    const known = { links: [this.#link()], resume, trackers: [this.#report()], isInMaintenance };
    this.event({ type: "configured", config, ...known }, time);
  }

  #report(): TrackerReport {
    return { kind: "script", name: trackedScript, value: this.scriptValue };
  }

  #link(): LinkFact {
    const { address } = this.plan;
    return {
      index: interfaceIndex,
      name: "eth0",
      isRunning: this.isLinkUp,
      ipv4Address: address,
      ipv6Address: null,
      presentSources: [],
    };
  }

  #carryOut(action: VrrpAction): void {
    switch (action.type) {
      case "sendAdvert":
        this.#ports.sendAdvert(this, packetOf(action));
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
        this.#mirror = [action.snapshot];
        this.#ports.stateChanged(this, action.previous, action.snapshot);
        break;
      case "reportInstanceRemoved":
        this.#mirror = [];
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

function packetOf({ config, priority, source }: SendAdvertAction): Uint8Array {
  const sourceBytes = bytesOf(source);
  const destination = bytesOf(config.multicastGroup);
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
