// The D-Bus service: binds the bus session to its socket, calls to the state, orders to whoever
// carries them out. Loaded only when a configuration asks for D-Bus. Who may call what, the bus's
// policy decides (org.keepalived.Vrrp1.conf of the package).

import { readFileSync } from "node:fs";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { GlobalConfig } from "@keepalived-ts/shared-config/schema/config";
import type { NoticeChange } from "../core/notice.js";
import type { Supervisor } from "../core/supervisor-state.js";
import {
  type BusAction,
  type BusEvent,
  createBusSession,
  encodeReply,
  handleBus,
} from "../dbus/bus-session.js";
import type { ReceivedMessage } from "../dbus/message.js";
import {
  answerCall,
  type DbusOrder,
  type DbusView,
  instanceInterface,
  instancesByPath,
  stateNumbers,
  vrrpInterface,
  vrrpPath,
} from "../dbus/objects.js";
import { BusConnection } from "./bus-connection.js";
import { monotonicNowUs } from "./clock.js";

export interface DbusPorts {
  readonly supervisor: Supervisor;
  log(record: LogRecord): void;
  order(order: DbusOrder): void;
}

const systemBus = "unix:path=/run/dbus/system_bus_socket";
const machineIdFile = "/etc/machine-id";

export class DbusService {
  readonly #ports: DbusPorts;
  readonly #session = createBusSession();
  readonly #machineId = readMachineId();
  #connection: BusConnection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isAnnounced = false;
  /** Where instances are, those that a reload has just removed too. */
  #paths: Map<string, string> = new Map();

  constructor(ports: DbusPorts) {
    this.#ports = ports;
  }

  configure({ enableDbus, dbusServiceName: serviceName }: GlobalConfig): void {
    const address = process.env["DBUS_SYSTEM_BUS_ADDRESS"] ?? systemBus;
    if (enableDbus) {
      this.#dispatch({ type: "configured", settings: { address, serviceName } });
      this.#signal(vrrpPath, vrrpInterface, this.#isAnnounced ? "VrrpReloaded" : "VrrpStarted");
      this.#isAnnounced = true;
    } else this.#end();
    this.#notePaths();
  }

  told(change: NoticeChange): void {
    if (change.kind !== "INSTANCE") return;
    const { name, state } = change;
    const path = this.#paths.get(name);
    if (path === undefined || !Object.hasOwn(stateNumbers, state)) return;
    const status = stateNumbers[state as keyof typeof stateNumbers];
    this.#signal(path, instanceInterface, "VrrpStatusChange", status);
  }

  noteChange(): void {
    // States are looked up when somebody asks.
  }

  stopping(): void {
    // VrrpStopped comes last, when every instance has told of its end.
  }

  async close(): Promise<void> {
    this.#end();
  }

  #end(): void {
    if (this.#isAnnounced) this.#signal(vrrpPath, vrrpInterface, "VrrpStopped");
    this.#isAnnounced = false;
    this.#dispatch({ type: "configured", settings: undefined });
  }

  #notePaths(): void {
    const { config, mirror } = this.#ports.supervisor;
    if (config === undefined) return;
    const present = [...instancesByPath({ config })].map(([path, { name }]): [string, string] => [
      name,
      path,
    ]);
    // One that is going is told of once more.
    const going = [...this.#paths].filter(([name]) => mirror.instances.has(name));
    this.#paths = new Map([...going, ...present]);
  }

  #signal(path: string, face: string, member: string, status?: number): void {
    const body = status === undefined ? {} : { signature: "u", body: [status] };
    const message = { type: "signal", path, interface: face, member, ...body } as const;
    this.#dispatch({ type: "signalRaised", message });
  }

  #dispatch(event: BusEvent): void {
    for (const action of handleBus(this.#session, event, monotonicNowUs())) this.#execute(action);
    clearTimeout(this.#timer);
    const { deadlineAt } = this.#session;
    if (deadlineAt === undefined) return;
    const delayMs = Math.max(0, Math.ceil((deadlineAt - monotonicNowUs()) / 1000));
    this.#timer = setTimeout(() => this.#dispatch({ type: "deadlineReached" }), delayMs);
    this.#timer.unref();
  }

  #execute(action: BusAction): void {
    switch (action.type) {
      case "connect":
        this.#connect(action.address);
        return;
      case "disconnect":
        this.#connection?.close();
        this.#connection = undefined;
        return;
      case "send":
        this.#connection?.send(action.bytes);
        return;
      case "expectMessages":
        this.#connection?.expectMessages();
        return;
      case "call":
        this.#answer(action.message);
        return;
      case "log":
        this.#ports.log(action.record);
        return;
    }
  }

  #connect(address: string): void {
    const connection: BusConnection = new BusConnection(address, {
      connected: () => {
        this.#dispatch({ type: "connected", userId: process.geteuid?.() ?? 0 });
      },
      line: (line) => this.#dispatch({ type: "lineReceived", line }),
      received: (message) => this.#dispatch({ type: "received", message }),
      lost: (reason) => {
        if (this.#connection === connection) this.#dispatch({ type: "disconnected", reason });
      },
    });
    this.#connection = connection;
  }

  #answer(call: ReceivedMessage): void {
    const view = this.#view();
    if (view === undefined) return;
    const { message, order } = answerCall(call, view);
    if (order !== undefined) this.#ports.order(order);
    if (call.isOneWay !== true) this.#connection?.send(encodeReply(this.#session, call, message));
  }

  #view(): DbusView | undefined {
    const { config, mirror, children } = this.#ports.supervisor;
    if (config === undefined) return undefined;
    // Of a process that is away nothing is known: a dead one is no MASTER.
    const known = children.vrrp.phase === "running" ? [...mirror.instances] : [];
    const states = new Map(known.map(([name, { state }]) => [name, state]));
    return { config, states, machineId: this.#machineId };
  }
}

function readMachineId(): string | undefined {
  try {
    return readFileSync(machineIdFile, "utf8").trim();
  } catch {
    return undefined;
  }
}
