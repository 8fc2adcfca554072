// The life of the VRRP process: configured by its parent, runs until it is told to stop or the
// parent is gone, and then resigns in good order. Binds parent, kernel and loop; decides nothing
// about VRRP.

import { OwnProcess } from "@keepalived-ts/netops/process/own-settings";
import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type {
  FromVrrp,
  PlanVrrpMessage,
  ToVrrp,
  TrackerReport,
  WatchReport,
} from "@keepalived-ts/shared-config/ipc/messages";
import type {
  ProcessConfig,
  VrrpConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import { filterNeeds } from "../core/accept-mode.js";
import type { VrrpEvent } from "../core/event.js";
import { promotionsOf } from "../core/promotion.js";
import {
  clearCounters,
  createRouter,
  leavingConfigs,
  type Router,
  routerStatus,
} from "../core/router.js";
import { isSame } from "../core/same.js";
import {
  settingsFor,
  type VirtualLink,
  virtualLinksOf,
  withAddressesPlaced,
} from "../core/virtual-links.js";
import { AdvertReceiver } from "./advert-receiver.js";
import type { AdvertSocketHandlers } from "./advert-socket.js";
import { Firewall } from "./firewall.js";
import { type KernelPorts, openKernel, time } from "./kernel.js";
import { LinkWatch } from "./link-watch.js";
import { listenPlan, type PlaceWish } from "./listen-plan.js";
import { Loop } from "./loop.js";
import { addressProtocol } from "./own-address-filter.js";
import { planFor } from "./plan.js";
import { Rehearsal } from "./rehearsal.js";
import type { Reporter } from "./reporter.js";
import { Upkeep } from "./upkeep.js";
import { VirtualLinks } from "./virtual-links.js";

type Configure = Extract<ToVrrp, { readonly type: "configure" }>;

/** keepalived's exit codes (lib/scheduler.h): with 1 and 4 the parent ends too. */
const exitFatal = 1;
const exitMissingPermission = 4;
/** A kernel that is silent for so long is given up; one that answers is waited for. */
const silenceMaxMs = 1_000;
const farewellMaxMs = 200;
/** An instance that was removed by a reload leaves within a few seconds. */
const leavingPollMs = 500;
const statusPortion = 16;

interface Running {
  readonly ports: KernelPorts;
  readonly router: Router;
  readonly loop: Loop;
  readonly links: LinkWatch;
  readonly rehearsal: Rehearsal;
  readonly upkeep: Upkeep;
  readonly virtualLinks: VirtualLinks;
  readonly firewall: Firewall;
}

export class VrrpProcess {
  readonly #parent: Reporter;
  readonly #exit: (code: number) => void;
  readonly #logsAddresses: boolean;
  readonly #own: OwnProcess;
  readonly #receiver = new AdvertReceiver();
  #running: Running | undefined;
  #plan: ReadonlyMap<string, PlaceWish> = new Map();
  #config: VrrpConfig = emptyVrrpConfig;
  /** Messages are carried out one after another; opening the kernel takes a few turns. */
  #last: Promise<void> = Promise.resolve();
  /** Links that are there for instances. */
  #made: readonly VirtualLink[] = [];
  #isStopping = false;
  /** How many have come, and which of them `#config` is. */
  #configurations = 0;
  #inForce = 0;
  /** Addresses of instances that are leaving count too. */
  #hasLeaving = false;

  /** `logsAddresses`: the parent was started with -a. */
  constructor(parent: Reporter, exit: (code: number) => void, logsAddresses = false) {
    this.#parent = parent;
    this.#logsAddresses = logsAddresses;
    this.#own = new OwnProcess("vrrp", (record) => parent.log(record));
    this.#exit = exit;
  }

  /** Carries out one order of the parent, after those before it. */
  handle(message: ToVrrp): void {
    if (message.type === "stop" && this.#isStopping) {
      // Said again: whoever says it has no time to wait for a successor.
      this.#running?.loop.dispatch({ type: "stopRequested" });
      return;
    }
    this.#last = this.#last.then(() => this.#carryOut(message));
  }

  /** The parent is gone: nobody would start a successor that keeps the addresses. */
  handleOrphaned(): void {
    if (!this.#isStopping) this.handle({ type: "stop" });
  }

  async #carryOut(message: ToVrrp): Promise<void> {
    if (this.#isStopping) return;
    switch (message.type) {
      case "configure":
        await this.#configure(message);
        return;
      case "trackerChanged":
        this.#noteWatched(message.report);
        return;
      case "announce":
        this.#running?.loop.dispatch({ type: "announceRequested", instance: message.instance });
        return;
      case "failover":
        this.#running?.loop.dispatch({ type: "failoverRequested", instance: message.instance });
        return;
      case "maintenance":
        this.#running?.loop.dispatch({ type: "maintenanceChanged", isOn: message.isOn });
        return;
      case "reportStatistics":
        this.#reportStatistics(message.clears);
        return;
      case "plan":
        await this.#answerPlan(message);
        return;
      case "stop":
        await this.#stop(message.keeps === true);
        return;
    }
  }

  /** All that this process is for, then. */
  async #answerPlan(message: PlanVrrpMessage): Promise<void> {
    this.#isStopping = true;
    try {
      const instances = await planFor(message, time.now());
      this.#parent.report({ type: "planned", instances });
      await this.#parent.flushed();
      this.#exit(0);
    } catch (thrown) {
      await this.#fail(thrown);
    }
  }

  async #configure({ generation, resume, trackers, ...message }: Configure): Promise<void> {
    const config = withAddressesPlaced(message.config);
    const configuration = ++this.#configurations;
    const isFirst = this.#running === undefined;
    this.#own.apply(config.process);
    try {
      this.#running ??= await this.#start(config.process);
    } catch (thrown) {
      await this.#fail(thrown);
      return;
    }
    const { ports, loop, links, rehearsal, upkeep } = this.#running;
    // Instances that are gone may keep their addresses until a successor was heard.
    const atWork = { ...config, instances: this.#withRemoved(config.instances) };
    this.#hasLeaving = atWork.instances.length > config.instances.length;
    await this.#wantLinks(this.#running, atWork);
    const formerPromotions = promotionsOf(this.#config.instances);
    this.#config = config;
    this.#inForce = configuration;
    if (!isSame(formerPromotions, promotionsOf(config.instances))) this.#reportSettings();
    this.#plan = listenPlan(atWork);
    upkeep.configure(config);
    links.table.usePolled(trackers);
    // No turn of the event loop from here on: what is known of links must not grow old.
    const facts = links.configure(atWork);
    const isInMaintenance = message.isInMaintenance === true;
    const before = { resume, trackers: trackers.filter(isTracker), isInMaintenance };
    loop.dispatch({ type: "configured", config, links: facts, ...before });
    const left = [...config.instances, ...leavingConfigs(this.#running.router)];
    this.#plan = listenPlan({ ...config, instances: left });
    const used = facts.filter(({ name }) => this.#plan.has(name));
    ports.adverts.useInterval(shortestIntervalUs(left));
    ports.adverts.closeOthers(new Set(used.map(({ index }) => index)));
    loop.executor.configure(config.instances);
    void this.#dropVirtualLinks(this.#running);
    this.#parent.report({ type: "ready", generation });
    if (isFirst) void rehearsal.play();
  }

  #noteWatched(report: WatchReport): void {
    if (isTracker(report)) {
      this.#running?.loop.dispatch({ type: "trackerChanged", report });
      return;
    }
    this.#running?.links.table.setPolled(report);
    this.#running?.links.review(report.name);
  }

  /** The packet filter comes first: a link reports to the network as soon as it is up. */
  async #wantLinks({ firewall, virtualLinks }: Running, config: VrrpConfig): Promise<void> {
    const wanted = virtualLinksOf(config);
    await firewall.configure(config.firewall, filterNeeds(config, wanted));
    await virtualLinks.want(wanted);
  }

  /** Those of instances that are gone and have let go, once the addresses on them are away. */
  async #dropVirtualLinks(running: Running): Promise<void> {
    const { router, loop, virtualLinks } = running;
    await loop.executor.addresses.idle();
    // One that is coming into force wants other links, and drops then what it does not.
    if (this.#isStopping || this.#inForce !== this.#configurations) return;
    const leaving = leavingConfigs(router);
    const instances = [...this.#config.instances, ...leaving];
    await this.#wantLinks(running, { ...this.#config, instances });
    await virtualLinks.dropUnwanted();
    if (leaving.length === 0 && this.#hasLeaving && this.#inForce === this.#configurations) {
      this.#hasLeaving = false;
      running.links.narrow(this.#config);
    }
    if (leaving.length > 0) time.later(leavingPollMs, () => void this.#dropVirtualLinks(running));
  }

  /** All that is wanted below /proc/sys. */
  #reportSettings(): void {
    const settings = [...settingsFor(this.#made), ...promotionsOf(this.#config.instances)];
    this.#parent.report({ type: "settingsWanted", settings });
  }

  #withRemoved(instances: readonly VrrpInstanceConfig[]): VrrpInstanceConfig[] {
    const names = new Set(instances.map(({ name }) => name));
    const leaving = this.#running === undefined ? [] : leavingConfigs(this.#running.router);
    const removed = [...this.#config.instances, ...leaving];
    return [...instances, ...removed.filter(({ name }) => !names.has(name))];
  }

  async #start(own: ProcessConfig): Promise<Running> {
    const links = new LinkWatch(
      {
        event: (event) => {
          if (this.#running !== undefined) dispatch(this.#running.loop, event);
          if (event.type === "linkChanged") this.#running?.virtualLinks.review(event.link.name);
        },
        prepare: (name, index) => this.#prepare(name, index),
        appeared: (name) => {
          this.#running?.loop.executor.linkAppeared(name);
          const promotions = promotionsOf(this.#config.instances);
          if (promotions.some((each) => each.interface === name)) this.#reportSettings();
          this.#running?.virtualLinks.review(name);
        },
        renamed: (name, index) => this.#withdraw(name, index),
        vanished: (name, index) => {
          this.#running?.ports.adverts.close(index);
          this.#running?.loop.executor.addresses.linkLost(name);
          this.#running?.virtualLinks.vanished(name);
        },
        addressLost: (...address) => {
          this.#running?.loop.executor.addresses.addressLost(...address);
          this.#running?.virtualLinks.sourceLost(address[0], address[1]);
        },
        addressDuplicate: (...address) =>
          this.#running?.loop.executor.addresses.addressDuplicate(...address),
        resynchronised: () => this.#running?.loop.executor.addresses.review(),
        failed: handleBlindness,
      },
      (record) => this.#parent.log(record),
      time.later,
      this.#logsAddresses,
    );
    const received: AdvertSocketHandlers = {
      received: (index, family, batch) => {
        for (const datagram of batch) {
          const event =
            family === 4
              ? this.#receiver.event(index, datagram.data, datagram.ageUs)
              : this.#receiver.event6(index, datagram);
          if (event !== undefined) this.#running?.loop.handle(event);
        }
        this.#running?.loop.arm();
      },
    };
    const ports = openKernel(links.table, this.#parent, received, own.requestBuffer);
    await links.open(own);
    const router = createRouter({ seed: process.pid });
    const rehearsal = new Rehearsal(ports);
    const log = this.#parent.log.bind(this.#parent);
    const firewall = new Firewall({ ...ports, log });
    const warmUp = (): void => void rehearsal.warmUp();
    const late = (lateUs: number): void => this.#own.noteLateness(lateUs);
    const loop = new Loop({ ...ports, firewall, warmUp, late }, router);
    const upkeep = new Upkeep(loop.executor, this.#parent, handleBlindness);
    const virtualLinks = new VirtualLinks({
      ...ports,
      table: links.table,
      log,
      changed: (made) => {
        firewall.useLinks(made);
        this.#made = made;
        this.#reportSettings();
        for (const { name } of made) links.review(name);
      },
    });
    return { ports, router, links, loop, rehearsal, upkeep, virtualLinks, firewall };
  }

  #prepare(name: string, index: number): boolean {
    const running = this.#running;
    const wish = this.#plan.get(name);
    if (running === undefined || wish === undefined) return false;
    const heardAt =
      wish.above === undefined ? index : running.links.table.link(wish.above.base)?.index;
    if (heardAt === undefined || !running.virtualLinks.isUsable(name)) return false;
    // Without an interface: the largest that is common.
    const mtu = running.links.table.kernelLink(name)?.mtu ?? 1500;
    return running.ports.adverts.open(name, { index, mtu }, wish, heardAt);
  }

  /**
   * Addresses go by the name of their device. Those that the interface keeps when it gets another
   * name would be looked for no more, and another router has them by then.
   */
  #withdraw(device: string, interfaceIndex: number): void {
    if (this.#running === undefined) return;
    const { addresses, links } = this.#running.ports;
    const orders = this.#withRemoved([])
      .flatMap((instance) => [...instance.virtualAddresses, ...instance.excludedAddresses])
      .filter((address) => address.device === device && !links.isForeign(address))
      // The kernel has put the new name into their labels.
      .map(({ label: _label, ...address }) => ({
        ...{ address, interfaceIndex, encoded: undefined },
        protocol: addressProtocol,
      }));
    void addresses.remove(orders.toReversed());
  }

  /** In portions: a thousand instances in one message would take 10 ms to write. */
  #reportStatistics(clears: boolean): void {
    const running = this.#running;
    if (running === undefined) return;
    const { instances, unknownVirtualRouter, advertLateness } = routerStatus(running.router);
    if (clears) clearCounters(running.router);
    const eventLoopDelayMaxUs = running.loop.takeDelayMaxUs();
    for (let first = 0; first === 0 || first < instances.length; first += statusPortion) {
      this.#parent.report({
        type: "statistics",
        instances: instances.slice(first, first + statusPortion),
        isLast: first + statusPortion >= instances.length,
        unknownVirtualRouter,
        eventLoopDelayMaxUs,
        advertLateness,
      });
    }
  }

  async #stop(keeps: boolean): Promise<void> {
    this.#isStopping = true;
    if (this.#running !== undefined && !keeps) {
      this.#running.loop.dispatch({ type: "stopRequested" });
      await this.#running.loop.finished();
      this.#running.upkeep.withdraw();
      if (!(await areWithdrawn(this.#running))) {
        const what = "all addresses, routes and rules are removed";
        const text = `Cannot tell whether ${what}: the kernel does not answer`;
        this.#parent.log({ level: "error", text });
      }
      await this.#running.virtualLinks.close();
      await this.#running.firewall.close();
    }
    await this.#leave({ type: "stopped" }, 0);
  }

  /** VRRP is impossible here, and would be for a successor: the parent has to know. */
  async #fail(thrown: unknown): Promise<void> {
    this.#isStopping = true;
    const error =
      thrown instanceof KeepalivedError
        ? thrown
        : new KeepalivedError("VRRP_IMPOSSIBLE", errorText(thrown));
    const isForbidden = error.code === "EPERM" || error.code === "EACCES";
    const exitCode = isForbidden ? exitMissingPermission : exitFatal;
    const message = `Cannot run VRRP: ${error.message}`;
    const wire = { code: error.code, message, data: error.data };
    await this.#leave({ type: "failed", exitCode, error: wire }, exitCode);
  }

  async #leave(message: FromVrrp, exitCode: number): Promise<void> {
    this.#parent.report(message);
    await within(farewellMaxMs, this.#parent.flushed());
    this.#exit(exitCode);
  }
}

/** A process that is blind to its links cannot go on; its successor resumes. */
function handleBlindness(error: KeepalivedError): never {
  throw error;
}

function shortestIntervalUs(instances: readonly VrrpInstanceConfig[]): number {
  const shorter = (least: number, { advertIntervalUs }: VrrpInstanceConfig): number =>
    Math.min(least, advertIntervalUs);
  return instances.reduce(shorter, Number.POSITIVE_INFINITY);
}

/** With an interface or its address there may be what the kernel has refused before. */
function dispatch(loop: Loop, event: VrrpEvent): void {
  loop.dispatch(event);
  if (event.type === "linkChanged" && event.link.isRunning) {
    loop.executor.linkImproved(event.link.name);
  }
}

/**
 * Waits until nothing of ours is left in the kernel, or it is silent. Time alone says nothing: the
 * process may have stood still (SIGSTOP, a paused machine) or the kernel may have kept it in a
 * system call.
 */
async function areWithdrawn({ ports, loop }: Running): Promise<boolean> {
  const gone = loop.executor.idle();
  const count = (): number => ports.addresses.answers + ports.routing.answers;
  for (let answers = -1; answers < count(); ) {
    answers = count();
    if (await within(silenceMaxMs, gone)) return true;
    // Timers come first after a standstill: answers that are there already are read now.
    await new Promise<void>((resolve) => ports.defer(resolve));
  }
  return false;
}

/** Whether `done` came within the time. */
async function within(limitMs: number, done: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const isInTime = await Promise.race([done.then(() => true as const), limit]);
  clearTimeout(timer);
  return isInTime;
}

/** Of polled links the core learns as of all links. */
function isTracker(report: WatchReport): report is TrackerReport {
  return report.kind !== "link";
}
