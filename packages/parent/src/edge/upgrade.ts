// `kactl upgrade`: this process becomes the release that is installed now. First that release tries
// whether it can go on from here; then the children end and leave everything in place, and an exec
// keeps the process's number. Decides nothing about what the next release does.

import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { dirname } from "node:path";
import { replaceProcess } from "@keepalived-ts/netops/process/control";
import { assert } from "@keepalived-ts/shared-config/base/assert";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type { Log } from "@keepalived-ts/shared-config/base/log";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import type { UpgradeOutcome } from "../control/api.js";
import { estateOf, inherit } from "../core/estate.js";
import { maySucceed } from "../core/succession.js";
import type { Supervisor } from "../core/supervisor-state.js";
import type { Notifications } from "../notify/notifications.js";
import type { Watchers } from "../track/watchers.js";
import { monotonicNowUs } from "./clock.js";
import { withHeirMarker } from "./heir-marker.js";
import { type Inheritance, writeInheritance } from "./inheritance.js";
import type { InterfaceSettings } from "./interface-settings.js";
import type { LocalIgmp } from "./local-igmp.js";
import { childlessness } from "./own-children.js";
import type { Reloads } from "./reloads.js";
import type { Notifier } from "./systemd.js";
import { versionText } from "./terminal.js";

/** What the process itself contributes. */
export interface UpgradableDaemon {
  readonly notifier: Notifier;
  /** What starts this daemon, without the words of its command line. */
  readonly program: readonly string[];
  /** Relative names on the command line begin here. */
  readonly startFolder: string;
  /** The network namespace that the daemon was started in, as a descriptor. */
  origin(): number;
  pidFile(kind: "parent"): string;
  /** What this process holds alone is put back, the log is written. */
  leave(): Promise<void>;
}

export interface UpgradePorts {
  readonly log: Log;
  readonly daemon: UpgradableDaemon;
  readonly supervisor: Supervisor;
  readonly reloads: Reloads;
  readonly watchers: Watchers;
  readonly notifications: Notifications;
  readonly settings: InterfaceSettings;
  readonly localIgmp: LocalIgmp;
  order(type: "successionOrdered" | "successionFailed"): void;
  configure(config: Config): void;
}

const checkMaxMs = 60_000;
const outputMax = 16_384;
/** The descriptors of a check; those before are the standard ones. */
const checkDescriptors = { inheritance: 3, origin: 4 } as const;
/** For notify scripts and mail; what is not told by then is cut off. */
const quietMaxMs = 10_000;
const pollMs = 20;
/** The answer to whoever has ordered it goes out meanwhile. */
const answerMs = 50;

export class Upgrade {
  readonly #ports: UpgradePorts;
  #isUnderWay = false;

  constructor(ports: UpgradePorts) {
    this.#ports = ports;
  }

