// All that tells the outside world of changes, fed by the one stream of the children's messages.
// Decides who is told in which order; what is news, core/teller and core/checker-teller do.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { FromChecker, FromVrrp } from "@keepalived-ts/shared-config/ipc/messages";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import {
  type CheckerTeller,
  configureCheckerTeller,
  createCheckerTeller,
  tellChecker,
} from "../core/checker-teller.js";
import type { Estate, GroupState } from "../core/estate.js";
import type { Notice, NoticeChange } from "../core/notice.js";
import {
  configureTeller,
  createTeller,
  presentStates,
  type Teller,
  tell,
  tellRest,
  toldGroups,
} from "../core/teller.js";
import { Fifos } from "./fifos.js";
import { Mailer } from "./mailer.js";
import { ScriptRunner } from "./script-runner.js";

export class Notifications {
  readonly #teller: Teller = createTeller();
  readonly #checkerTeller: CheckerTeller = createCheckerTeller();
  readonly #scripts: ScriptRunner;
  readonly #fifos: Fifos;
  readonly #mailer: Mailer;
  readonly #told: (change: NoticeChange) => void;
  #isConfigured = false;

  /** `told` learns of everything that anybody is told. */
  constructor(log: (record: LogRecord) => void, told: (change: NoticeChange) => void) {
    this.#told = told;
    this.#scripts = new ScriptRunner(log);
    this.#fifos = new Fifos(log);
    this.#mailer = new Mailer(log);
  }

  /** `config` is what is to run. */
  configure(config: Pick<Config, "global" | "vrrp" | "checker">): void {
    const { global, vrrp, checker } = config;
    configureTeller(this.#teller, vrrp, global);
    configureCheckerTeller(this.#checkerTeller, checker);
    this.#fifos.configure(config);
    this.#mailer.configure(global);
    if (this.#isConfigured && global.fifoWriteVrrpStatesOnReload) this.#writeStates();
    this.#isConfigured = true;
    const { notifyScriptsParallel, notifyScriptWaitUs: waitUs } = global;
    this.#scripts.configure({ isOrdered: !notifyScriptsParallel, waitUs });
  }

  /** From now on an instance that ends is stopped, and scripts have little time. */
  stopping(): void {
    this.#teller.isStopping = true;
    this.#scripts.dispatch({ type: "hurried" });
  }

  vrrpSaid(message: FromVrrp): void {
    this.#tell(tell(this.#teller, message));
  }

  checkerSaid(message: FromChecker): void {
    this.#tell(tellChecker(this.#checkerTeller, message));
  }

  /** Nobody is just being told anything. */
  get isQuiet(): boolean {
    return this.#scripts.isQuiet && this.#mailer.isQuiet;
  }

  /** For another release of this daemon. */
  get groups(): readonly GroupState[] {
    return toldGroups(this.#teller);
  }

  /** Another release has told all this already. */
  inherit({ config, instances, groups }: Estate): void {
    configureTeller(this.#teller, config.vrrp, config.global);
    configureCheckerTeller(this.#checkerTeller, config.checker);
    for (const snapshot of instances) {
      tell(this.#teller, { type: "instanceState", previous: snapshot.state, snapshot });
    }
    for (const { group, state } of groups) {
      tell(this.#teller, { type: "groupState", group, previous: state, state });
    }
  }

  /** Readers of FIFOs come to an end; the next configuration makes them anew. */
  closeFifos(): Promise<void> {
    return this.#fifos.close();
  }

  /** No child is left: resolves when everybody knows, or a bounded time after. */
  async close(): Promise<void> {
    for (const notice of tellRest(this.#teller)) this.#tell(notice);
    await Promise.all([this.#scripts.drain(), this.#mailer.close()]);
    await this.#fifos.close();
  }

  #tell(notice: Notice | undefined): void {
    if (notice === undefined) return;
    const { part, subject, title, line, scripts, mail, change } = notice;
    this.#scripts.dispatch({ type: "posted", lane: subject, title, scripts });
    this.#fifos.write(part, line);
    if (mail !== undefined) this.#mailer.post(mail);
    this.#told(change);
  }

  /** `fifo_write_vrrp_states_on_reload`. */
  #writeStates(): void {
    for (const { part, line } of presentStates(this.#teller)) this.#fifos.write(part, line);
  }
}
