// Reloads from the order to the end: one at a time, one more kept for later, and the way back from
// one that nobody confirms. Decides nothing about what a configuration does.

import type { Log } from "@keepalived-ts/shared-config/base/log";
import { usPerMs, usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import type { ReloadOutcome } from "../control/api.js";
import { afterReload, type Provisional } from "../core/provisional.js";
import { waitingForRestart } from "../core/start-only.js";
import { monotonicNowUs } from "./clock.js";
import type { Notifier } from "./systemd.js";

export interface ReloadPorts {
  readonly log: Log;
  readonly notifier: Notifier;
  running(): Config | undefined;
  isStopping(): boolean;
  /** Reads the file; undefined = it has errors, which were told. */
  read(running: Config): Config | undefined;
  /** What the configuration says of this process itself holds again. */
  adopt(config: Config): void;
  configure(config: Config): void;
  noteReload(isAccepted: boolean): void;
  noteEvent(text: string): void;
}

export class Reloads {
  readonly #ports: ReloadPorts;
  /** A configuration is to come into force: at the start, from a reload to its end. */
  #isUnsettled = true;
  #isOwed = false;
  #provisional: Provisional | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #whenSettled: (() => void)[] = [];

  constructor(ports: ReloadPorts) {
    this.#ports = ports;
  }

  get isUnsettled(): boolean {
    return this.#isUnsettled;
  }

  /** Until when the present configuration must be confirmed; undefined = it need not be. */
  get confirmUntilUs(): number | undefined {
    return this.#provisional?.until;
  }

  /** A configuration was handed to the children. */
  begin(): void {
    this.#isUnsettled = true;
  }

  /** It is in force. */
  settle(): void {
    this.#isUnsettled = false;
    for (const settled of this.#whenSettled.splice(0)) settled();
  }

  settled(): Promise<void> {
    if (!this.#isUnsettled) return Promise.resolve();
    return new Promise((resolve) => this.#whenSettled.push(resolve));
  }

  /** A reload that had to wait, if there is one. */
  runOwed(): void {
    if (this.#isOwed && !this.#isUnsettled) this.reload();
  }

  /** A change that was not read from the file; false while another one is under way. */
  reconfigure(config: Config): boolean {
    if (this.#isUnsettled || this.#ports.isStopping()) return false;
    this.#ports.configure(config);
    return true;
  }

  reload(confirmWithinUs?: number): ReloadOutcome {
    const { log, notifier } = this.#ports;
    // Between SIGTERM and the end there is nothing left to configure.
    if (this.#ports.isStopping()) return "stopping";
    // Before the start is through there is nothing to reload, and children must not be given one
    // configuration after another faster than they can put them in force.
    if (this.#isUnsettled) {
      if (confirmWithinUs !== undefined) return "busy";
      if (!this.#isOwed) log.info("Reload follows when the present one is complete");
      this.#isOwed = true;
      return "pending";
    }
    this.#isOwed = false;
    notifier.reloading();
    log.info("Reloading ...");
    const running = this.#ports.running();
    const config = running && this.#ports.read(running);
    this.#ports.noteReload(config !== undefined);
    if (running !== undefined && config !== undefined) {
      this.#accept(running, config, confirmWithinUs);
      return "accepted";
    }
    this.#ports.noteEvent("reload refused");
    log.error("Reload refused, the running configuration stays in force");
    notifier.ready("Reload refused, see the log");
    return "refused";
  }

  /** The present configuration is to stay; false = nobody asked. */
  confirm(): boolean {
    if (this.#provisional === undefined) return false;
    this.#provide(undefined);
    this.#ports.log.info("The configuration is confirmed");
    this.#ports.noteEvent("confirmed");
    return true;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #accept(running: Config, config: Config, confirmWithinUs: number | undefined): void {
    const { log } = this.#ports;
    for (const keyword of waitingForRestart(running, config)) {
      log.warn(`Cannot change ${keyword} by a reload: restart for that`);
    }
    const isConfirming = this.#provisional !== undefined && confirmWithinUs === undefined;
    if (isConfirming) log.info("This reload confirms the one before");
    this.#provide(afterReload(this.#provisional, running, confirmWithinUs, monotonicNowUs()));
    if (confirmWithinUs !== undefined) {
      const seconds = confirmWithinUs / usPerSecond;
      log.info(`Going back to the former configuration in ${seconds} s unless it is confirmed`);
    }
    this.#ports.configure(config);
  }

  #provide(provisional: Provisional | undefined): void {
    clearTimeout(this.#timer);
    this.#provisional = provisional;
    if (provisional === undefined) return;
    const delayMs = Math.ceil((provisional.until - monotonicNowUs()) / usPerMs);
    this.#timer = setTimeout(() => void this.#expired(provisional), Math.max(0, delayMs));
  }

  async #expired(provisional: Provisional): Promise<void> {
    await this.settled();
    // It was confirmed, or given more time, while a configuration was being put in force.
    if (this.#provisional !== provisional || this.#ports.isStopping()) return;
    this.#provide(undefined);
    const { log, notifier } = this.#ports;
    log.warn("Nobody has confirmed the configuration: going back to the former one");
    log.warn("The file still has the one that was not confirmed: a reload or restart takes it");
    this.#ports.noteEvent("not confirmed, going back");
    notifier.reloading();
    this.#ports.adopt(provisional.former);
    this.#ports.configure(provisional.former);
  }
}
