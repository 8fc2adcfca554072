// What would a reload do? Starts children for this question alone, which play it with copies of the
// states and say what they have found; nothing that runs is disturbed. Decides nothing.

import type { Log } from "@keepalived-ts/shared-config/base/log";
import {
  fromCheckerSchema,
  fromVrrpSchema,
} from "@keepalived-ts/shared-config/ipc/from-child-schema";
import type {
  FromChecker,
  FromVrrp,
  ToChecker,
  ToVrrp,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import {
  emptyCheckerConfig,
  emptyVrrpConfig,
} from "@keepalived-ts/shared-config/schema/config-empty";
import { configDifference } from "@keepalived-ts/shared-config/schema/difference";
import type * as z from "zod/mini";
import type { PlanOutcome } from "../control/api.js";
import {
  type PlanJson,
  type PlannedChecker,
  type PlannedVrrp,
  planJson,
} from "../control/plan-json.js";
import { fileReports } from "../core/child-orders.js";
import type { ChildKind } from "../core/event.js";
import { isSyncMaster, resumeChecker, resumeVrrp } from "../core/mirror.js";
import { waitingForRestart } from "../core/start-only.js";
import type { Supervisor } from "../core/supervisor-state.js";
import { type ChildHandle, startChild } from "./child-process.js";
import { keptKeywords } from "./kept-keywords.js";

/** What the process itself contributes. */
export interface PlanningDaemon {
  /** The files of the children's modules. */
  readonly modules: Readonly<Record<ChildKind, string>>;
  /** What a reload would read; text = what is wrong with it. */
  readForPlan(): Config | string;
  /** A configuration that somebody else has read, as a reload would take it. */
  asForReload(config: Config): Config;
  /** Runs what starts a child process, out of reach of signals. */
  shielded<T>(start: () => T): T;
}

export interface PlannerPorts {
  readonly log: Log;
  readonly daemon: PlanningDaemon;
  readonly supervisor: Supervisor;
}

/** A configuration with 65,024 instances takes some seconds. */
const patienceMs = 60_000;

export class Planner {
  readonly #ports: PlannerPorts;
  #isAtWork = false;

  constructor(ports: PlannerPorts) {
    this.#ports = ports;
  }

  /**
   * Of the daemon's own file unless a configuration is given. One at a time.
   * @throws what has prevented it, as text for whoever asked.
   */
  async plan(given: Config | undefined): Promise<PlanOutcome> {
    if (this.#isAtWork) throw new Error("another plan is being made");
    this.#isAtWork = true;
    const { daemon } = this.#ports;
    try {
      const next = given === undefined ? daemon.readForPlan() : daemon.asForReload(given);
      return typeof next === "string" ? { why: next } : await this.#make(next);
    } finally {
      this.#isAtWork = false;
    }
  }

  async #make(next: Config): Promise<PlanJson> {
    const { config: running, options } = this.#ports.supervisor;
    if (running === undefined) throw new Error("no configuration is in force yet");
    const { kinds } = options;
    const [vrrp, checker] = await Promise.all([
      kinds.has("vrrp") && (running.vrrp ?? next.vrrp) ? this.#askVrrp(running, next) : undefined,
      kinds.has("checker") && (running.checker ?? next.checker)
        ? this.#askChecker(running, next)
        : undefined,
    ]);
    const kept = [
      ...keptKeywords(running.global, next.global),
      ...waitingForRestart(running, next),
    ];
    return planJson(configDifference(running, next), vrrp, checker, kept);
  }

  #askVrrp(running: Config, next: Config): Promise<PlannedVrrp> {
    const { mirror, isInMaintenance } = this.#ports.supervisor;
    const present = running.vrrp ?? emptyVrrpConfig;
    const message: ToVrrp = {
      type: "plan",
      running: present,
      next: next.vrrp ?? emptyVrrpConfig,
      resume: resumeVrrp(mirror, present, 0),
      trackers: [...mirror.trackers.values()],
      isInMaintenance,
    };
    return this.#ask<ToVrrp, FromVrrp>("vrrp", fromVrrpSchema, message);
  }

  #askChecker(running: Config, next: Config): Promise<PlannedChecker> {
    const { mirror } = this.#ports.supervisor;
    const present = running.checker ?? emptyCheckerConfig;
    const message: ToChecker = {
      type: "plan",
      running: present,
      next: next.checker ?? emptyCheckerConfig,
      resume: resumeChecker(mirror, present),
      resumeVirtualServers: [...mirror.virtualServers.values()],
      answers: [...mirror.answers.values()],
      trackers: fileReports(mirror),
      isSyncMaster: isSyncMaster(mirror, present),
    };
    return this.#ask<ToChecker, FromChecker>("checker", fromCheckerSchema, message);
  }

  #ask<Outgoing, Incoming extends FromVrrp | FromChecker>(
    kind: ChildKind,
    schema: z.ZodMiniType<Incoming>,
    message: Outgoing,
  ): Promise<Extract<Incoming, { type: "planned" }>> {
    const { daemon } = this.#ports;
    const spec = { module: daemon.modules[kind], execArgv: [], args: [], schema };
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`the ${kind} part cannot tell: ${why}`));
      const timer = setTimeout(() => {
        fail(`no answer within ${patienceMs / 1000} s`);
        child.kill();
      }, patienceMs);
      const child: ChildHandle<Outgoing> = daemon.shielded(() =>
        startChild<Outgoing, Incoming>(spec, {
          message: (said) => {
            if (said.type === "planned") resolve(said as Extract<Incoming, { type: "planned" }>);
            else if (said.type === "failed") fail(said.error.message);
          },
          invalid: (error) => fail(error.message),
          disconnected: () => undefined,
          printed: (line) => this.#ports.log.warn(line),
          exited: ({ exitCode, signal }) => {
            clearTimeout(timer);
            fail(`it has ended, ${signal ?? `status ${exitCode}`}`);
          },
        }),
      );
      child.send(message);
    });
  }
}
