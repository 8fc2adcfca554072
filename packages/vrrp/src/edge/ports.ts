// What the VRRP loop needs from the world, as interfaces: the real ones are in the other files of
// this folder, the tests and the rehearsal bring their own. Decides nothing.

import type {
  OutgoingDatagram,
  SendResult,
} from "@keepalived-ts/netops/raw-socket/datagram-socket";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { FromVrrp } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  RouteConfig,
  RuleConfig,
  VirtualAddress,
} from "@keepalived-ts/shared-config/schema/config";

/** One timer for all deadlines, in microseconds of CLOCK_MONOTONIC; the past fires at once. */
export interface DeadlineTimer {
  armAt(atUs: number): void;
  disarm(): void;
  close(): void;
}

/** Which socket adverts leave through. The same object for the same place. */
export interface AdvertPlace {
  /** 0 = routing chooses. */
  readonly interfaceIndex: number;
  readonly family: 4 | 6;
  /** Of instances without an interface, which have a socket an address; else null. */
  readonly source: string | null;
}

/** The adverts of one place leave through one socket. */
export interface AdvertPort {
  /** Sends in order and never waits; `error` is why the first one not sent was refused. */
  send(place: AdvertPlace, packets: readonly OutgoingDatagram[]): SendResult;
  /** Hands out what has come and has not woken the process. */
  lookAgain(): void;
}

/** Whole Ethernet frames, each with the link-layer address that names its interface. */
export interface ArpPort {
  send(frames: readonly OutgoingDatagram[]): SendResult;
}

/** An address together with the interface index that its device has now. */
export interface AddressOrder {
  readonly address: VirtualAddress;
  readonly interfaceIndex: number;
  /** IFA_PROTO: whose it is. */
  readonly protocol: number;
  /** The port's own: what it made of the order, kept for the next time. */
  encoded: Uint8Array | undefined;
}

/** Addresses in the kernel: one result an order, in order, null or the errno name. */
export interface AddressPort {
  /** Does beforehand what `add` can do without the kernel. */
  prepare(order: AddressOrder): void;
  add(orders: readonly AddressOrder[]): Promise<readonly (string | null)[]>;
  remove(orders: readonly AddressOrder[]): Promise<readonly (string | null)[]>;
  /** Whether what was done from this netlink port was done by us; routes and rules included. */
  isOwnPort(port: number): boolean;
}

/** Routes and rules in the kernel: one result an object, in order, null or the errno name. */
export interface RoutingPort {
  /** Does beforehand what adding it can do without the kernel. */
  prepareRoute(route: RouteConfig): void;
  prepareRule(rule: RuleConfig): void;
  addRoutes(routes: readonly RouteConfig[]): Promise<readonly (string | null)[]>;
  removeRoutes(routes: readonly RouteConfig[]): Promise<readonly (string | null)[]>;
  addRules(rules: readonly RuleConfig[]): Promise<readonly (string | null)[]>;
  removeRules(rules: readonly RuleConfig[]): Promise<readonly (string | null)[]>;
  /** By what the kernel's word of it is known; undefined while an interface is missing. */
  keyOfRoute(route: RouteConfig): string | undefined;
  keyOfRule(rule: RuleConfig): string | undefined;
}

/** Packets from and to addresses that are not to be used. Must return at once. */
export interface FirewallPort {
  block(instance: string, addresses: readonly VirtualAddress[]): void;
  free(instance: string, addresses: readonly VirtualAddress[]): void;
}

/** What is known of an interface at this moment. */
export interface LinkView {
  readonly index: number;
  /** "aa:bb:cc:dd:ee:ff" */
  readonly hardwareAddress: string;
  /** Ethernet with ARP: gratuitous ARP and neighbour advertisements make sense there. */
  readonly hasArp: boolean;
  readonly ipv4Address: string | null;
}

export interface LinkPort {
  /** Undefined while there is no interface of that name. */
  link(name: string): LinkView | undefined;
  /** Whether the kernel had the address when it was last heard of. */
  hasAddress(address: VirtualAddress): boolean;
  /** Whether it is an owner's own address, put there by somebody else: it is not ours to remove. */
  isForeign(address: VirtualAddress): boolean;
}

/** The parent. Must return at once, whatever the parent does. */
export interface ReportPort {
  report(message: FromVrrp): void;
  log(record: LogRecord): void;
}

export interface Ports {
  readonly now: () => number;
  readonly createTimer: (expired: () => void) => DeadlineTimer;
  /** Runs `task` in a later turn of the event loop, after input that is already there. */
  readonly defer: (task: () => void) => void;
  /** Runs `task` after about `delayMs`. */
  readonly later: (delayMs: number, task: () => void) => void;
  readonly adverts: AdvertPort;
  readonly arp: ArpPort;
  readonly addresses: AddressPort;
  readonly firewall: FirewallPort;
  readonly routing: RoutingPort;
  readonly links: LinkPort;
  readonly parent: ReportPort;
  /** Takes a few milliseconds before a takeover to have its code at hand. */
  readonly warmUp: () => void;
  /** A deadline was noticed this late. */
  readonly late: (lateUs: number) => void;
}
