// All that tells the outside world of changes, fed by the one stream of the children's messages.
// Decides who is told in which order; what is news, core/teller does.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { FromVrrp } from "@keepalived-ts/shared-config/ipc/messages";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { type Notice, noticeLine, noticeTitle } from "../core/notice.js";
import {
  configureTeller,
  createTeller,
  presentStates,
  type Teller,
  tell,
  tellRest,
} from "../core/teller.js";
import { Fifos } from "./fifos.js";
import { ScriptRunner } from "./script-runner.js";

export class Notifications {
  readonly #teller: Teller = createTeller();
  readonly #scripts: ScriptRunner;
  readonly #fifos: Fifos;
  #isConfigured = false;

  constructor(log: (record: LogRecord) => void) {
    this.#scripts = new ScriptRunner(log);
    this.#fifos = new Fifos(log);
  }

  /** `config` is what is to run. */
  configure(config: Pick<Config, "global" | "vrrp" | "checker">): void {
    const { global, vrrp } = config;
    configureTeller(this.#teller, vrrp);
    this.#fifos.configure(config);
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
    const notice = tell(this.#teller, message);
    if (notice !== undefined) this.#tell(notice);
  }

  /** No child is left: resolves when everybody knows, or a bounded time after. */
  async close(): Promise<void> {
    for (const notice of tellRest(this.#teller)) this.#tell(notice);
    await this.#scripts.drain();
    await this.#fifos.close();
  }

  #tell(notice: Notice): void {
    const { kind, name, scripts } = notice;
    const lane = `${kind} ${name}`;
    this.#scripts.dispatch({ type: "posted", lane, title: noticeTitle(notice), scripts });
    this.#fifos.write("vrrp", noticeLine(notice));
  }

  /** `fifo_write_vrrp_states_on_reload`. */
  #writeStates(): void {
    for (const notice of presentStates(this.#teller)) {
      this.#fifos.write("vrrp", noticeLine(notice));
    }
  }
}
