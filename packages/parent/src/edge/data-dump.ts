// Data, statistics and JSON files on request (SIGUSR1, SIGUSR2, SIGRTMIN + 2, SIGRTMAX - 1): asks
// the VRRP process how its instances stand and writes what was wanted when it has answered. Decides
// which files an order is about; what stands in them data/ does.

import type { Log } from "@keepalived-ts/shared-config/base/log";
import { usPerMs } from "@keepalived-ts/shared-config/base/units";
import type { FromVrrp, InstanceStatus } from "@keepalived-ts/shared-config/ipc/messages";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { type DumpKind, dumpPath } from "../data/dump-paths.js";
import { globalText, type StateView, stateText } from "../data/state-data.js";
import { stateJson } from "../data/state-json.js";
import { statisticsText } from "../data/statistics-text.js";
import { monotonicNowUs } from "./clock.js";
import { writeDumpFile } from "./dump-file.js";

export type DumpOrder = "data" | "statistics" | "statisticsClear" | "json";
type Statistics = Extract<FromVrrp, { type: "statistics" }>;

export interface DumpPorts {
  readonly log: Log;
  /** The configuration in force; undefined before the first. */
  config(): Config | undefined;
  /** Asks the VRRP process for its statistics; false = there is none. */
  ask(clears: boolean): boolean;
  trackers(): StateView["trackers"];
  runningScripts(): StateView["runningScripts"];
  /** -u; undefined = as the configuration says. */
  readonly umask: number | undefined;
}

/** A process that is so late is hung or being replaced. */
const answerMaxMs = 5_000;

export class DataDump {
  readonly #ports: DumpPorts;
  /** What the answer that is under way is for. */
  readonly #asked: Set<DumpOrder> = new Set();
  /** What came after the question: it wants an answer of its own. */
  readonly #next: Set<DumpOrder> = new Set();
  #instances: Map<string, InstanceStatus> = new Map();
  #timer: NodeJS.Timeout | undefined;

  constructor(ports: DumpPorts) {
    this.#ports = ports;
  }

  order(order: DumpOrder): void {
    if (order === "data") this.#writeParent();
    if (this.#asked.size === 0) this.#ask([order]);
    else this.#next.add(order);
  }

  /** A portion of the answer. */
  received(statistics: Statistics): void {
    for (const status of statistics.instances) this.#instances.set(status.instance, status);
    if (!statistics.isLast || this.#asked.size === 0) return;
    this.#write(statistics);
    this.#finish();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #ask(orders: readonly DumpOrder[]): void {
    if (!this.#ports.ask(orders.includes("statisticsClear"))) {
      this.#ports.log.detail(`Nothing to write for ${orders.join(", ")}: there is no VRRP process`);
      return;
    }
    for (const order of orders) this.#asked.add(order);
    this.#instances = new Map();
    this.#timer = setTimeout(() => {
      const what = [...this.#asked].join(", ");
      const seconds = answerMaxMs / 1000;
      this.#ports.log.warn(
        `Cannot write ${what}: the VRRP process has not answered for ${seconds} s`,
      );
      this.#finish();
    }, answerMaxMs);
  }

  #finish(): void {
    clearTimeout(this.#timer);
    this.#asked.clear();
    const next = [...this.#next];
    this.#next.clear();
    if (next.length > 0) this.#ask(next);
  }

  #write(statistics: Statistics): void {
    const config = this.#ports.config();
    if (config === undefined) return;
    const view = this.#view(config);
    if (this.#asked.has("data")) this.#writeFile(config, "state", stateText(view));
    if (this.#asked.has("json")) this.#writeFile(config, "json", stateJson(view));
    if (!this.#asked.has("statistics") && !this.#asked.has("statisticsClear")) return;
    this.#writeFile(config, "statistics", statisticsText(this.#instances.values()));
    this.#logRest(statistics);
  }

  #view(config: Config): StateView {
    const offsetUs = Date.now() * usPerMs - monotonicNowUs();
    return {
      config,
      instances: this.#instances,
      trackers: this.#ports.trackers(),
      runningScripts: this.#ports.runningScripts(),
      wallUs: (monotonicUs) => monotonicUs + offsetUs,
    };
  }

  #writeParent(): void {
    const config = this.#ports.config();
    if (config !== undefined) this.#writeFile(config, "parent", globalText({ config }));
  }

  #writeFile(config: Config, kind: DumpKind, text: string | undefined): void {
    if (text === undefined) return;
    const path = dumpPath(kind, config.global, process.env["TMPDIR"] ?? "/tmp");
    const failure = writeDumpFile(path, text, this.#ports.umask ?? config.global.umask);
    if (failure !== undefined) this.#ports.log.error(failure);
  }

  /** What keepalived's file has no line for: counters of 0 are left out. */
  #logRest({ unknownVirtualRouter, eventLoopDelayMaxUs }: Statistics): void {
    for (const { instance, counters } of this.#instances.values()) {
      const counted = Object.entries(counters).filter(([, count]) => count > 0);
      const text = counted.map(([name, count]) => `${name} ${count}`).join(", ");
      this.#ports.log.info(`(${instance}) Statistics: ${text}`);
    }
    const delay = `longest event-loop delay ${eventLoopDelayMaxUs / usPerMs} ms`;
    this.#ports.log.info(`VRRP statistics: unknownVirtualRouter ${unknownVirtualRouter}, ${delay}`);
  }
}
