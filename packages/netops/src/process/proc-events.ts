// Which processes start, end and change their name or user: the kernel's process connector
// (linux/cn_proc.h, Documentation/driver-api/connector.rst). For the PARENT's process tracker. Only
// the initial network and process namespaces have it; elsewhere the opening says that there is
// none. Keeps no list of processes: after an overrun the caller reads /proc anew.
//
//    0        4        8        12       16      18      20     24     28          36
//    +--------+--------+--------+--------+-------+-------+------+------+-----------+--- - - -
//    | idx    | val    | seq    | ack    | len   | flags | what | cpu  | time (ns) | event
//    +--------+--------+--------+--------+-------+-------+------+------+-----------+--- - - -

import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { NLMSG_DONE } from "../constants/netlink.js";
import {
  CN_IDX_PROC,
  CN_VAL_PROC,
  NETLINK_CONNECTOR,
  PROC_CN_MCAST_IGNORE,
  PROC_CN_MCAST_LISTEN,
  PROC_EVENT_COMM,
  PROC_EVENT_EXEC,
  PROC_EVENT_EXIT,
  PROC_EVENT_FORK,
  PROC_EVENT_GID,
  PROC_EVENT_NONE,
  PROC_EVENT_UID,
} from "../constants/proc-connector.js";
import { errnoName } from "../errno.js";
import { openDatagramTransport } from "../netlink/datagram-transport.js";
import { isLittleEndian, MessageWriter, readMessages, textIn, viewOf } from "../netlink/message.js";
import type { NetlinkTransport, TransportFactory } from "../netlink/transport.js";

export type ProcessEventType = "fork" | "exec" | "exit" | "comm" | "uid" | "gid";

/** Of whole processes: what only a thread does is left out. */
export type ProcessEvent =
  | { readonly type: "fork"; readonly parentPid: number; readonly pid: number }
  | { readonly type: "exec"; readonly pid: number }
  /** `status` as wait(2) gives it. */
  | { readonly type: "exit"; readonly pid: number; readonly status: number }
  | { readonly type: "comm"; readonly pid: number; readonly comm: string }
  | {
      readonly type: "uid" | "gid";
      readonly pid: number;
      readonly real: number;
      readonly effective: number;
    };

/** The kernel's answer to a subscription: 0 or an errno. */
export interface ProcessAcknowledgement {
  readonly type: "acknowledgement";
  readonly errno: number;
}

export interface ProcessMonitorHandlers {
  happened(event: ProcessEvent): void;
  /** Events were lost (ENOBUFS): what was known of processes before is void. */
  overran(): void;
  /** The monitor has ended and will tell of nothing more. */
  failed(error: KeepalivedError): void;
}

export interface ProcessMonitorOptions {
  /** All others are dropped by the kernel, before they wake us. All types otherwise. */
  readonly events?: readonly ProcessEventType[];
  readonly receiveBufferBytes?: number;
  readonly timeoutMs?: number;
  readonly transport?: TransportFactory;
}

export interface ProcessMonitorCounters {
  events: number;
  malformed: number;
  overruns: number;
}

const connectorHeaderLength = 20;
const eventHeaderLength = 16;
const eventAt: number = connectorHeaderLength + eventHeaderLength;
const commBytes = 16;
/** Room for some 5,000 events, a burst of which comes when a large service starts. */
const defaultReceiveBufferBytes = 4 * 1024 * 1024;
const defaultTimeoutMs = 2_000;

const eventNumbers: Readonly<Record<ProcessEventType, number>> = {
  fork: PROC_EVENT_FORK,
  exec: PROC_EVENT_EXEC,
  exit: PROC_EVENT_EXIT,
  comm: PROC_EVENT_COMM,
  uid: PROC_EVENT_UID,
  gid: PROC_EVENT_GID,
};

export class ProcessMonitor {
  readonly counters: ProcessMonitorCounters = { events: 0, malformed: 0, overruns: 0 };
  readonly #handlers: ProcessMonitorHandlers;
  readonly #transport: NetlinkTransport;
  #acknowledge: ((errno: string | null) => void) | undefined;
  #isClosed = false;