  /** Before the first configuration: goes on with what another release has left. */
  inherit({ estate, settings, formerLocalIgmp, version }: Inheritance): void {
    this.#ports.log.info(`Going on from ${version}`);
    inherit(this.#ports.supervisor, estate);
    this.#ports.notifications.inherit(estate);
    this.#ports.settings.adopt(settings);
    if (formerLocalIgmp !== null) this.#ports.localIgmp.adopt(formerLocalIgmp);
  }

  /** Resolves when it is known that the other release can go on; the rest follows. */
  async start(): Promise<UpgradeOutcome> {
    if (this.#isUnderWay) return { why: "An upgrade is under way" };
    this.#isUnderWay = true;
    const why = this.#obstacle() ?? (await this.#check()) ?? this.#obstacle();
    if (why !== undefined) {
      this.#isUnderWay = false;
      this.#ports.log.warn(`Upgrade refused: ${why.split("\n")[0]}`);
      return { why };
    }
    setTimeout(() => void this.#begin(), answerMs);
    return "accepted";
  }

  /** No child is left. */
  async succeed(): Promise<void> {
    const { log, daemon } = this.#ports;
    let inheritance: number | undefined;
    try {
      const origin = daemon.origin();
      inheritance = this.#writeInheritance();
      await this.#leave();
      const environment = withHeirMarker(process.env, { purpose: "take", inheritance, origin });
      replaceProcess(this.#words, environment, [inheritance, origin]);
    } catch (thrown) {
      if (inheritance !== undefined) closeSync(inheritance);
      this.#isUnderWay = false;
      log.error(`Cannot upgrade: ${errorText(thrown)}; going on with this release`);
      this.#ports.order("successionFailed");
      const { config } = this.#ports.supervisor;
      if (config !== undefined) this.#ports.configure(config);
    }
  }

  async #begin(): Promise<void> {
    const { notifications } = this.#ports;
    for (let waitedMs = 0; !notifications.isQuiet && waitedMs < quietMaxMs; waitedMs += pollMs) {
      await new Promise((wake) => setTimeout(wake, pollMs));
    }
    const why = this.#obstacle();
    if (why === undefined) {
      this.#ports.log.info("Upgrading: the next release goes on from here");
      this.#ports.order("successionOrdered");
      return;
    }
    this.#isUnderWay = false;
    this.#ports.log.warn(`Upgrade given up: ${why}`);
  }

  get #words(): readonly string[] {
    return [...this.#ports.daemon.program, ...process.argv.slice(2)];
  }

  #obstacle(): string | undefined {
    const { reloads, supervisor } = this.#ports;
    if (reloads.confirmUntilUs !== undefined) return "The configuration is not confirmed yet";
    if (!reloads.isUnsettled && maySucceed(supervisor)) return undefined;
    return "A start, reload or stop is under way, or a child process is missing";
  }

  /** Returns the descriptor. */
  #writeInheritance(): number {
    const { supervisor, notifications, settings, localIgmp, daemon } = this.#ports;
    const estate = estateOf(supervisor, notifications.groups, monotonicNowUs());
    assert(estate !== undefined, "a configuration is in force");
    return writeInheritance(dirname(daemon.pidFile("parent")), {
      version: versionText(),
      startFolder: daemon.startFolder,
      estate,
      settings: settings.memories,
      formerLocalIgmp: localIgmp.former ?? null,
    });
  }

  /** Nobody is left then of those that this process has started. */
  async #leave(): Promise<void> {
    const { watchers, notifications, daemon } = this.#ports;
    watchers.close();
    daemon.notifier.reloading();
    await notifications.closeFifos();
    await childlessness();
    await daemon.leave();
  }

  /** Undefined = the other release can go on; else what it says. */
  async #check(): Promise<string | undefined> {
    let inheritance: number | undefined;
    try {
      inheritance = this.#writeInheritance();
      return await this.#ask(inheritance);
    } catch (thrown) {
      return `Cannot try the installed release: ${errorText(thrown)}`;
    } finally {
      if (inheritance !== undefined) closeSync(inheritance);
    }
  }

  #ask(inheritance: number): Promise<string | undefined> {
    const [program = "", ...words] = this.#words;
    const environment = withHeirMarker(process.env, { purpose: "check", ...checkDescriptors });
    const heir = spawn(program, words, {
      env: environment,
      stdio: ["ignore", "pipe", "pipe", inheritance, this.#ports.daemon.origin()],
      timeout: checkMaxMs,
      killSignal: "SIGKILL",
    });
    let output = "";
    for (const stream of [heir.stdout, heir.stderr]) {
      stream?.on("data", (chunk) => {
        if (output.length < outputMax) output += String(chunk);
      });
    }
    return new Promise((resolve, reject) => {
      heir.on("error", reject);
      heir.on("close", (exitCode, signal) => {
        const text = output.trim() || `it ends with ${signal ?? `status ${exitCode}`}`;
        resolve(exitCode === 0 ? undefined : `The installed release cannot go on: ${text}`);
      });
    });
  }
}
