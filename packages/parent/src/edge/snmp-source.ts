// How everything stands, for SNMP: out of the parent's mirror at once, and what only the VRRP
// process knows (counters) as it was told last. Asks it seldom: a walk of thousands of objects must
// cost it nothing.

import { RouteSocket } from "@keepalived-ts/netops/netlink/route-socket";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type { Log } from "@keepalived-ts/shared-config/base/log";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type {
  InstanceSnapshot,
  InstanceStatus,
  RefusalCause,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { knownConfig } from "../control/known-servers.js";
import type { Supervisor } from "../core/supervisor-state.js";
import type { LinkNumbers, ShownStatus, SnmpView } from "../snmp/view.js";
import { bounded } from "./bounded.js";
import { monotonicNowUs } from "./clock.js";
import { IpvsCounts, type IpvsQuery } from "./ipvs-query.js";
import { noAnswer, type StatusAnswer, type StatusQuery } from "./status-query.js";

export interface SnmpSources {
  readonly log: Log;
  readonly query: StatusQuery;
  readonly ipvs: IpvsQuery;
  readonly supervisor: Supervisor;
}

/** What is older is asked for again: as often as keepalived reads the statistics of IPVS. */
const answerAgeMaxUs = 5 * usPerSecond;
/** ... or as soon as something has changed, but not more often than this. */
const changedAgeMinUs = usPerSecond;
/** Without an answer by then the former one has to do: managers wait for a second. */
const waitMaxMs = 500;

export class SnmpSource {
  readonly #sources: SnmpSources;
  readonly #version: string;
  #answer: StatusAnswer = noAnswer;
  #counts = new IpvsCounts();
  #links: ReadonlyMap<string, LinkNumbers> = new Map();
  #answeredAt = Number.NEGATIVE_INFINITY;
  #isChanged = true;
  #asking: Promise<void> | undefined;
  #upSince: Map<string, number> = new Map();
  #isLinkFailureLogged = false;
  /** Why an advert for an instance was not obeyed last. */
  readonly #refusals: Map<string, RefusalCause> = new Map();

  constructor(sources: SnmpSources, version: string) {
    this.#sources = sources;
    this.#version = version;
  }

  /** Something is not as it was. */
  noteChange(): void {
    this.#isChanged = true;
    this.#noteUp();
  }

  noteRefusal(instance: string, cause: RefusalCause): void {
    this.#refusals.set(instance, cause);
  }

  /** Resolves when what is known is new enough, or after a bounded time; whether it is newer. */
  async refresh(): Promise<boolean> {
    const ageUs = monotonicNowUs() - this.#answeredAt;
    const isStale = ageUs > this.#answerAgeMaxUs() || (this.#isChanged && ageUs > changedAgeMinUs);
    if (!isStale && !this.#isIncomplete()) return false;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    await bounded(this.#asking, waitMaxMs);
    return true;
  }

  /** As it is known now; undefined before the first configuration. */
  view(sysUpTimeCs: number): SnmpView | undefined {
    const { config, mirror, children } = this.#sources.supervisor;
    if (config === undefined) return undefined;
    const now = monotonicNowUs();
    const sinceCs = (at: number): number => Math.max(0, sysUpTimeCs - (now - at) / 1e4);
    return {
      config: knownConfig(config, mirror),
      version: this.#version,
      // Of a process that is away nothing is known: a dead one is no MASTER.
      instances: children.vrrp.phase === "running" ? this.#statuses(config) : new Map(),
      upSinceCs: new Map([...this.#upSince].map(([name, at]) => [name, sinceCs(at)])),
      sysUpTimeCs,
      refusals: this.#refusals,
      trackers: mirror.trackers,
      links: this.#links,
      unknownVirtualRouter: this.#answer.unknownVirtualRouter,
      realServers: mirror.realServers,
      virtualServers: mirror.virtualServers,
      traffic: this.#counts,
    };
  }

  /** `snmp_vs_stats_update_interval` and that of real servers count for the kernel's statistics. */
  #answerAgeMaxUs(): number {
    const { config } = this.#sources.supervisor;
    if (config === undefined || !config.global.enableSnmpChecker) return answerAgeMaxUs;
    const { snmpVsStatsUpdateIntervalUs, snmpRsStatsUpdateIntervalUs } = config.global;
    return Math.min(snmpVsStatsUpdateIntervalUs, snmpRsStatsUpdateIntervalUs);
  }

  /** An instance has come up of which more is wanted than the mirror has. */
  #isIncomplete(): boolean {
    const { mirror, children } = this.#sources.supervisor;
    if (children.vrrp.phase !== "running") return false;
    return [...mirror.instances.keys()].some((name) => !this.#answer.instances.has(name));
  }

  async #ask(): Promise<void> {
    this.#isChanged = false;
    const [answer, counts] = await Promise.all([
      this.#askChild(),
      this.#askIpvs(),
      this.#readLinks(),
    ]);
    if (counts !== undefined) this.#counts = counts;
    if (answer !== undefined) this.#answer = answer;
    this.#answeredAt = monotonicNowUs();
  }

  #askChild(): Promise<StatusAnswer | undefined> {
    return new Promise((resolve) => {
      this.#sources.query.ask(false, (outcome) => {
        resolve(typeof outcome === "string" ? undefined : outcome);
      });
    });
  }

  async #askIpvs(): Promise<IpvsCounts | undefined> {
    const isWanted = this.#sources.supervisor.config?.global.enableSnmpChecker === true;
    return isWanted ? await this.#sources.ipvs.ask() : undefined;
  }

  async #readLinks(): Promise<void> {
    try {
      const socket = RouteSocket.open();
      try {
        const links = await socket.links();
        this.#links = new Map(links.map((link) => [link.name, link]));
      } finally {
        socket.close();
      }
      this.#isLinkFailureLogged = false;
    } catch (thrown) {
      if (this.#isLinkFailureLogged) return;
      this.#isLinkFailureLogged = true;
      this.#sources.log.warn(`Cannot read the interfaces for SNMP: ${errorText(thrown)}`);
    }
  }

  #statuses({ vrrp }: Config): Map<string, ShownStatus> {
    const { instances } = this.#sources.supervisor.mirror;
    return new Map(
      (vrrp?.instances ?? []).flatMap(({ name }): [string, ShownStatus][] => {
        const snapshot = instances.get(name);
        if (snapshot === undefined) return [];
        return [[name, shownStatus(snapshot, this.#answer.instances.get(name))]];
      }),
    );
  }

  #noteUp(): void {
    const { instances } = this.#sources.supervisor.mirror;
    for (const known of [this.#upSince, this.#refusals]) {
      for (const name of known.keys()) if (!instances.has(name)) known.delete(name);
    }
    for (const [name, { state, enteredAt }] of instances) {
      if (state === "INIT") this.#upSince.delete(name);
      else if (!this.#upSince.has(name)) this.#upSince.set(name, enteredAt);
    }
  }
}

/** The mirror is never behind; the answer, which says more, may be. */
function shownStatus(snapshot: InstanceSnapshot, answer: InstanceStatus | undefined): ShownStatus {
  const { state, effectivePriority, masterAddress, masterPriority, masterReason } = snapshot;
  const isSame = answer?.state === state;
  return {
    state,
    effectivePriority,
    masterAddress,
    masterPriority,
    masterReason,
    wantedState: isSame ? answer.wantedState : state,
    holdsAddresses: state === "MASTER",
    sourceAddress: answer?.sourceAddress ?? null,
    counters: answer?.counters ?? {},
  };
}