  private constructor(handlers: ProcessMonitorHandlers, options: ProcessMonitorOptions) {
    this.#handlers = handlers;
    const open = options.transport ?? openDatagramTransport;
    this.#transport = open(
      {
        protocol: NETLINK_CONNECTOR,
        receiveBufferBytes: options.receiveBufferBytes ?? defaultReceiveBufferBytes,
        filter: options.events === undefined ? undefined : processEventFilter(options.events),
      },
      {
        received: (data) => this.#handleData(data),
        overran: () => this.#handleOverrun(),
        failed: (errno) => this.#fail(errno),
      },
    );
  }

  /**
   * Rejects with KeepalivedError PROC_EVENTS_UNAVAILABLE, with the errno's name in its data.
   * ECONNREFUSED: not in the initial network namespace; EPERM: no CAP_NET_ADMIN; ETIMEDOUT: not in
   * the initial process namespace, or a kernel without it. Read /proc after this, not before.
   */
  static async open(
    handlers: ProcessMonitorHandlers,
    options: ProcessMonitorOptions = {},
  ): Promise<ProcessMonitor> {
    let monitor: ProcessMonitor;
    try {
      monitor = new ProcessMonitor(handlers, options);
    } catch (thrown) {
      if (!(thrown instanceof KeepalivedError)) throw thrown;
      throw unavailable(thrown.code);
    }
    const errno = await monitor.#subscribe(options.timeoutMs ?? defaultTimeoutMs);
    if (errno === null) return monitor;
    monitor.close();
    throw unavailable(errno);
  }

  /** Reading keeps the process alive unless this is called. */
  unref(): void {
    this.#transport.unref();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // The kernel counts who listens; the socket's end does not count down before Linux 6.6.
    this.#transport.send(encodeSubscription(false), () => undefined);
    this.#transport.close();
  }

  async #subscribe(timeoutMs: number): Promise<string | null> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#acknowledge = resolve;
        timer = setTimeout(() => resolve("ETIMEDOUT"), timeoutMs);
        try {
          this.#transport.join(CN_IDX_PROC);
        } catch (thrown) {
          if (!(thrown instanceof KeepalivedError)) reject(thrown);
          else resolve(thrown.code);
          return;
        }
        this.#transport.send(encodeSubscription(true), resolve);
      });
    } finally {
      clearTimeout(timer);
      this.#acknowledge = undefined;
    }
  }

  #handleData(data: Uint8Array): void {
    const isWhole = readMessages(data, ({ payload }) => {
      if (this.#isClosed) return;
      const event = decodeProcessEvent(payload);
      if (event === undefined) this.counters.malformed += 1;
      else if (event !== null) this.#handleEvent(event);
    });
    if (!isWhole) this.counters.malformed += 1;
  }

  #handleEvent(event: ProcessEvent | ProcessAcknowledgement): void {
    if (event.type === "acknowledgement") {
      this.#acknowledge?.(event.errno === 0 ? null : errnoName(event.errno));
      return;
    }
    this.counters.events += 1;
    this.#handlers.happened(event);
  }

  #handleOverrun(): void {
    if (this.#isClosed) return;
    this.counters.overruns += 1;
    this.#handlers.overran();
  }

  #fail(errno: string): void {
    if (this.#isClosed) return;
    this.close();
    const message = `Cannot watch processes: ${errno}`;
    this.#handlers.failed(new KeepalivedError("PROC_EVENTS_FAILED", message, { errno }));
  }
}

/**
 * An event in the payload of a netlink message; null = one of a thread, or of a kind that is left
 * out; undefined = malformed.
 */
export function decodeProcessEvent(
  payload: Uint8Array,
): ProcessEvent | ProcessAcknowledgement | null | undefined {
  if (payload.length < eventAt) return undefined;
  const view = viewOf(payload);
  const word = (at: number): number => view.getUint32(at, isLittleEndian);
  if (word(0) !== CN_IDX_PROC || word(4) !== CN_VAL_PROC) return null;
  const length = view.getUint16(16, isLittleEndian);
  if (length < eventHeaderLength || length > payload.length - connectorHeaderLength) {
    return undefined;
  }
  const what = word(connectorHeaderLength);
  const data = payload.subarray(eventAt, connectorHeaderLength + length);
  // In the kernel's words `pid` is a thread and `tgid` the process.
  switch (what) {
    case PROC_EVENT_NONE:
      return data.length < 4 ? undefined : { type: "acknowledgement", errno: word(eventAt) };
    case PROC_EVENT_FORK:
      return data.length < 16 ? undefined : decodeFork(viewOf(data));
    default:
      return data.length < 8 ? undefined : decodeOfProcess(what, data);
  }
}

