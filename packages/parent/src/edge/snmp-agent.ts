// The SNMP agent: binds the AgentX session to its socket, requests to the state, sets to the
// configuration in force. Loaded only when a configuration asks for SNMP.

import { errorText } from "@keepalived-ts/shared-config/base/error";
import { createLog, type LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { Config, GlobalConfig } from "@keepalived-ts/shared-config/schema/config";
import type { NoticeChange } from "../core/notice.js";
import {
  createSession,
  encodeAnswer,
  handleSession,
  type SessionAction,
  type SessionEvent,
  type SessionSettings,
} from "../snmp/agentx-session.js";
import {
  agentxError,
  type PduHeader,
  type RequestPdu,
  type SentPdu,
} from "../snmp/agentx-types.js";
import { answerRead, response, testSet } from "../snmp/answer.js";
import { checkerTrapsOf, stopTrapsOf } from "../snmp/checker-traps.js";
import { changedConfig, changeText } from "../snmp/config-change.js";
import { servedSubtrees, treeOf } from "../snmp/served.js";
import { refusalTrapsOf, type Trap, type TrapCause, trapsOf } from "../snmp/traps.js";
import type { SnmpChange, SnmpTree, SnmpView } from "../snmp/view.js";
import { AgentxConnection } from "./agentx-connection.js";
import { bounded } from "./bounded.js";
import { monotonicNowUs } from "./clock.js";
import type { AdvertRefused } from "./monitoring.js";
import { SnmpSource, type SnmpSources } from "./snmp-source.js";
import { versionText } from "./terminal.js";

export interface SnmpPorts extends Omit<SnmpSources, "log"> {
  log(record: LogRecord): void;
  /** Puts a changed configuration in force; false = not now. */
  reconfigure(config: Config): boolean;
  /** Resolves when no configuration is about to come into force. */
  settled(): Promise<void>;
}

/** A master that asks faster than it is answered. */
const unansweredMax = 256;
const transactionsMax = 16;
/** How long a set waits for the one before, or for a reload. */
const settleMaxMs = 2_000;
const closeMaxMs = 1_000;

interface Transaction {
  readonly changes: readonly SnmpChange[];
  /** In force before it was committed. */
  before: Config | undefined;
}

export class SnmpAgent {
  readonly #ports: SnmpPorts;
  readonly #source: SnmpSource;
  readonly #session = createSession();
  readonly #transactions: Map<number, Transaction> = new Map();
  #connection: AgentxConnection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #tree: SnmpTree | undefined;
  #unanswered = 0;
  /** Requests are answered in the order in which they came. */
  #last: Promise<void> = Promise.resolve();

  constructor(ports: SnmpPorts) {
    this.#ports = ports;
    this.#source = new SnmpSource({ ...ports, log: createLog(ports.log) }, versionText());
  }

  configure(global: GlobalConfig): void {
    this.#noteChange();
    const subtrees = servedSubtrees(global);
    const settings: SessionSettings | undefined =
      subtrees.length === 0 ? undefined : { socket: global.snmpSocket, subtrees };
    this.#dispatch({ type: "configured", settings });
  }

  /** Some state of a child is another. */
  noteChange(): void {
    this.#noteChange();
  }

  /** What the outside is told, managers are told by a trap. */
  told(change: NoticeChange): void {
    this.#noteChange();
    if (this.#ports.supervisor.config?.global.enableTraps !== true) return;
    if (change.kind === "REAL_SERVER" || change.kind === "VIRTUAL_SERVER") {
      this.#raise((view) => checkerTrapsOf(change, view));
      return;
    }
    const cause = trapCause(change);
    if (cause !== undefined) this.#raise((view) => trapsOf(cause, view));
  }

  /** An advert was not obeyed. */
  refused({ instance, cause, source }: AdvertRefused): void {
    this.#source.noteRefusal(instance, cause);
    this.#tree = undefined;
    if (this.#ports.supervisor.config?.global.enableTraps !== true) return;
    this.#raise((view) => refusalTrapsOf({ name: instance, cause, source }, view));
  }

  /** The children are about to end. */
  stopping(): void {
    const view = this.#source.view(this.#sysUpTimeCs());
    if (view !== undefined) this.#raise(() => stopTrapsOf(view));
  }

  /** Resolves when the last traps are sent, or a bounded time after. */
  async close(): Promise<void> {
    await bounded(this.#last, closeMaxMs);
    this.#dispatch({ type: "configured", settings: undefined });
  }

  #raise(trapsIn: (view: SnmpView) => Trap[]): void {
    this.#enqueue(async () => {
      await this.#source.refresh();
      const view = this.#source.view(this.#sysUpTimeCs());
      if (view === undefined) return;
      for (const varbinds of trapsIn(view)) this.#dispatch({ type: "trapRaised", varbinds });
    });
  }

  #noteChange(): void {
    this.#source.noteChange();
    this.#tree = undefined;
  }

  #dispatch(event: SessionEvent): void {
    for (const action of handleSession(this.#session, event, monotonicNowUs())) {
      this.#execute(action);
    }
    this.#armTimer();
  }

  #execute(action: SessionAction): void {
    switch (action.type) {
      case "connect":
        this.#connect(action.socket);
        return;
      case "disconnect":
        this.#connection?.close();
        this.#connection = undefined;
        this.#transactions.clear();
        return;
      case "send":
        this.#connection?.send(action.bytes);
        return;
      case "request":
        this.#request(action.pdu);
        return;
      case "log":
        this.#ports.log(action.record);
        return;
    }
  }

  #connect(socket: string): void {
    const connection: AgentxConnection = new AgentxConnection(socket, {
      connected: () => this.#dispatch({ type: "connected" }),
      received: (message) => {
        if (message.kind === "pdu") this.#dispatch({ type: "received", pdu: message.pdu });
        else {
          const isContext = message.why === "context";
          const error = isContext ? agentxError.unsupportedContext : agentxError.parseError;
          this.#dispatch({ type: "unusable", header: message.header, error });
        }
      },
      lost: (reason) => {
        if (this.#connection === connection) this.#dispatch({ type: "disconnected", reason });
      },
    });
    this.#connection = connection;
  }

  #armTimer(): void {
    clearTimeout(this.#timer);
    const { deadlineAt } = this.#session;
    if (deadlineAt === undefined) return;
    const delayMs = Math.max(0, Math.ceil((deadlineAt - monotonicNowUs()) / 1000));
    this.#timer = setTimeout(() => this.#dispatch({ type: "deadlineReached" }), delayMs);
    this.#timer.unref();
  }

  #request(pdu: RequestPdu): void {
    if (this.#unanswered >= unansweredMax) {
      this.#answer(pdu.header, response(agentxError.resourceUnavailable));
      return;
    }
    this.#unanswered += 1;
    this.#enqueue(async () => {
      try {
        await this.#work(pdu);
      } finally {
        this.#unanswered -= 1;
      }
    });
  }

  #enqueue(work: () => Promise<void>): void {
    this.#last = this.#last.then(work).catch((thrown: unknown) => {
      this.#ports.log({ level: "error", text: `Cannot do what SNMP asks: ${errorText(thrown)}` });
    });
  }

  async #work(pdu: RequestPdu): Promise<void> {
    switch (pdu.type) {
      case "get":
      case "getNext":
      case "getBulk":
        this.#answer(pdu.header, answerRead(pdu, await this.#freshTree()));
        return;
      case "testSet": {
        await bounded(this.#ports.settled(), settleMaxMs);
        const tested = testSet(pdu.varbinds, await this.#freshTree());
        this.#answer(
          pdu.header,
          tested.ok ? this.#keep(pdu.header, tested.changes) : tested.response,
        );
        return;
      }
      case "commitSet":
        this.#answer(pdu.header, this.#commit(pdu.header));
        return;
      case "undoSet":
        this.#answer(pdu.header, this.#undo(pdu.header));
        return;
      case "cleanupSet":
        // RFC 2741 section 7.2.4.4: it gets no answer.
        this.#transactions.delete(pdu.header.transactionId);
        return;
    }
  }

  async #freshTree(): Promise<SnmpTree> {
    if (await this.#source.refresh()) this.#tree = undefined;
    this.#tree ??= treeOf(this.#source.view(this.#sysUpTimeCs()));
    return this.#tree;
  }

  #sysUpTimeCs(): number {
    const { masterUp } = this.#session;
    if (masterUp === undefined) return 0;
    return masterUp.sysUpTimeCs + (monotonicNowUs() - masterUp.atUs) / 1e4;
  }

  #answer(header: PduHeader, pdu: SentPdu): void {
    const bytes = encodeAnswer(this.#session, header, pdu);
    if (bytes !== undefined) this.#connection?.send(bytes);
  }

  #keep({ transactionId }: PduHeader, changes: readonly SnmpChange[]): SentPdu {
    if (this.#transactions.size >= transactionsMax) {
      return response(agentxError.resourceUnavailable, 1);
    }
    this.#transactions.set(transactionId, { changes, before: undefined });
    return response(agentxError.noError);
  }

  #commit({ transactionId }: PduHeader): SentPdu {
    const transaction = this.#transactions.get(transactionId);
    const { config } = this.#ports.supervisor;
    if (transaction === undefined || config === undefined) {
      return response(agentxError.commitFailed, 1);
    }
    const changed = transaction.changes.reduce(changedConfig, config);
    if (!this.#ports.reconfigure(changed)) return response(agentxError.commitFailed, 1);
    transaction.before = config;
    for (const change of transaction.changes) {
      this.#ports.log({ level: "info", text: changeText(change) });
    }
    return response(agentxError.noError);
  }

  #undo({ transactionId }: PduHeader): SentPdu {
    const before = this.#transactions.get(transactionId)?.before;
    this.#transactions.delete(transactionId);
    if (before !== undefined && !this.#ports.reconfigure(before)) {
      return response(agentxError.undoFailed, 1);
    }
    return response(agentxError.noError);
  }
}

function trapCause(change: NoticeChange): TrapCause | undefined {
  if (change.kind !== "INSTANCE" && change.kind !== "GROUP") return undefined;
  const { kind, name, state } = change;
  switch (state) {
    case "MASTER":
    case "BACKUP":
    case "FAULT":
    case "STOP":
    case "DELETED":
      return { kind, name, state };
    default:
      return undefined;
  }
}
