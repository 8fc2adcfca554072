// Those who watch the daemon by protocols of their own. Decides which of them a configuration
// needs, and loads no more than that: what nobody asks for costs a start nothing.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { FromVrrp } from "@keepalived-ts/shared-config/ipc/messages";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import type { NoticeChange } from "../core/notice.js";
import type { DbusPorts, DbusService } from "./dbus-service.js";
import type { MonitorPorts, MonitorServer } from "./monitor-server.js";
import type { SnmpAgent, SnmpPorts } from "./snmp-agent.js";

export type MonitoringPorts = SnmpPorts & DbusPorts & MonitorPorts;

export type AdvertRefused = Extract<FromVrrp, { type: "advertRefused" }>;

interface Watcher {
  configure(global: Config["global"]): void;
  noteChange(): void;
  told(change: NoticeChange): void;
  /** Who has no word for it lacks it. */
  refused?(refusal: AdvertRefused): void;
  stopping(): void;
  close(): Promise<void>;
}

export class Monitoring {
  readonly #ports: MonitoringPorts;
  readonly #snmp: Lazy;
  readonly #dbus: Lazy;
  readonly #server: Lazy;

  constructor(ports: MonitoringPorts) {
    this.#ports = ports;
    this.#dbus = new Lazy(() => this.#createDbus(), ports.log);
    this.#server = new Lazy(() => this.#createServer(), ports.log);
    this.#snmp = new Lazy(() => this.#createSnmp(), ports.log);
  }

  configure({ global }: Config): void {
    const { enableSnmpVrrp, enableSnmpChecker, enableSnmpRfcv2, enableSnmpRfcv3 } = global;
    const isWanted = enableSnmpVrrp || enableSnmpChecker || enableSnmpRfcv2 || enableSnmpRfcv3;
    this.#snmp.use(isWanted, (watcher) => watcher.configure(global));
    this.#dbus.use(global.enableDbus, (watcher) => watcher.configure(global));
    const isOffered = global.monitorAddress !== undefined;
    this.#server.use(isOffered, (watcher) => watcher.configure(global));
  }

  /** Some state of a child is another. */
  noteChange(): void {
    this.#pass((watcher) => watcher.noteChange());
  }

  vrrpSaid(message: FromVrrp): void {
    if (message.type === "instanceState") this.noteChange();
    else if (message.type === "advertRefused") {
      this.#pass((watcher) => watcher.refused?.(message));
    }
  }

  told(change: NoticeChange): void {
    this.#pass((watcher) => watcher.told(change));
  }

  stopping(): void {
    this.#pass((watcher) => watcher.stopping());
  }

  /** Resolves when all is told, or a bounded time after. */
  async close(): Promise<void> {
    const all = [this.#snmp, this.#dbus, this.#server];
    await Promise.all(all.map(({ made }) => made?.close()));
  }

  #pass(what: (watcher: Watcher) => void): void {
    this.#snmp.pass(what);
    this.#dbus.pass(what);
    this.#server.pass(what);
  }

  async #createServer(): Promise<MonitorServer> {
    const { MonitorServer: Offered } = await import("./monitor-server.js");
    return new Offered(this.#ports);
  }

  async #createDbus(): Promise<DbusService> {
    const { DbusService: Service } = await import("./dbus-service.js");
    return new Service(this.#ports);
  }

  async #createSnmp(): Promise<SnmpAgent> {
    const { SnmpAgent: Agent } = await import("./snmp-agent.js");
    return new Agent(this.#ports);
  }
}

/** Something that is made when it is first wanted; what it is told meanwhile it learns then. */
class Lazy {
  readonly #create: () => Promise<Watcher>;
  readonly #log: (record: LogRecord) => void;
  made: Watcher | undefined;
  #waiting: ((watcher: Watcher) => void)[] | undefined;

  constructor(create: () => Promise<Watcher>, log: (record: LogRecord) => void) {
    this.#create = create;
    this.#log = log;
  }

  /** Once made it stays, for it may have to be told that it is not wanted any more. */
  use(isWanted: boolean, what: (watcher: Watcher) => void): void {
    if (isWanted && this.made === undefined && this.#waiting === undefined) {
      this.#waiting = [];
      this.#create().then(
        (made) => this.#ready(made),
        (thrown) => {
          // The next reload tries again.
          this.#waiting = undefined;
          this.#log({ level: "error", text: `Cannot load what monitoring needs: ${thrown}` });
        },
      );
    }
    this.pass(what);
  }

  pass(what: (watcher: Watcher) => void): void {
    if (this.made !== undefined) what(this.made);
    else this.#waiting?.push(what);
  }

  #ready(made: Watcher): void {
    this.made = made;
    for (const what of this.#waiting ?? []) what(made);
    this.#waiting = undefined;
  }
}