function decodeFork(view: DataView): ProcessEvent | null {
  const [parentPid, thread, pid] = [4, 8, 12].map((at) => view.getInt32(at, isLittleEndian));
  if (parentPid === undefined || pid === undefined || thread !== pid) return null;
  return { type: "fork", parentPid, pid };
}

/** All that starts with a thread and its process. */
function decodeOfProcess(what: number, data: Uint8Array): ProcessEvent | null | undefined {
  const view = viewOf(data);
  const thread = view.getInt32(0, isLittleEndian);
  const pid = view.getInt32(4, isLittleEndian);
  // A thread that executes a program is the whole process from then on.
  if (what === PROC_EVENT_EXEC) return { type: "exec", pid };
  if (thread !== pid) return null;
  switch (what) {
    case PROC_EVENT_COMM: {
      const comm = data.length < 8 + commBytes ? undefined : textIn(data.subarray(8, 24));
      return comm === undefined ? undefined : { type: "comm", pid, comm };
    }
    case PROC_EVENT_EXIT:
      if (data.length < 12) return undefined;
      return { type: "exit", pid, status: view.getUint32(8, isLittleEndian) };
    case PROC_EVENT_UID:
    case PROC_EVENT_GID: {
      if (data.length < 16) return undefined;
      const type = what === PROC_EVENT_UID ? "uid" : "gid";
      const [real, effective] = [8, 12].map((at) => view.getUint32(at, isLittleEndian));
      return { type, pid, real: real ?? 0, effective: effective ?? 0 };
    }
    default:
      return null;
  }
}

/** Starts or ends the kernel's telling. */
export function encodeSubscription(isOn: boolean): Uint8Array {
  const writer = new MessageWriter(64);
  writer.startMessage(NLMSG_DONE, 0, 0);
  for (const word of [CN_IDX_PROC, CN_VAL_PROC, 0, 0]) writer.u32(word);
  writer.u16(4);
  writer.u16(0);
  writer.u32(isOn ? PROC_CN_MCAST_LISTEN : PROC_CN_MCAST_IGNORE);
  writer.endMessage();
  return writer.bytes();
}

/**
 * Classic BPF that lets the wanted events and acknowledgements pass. It loads words in network
 * order, the event's are in the machine's.
 */
export function processEventFilter(events: readonly ProcessEventType[]): Uint8Array {
  const wanted = [PROC_EVENT_NONE, ...new Set(events.map((type) => eventNumbers[type]))];
  const whatAt = 16 + connectorHeaderLength;
  const program: (readonly [code: number, jt: number, jf: number, k: number])[] = [
    [0x20, 0, 0, whatAt], // ld [whatAt]
    ...wanted.map((what, i) => [0x15, wanted.length - i, 0, wordAsLoaded(what)] as const), // jeq
    [0x06, 0, 0, 0], // ret 0
    [0x06, 0, 0, 0xffff_ffff], // ret all
  ];
  const bytes = new Uint8Array(8 * program.length);
  const view = viewOf(bytes);
  program.forEach(([code, jt, jf, k], i) => {
    view.setUint16(8 * i, code, isLittleEndian);
    view.setUint8(8 * i + 2, jt);
    view.setUint8(8 * i + 3, jf);
    view.setUint32(8 * i + 4, k, isLittleEndian);
  });
  return bytes;
}

function wordAsLoaded(value: number): number {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, value, isLittleEndian);
  return bytes.getUint32(0);
}

const hints: Readonly<Record<string, string>> = {
  ECONNREFUSED: "only the initial network namespace has it",
  EPROTONOSUPPORT: "the kernel is built without CONFIG_CONNECTOR",
  EPERM: "needs CAP_NET_ADMIN",
  ETIMEDOUT:
    "the kernel does not answer: only the initial process namespace has it, and only with " +
    "CONFIG_PROC_EVENTS",
};

function unavailable(errno: string): KeepalivedError {
  const advice = hints[errno];
  return new KeepalivedError(
    "PROC_EVENTS_UNAVAILABLE",
    `Cannot watch processes: ${errno}${advice === undefined ? "" : `, ${advice}`}`,
    { errno },
  );
}
