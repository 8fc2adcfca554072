// Data, statistics and JSON files on request (SIGUSR1, SIGUSR2, SIGRTMIN + 2, SIGRTMAX - 1): asks
// the VRRP process how its instances stand and writes what was wanted when it has answered; what is
// of the parent and the checker at once. Decides
// which files an order is about; what stands in them data/ does.

import type { Log } from "@keepalived-ts/shared-config/base/log";
import { usPerMs } from "@keepalived-ts/shared-config/base/units";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { type CheckerView, checkerText } from "../data/checker-data.js";
import { type DumpKind, dumpPath } from "../data/dump-paths.js";
import { globalText, type StateView, stateText } from "../data/state-data.js";
import { stateJson } from "../data/state-json.js";
import { statisticsText } from "../data/statistics-text.js";
import { writeDumpFile } from "./dump-file.js";
import { answerMaxMs, type StatusAnswer, type StatusQuery } from "./status-query.js";

export type DumpOrder = "data" | "statistics" | "statisticsClear" | "json";

export interface DumpPorts {
  readonly log: Log;
  readonly query: StatusQuery;
  /** The configuration in force, undefined before the first, and what children have told. */
  readonly supervisor: {
    readonly config: Config | undefined;
    readonly mirror: Omit<CheckerView, "config">;
  };
  view(config: Config, answer: StatusAnswer): StateView;
  /** -u; undefined = as the configuration says. */
  readonly umask: number | undefined;
}

export class DataDump {
  readonly #ports: DumpPorts;

  constructor(ports: DumpPorts) {
    this.#ports = ports;
  }

  order(order: DumpOrder): void {
    const { log, query } = this.#ports;
    if (order === "data") this.#writeOwn();
    query.ask(order === "statisticsClear", (outcome) => {
      if (outcome === "absent") {
        log.detail(`Nothing to write for ${order}: there is no VRRP process`);
      } else if (outcome === "silent") {
        const seconds = answerMaxMs / 1000;
        log.warn(`Cannot write ${order}: the VRRP process has not answered for ${seconds} s`);
      } else this.#write(order, outcome);
    });
  }

  #write(order: DumpOrder, answer: StatusAnswer): void {
    const config = this.#ports.supervisor.config;
    if (config === undefined) return;
    const view = this.#ports.view(config, answer);
    if (order === "data") this.#writeFile(config, "state", stateText(view));
    else if (order === "json") this.#writeFile(config, "json", stateJson(view));
    else {
      this.#writeFile(config, "statistics", statisticsText(answer.instances.values()));
      this.#logRest(answer);
    }
  }

  /** What needs no answer of a child: the parent has a mirror of the checker. */
  #writeOwn(): void {
    const { config, mirror } = this.#ports.supervisor;
    if (config === undefined) return;
    this.#writeFile(config, "parent", globalText({ config }));
    this.#writeFile(config, "checker", checkerText({ ...mirror, config }));
  }

  #writeFile(config: Config, kind: DumpKind, text: string | undefined): void {
    if (text === undefined) return;
    const path = dumpPath(kind, config.global, process.env["TMPDIR"] ?? "/tmp");
    const failure = writeDumpFile(path, text, this.#ports.umask ?? config.global.umask);
    if (failure !== undefined) this.#ports.log.error(failure);
  }

  /** What keepalived's file has no line for: counters of 0 are left out. */
  #logRest({ instances, unknownVirtualRouter, eventLoopDelayMaxUs }: StatusAnswer): void {
    for (const { instance, counters } of instances.values()) {
      const counted = Object.entries(counters).filter(([, count]) => count > 0);
      const text = counted.map(([name, count]) => `${name} ${count}`).join(", ");
      this.#ports.log.info(`(${instance}) Statistics: ${text}`);
    }
    const delay = `longest event-loop delay ${eventLoopDelayMaxUs / usPerMs} ms`;
    this.#ports.log.info(`VRRP statistics: unknownVirtualRouter ${unknownVirtualRouter}, ${delay}`);
  }
}
