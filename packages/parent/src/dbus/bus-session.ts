// The life of our connection to a message bus: authenticate, say hello, take our name; after a loss
// begin again, at growing intervals. Decides what is sent when; holds no socket, no clock and no
// object. D-Bus Specification, "Authentication Protocol" and "Message Bus". Pure.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import { type DbusMessage, encodeMessage, type ReceivedMessage } from "./message.js";

export interface BusSettings {
  readonly address: string;
  readonly serviceName: string;
}

export type BusEvent =
  /** undefined: no connection is wanted any more. */
  | { readonly type: "configured"; readonly settings: BusSettings | undefined }
  | { readonly type: "connected"; readonly userId: number }
  | { readonly type: "disconnected"; readonly reason: string }
  /** Before messages, while the two sides authenticate. */
  | { readonly type: "lineReceived"; readonly line: string }
  | { readonly type: "received"; readonly message: ReceivedMessage }
  | { readonly type: "signalRaised"; readonly message: DbusMessage }
  | { readonly type: "deadlineReached" };

export type BusAction =
  | { readonly type: "connect"; readonly address: string }
  | { readonly type: "disconnect" }
  | { readonly type: "send"; readonly bytes: Uint8Array }
  /** From now on messages come, not lines. */
  | { readonly type: "expectMessages" }
  /** To be answered by {@link encodeReply}. */
  | { readonly type: "call"; readonly message: ReceivedMessage }
  | { readonly type: "log"; readonly record: LogRecord };

type Phase = "off" | "waiting" | "connecting" | "authenticating" | "greeting" | "naming" | "ready";

export interface BusSession {
  phase: Phase;
  settings: BusSettings | undefined;
  serial: number;
  /** Of the call of ours that must be answered before the next step. */
  awaited: number | undefined;
  deadlineAt: number | undefined;
  retryUs: number;
  isLossLogged: boolean;
  readonly signals: DbusMessage[];
}

const answerMaxUs = 5 * usPerSecond;
const retryFirstUs = usPerSecond;
const retryMaxUs = 15 * usPerSecond;
const signalsMax = 200;
const busName = "org.freedesktop.DBus";
/** RequestName: do not queue; replies: primary owner, already owner. */
const doNotQueueFlag = 4;
const ownerReplies: readonly unknown[] = [1, 4];

export function createBusSession(): BusSession {
  return {
    phase: "off",
    settings: undefined,
    serial: 0,
    awaited: undefined,
    deadlineAt: undefined,
    retryUs: retryFirstUs,
    isLossLogged: false,
    signals: [],
  };
}

interface Turn {
  readonly session: BusSession;
  readonly now: number;
  readonly actions: BusAction[];
}

export function handleBus(session: BusSession, event: BusEvent, now: number): BusAction[] {
  const turn: Turn = { session, now, actions: [] };
  dispatch(turn, event);
  return turn.actions;
}

/** The bytes of an answer. */
export function encodeReply(
  session: BusSession,
  call: ReceivedMessage,
  answer: Pick<DbusMessage, "type" | "errorName" | "signature" | "body">,
): Buffer {
  session.serial += 1;
  const reply = { ...answer, destination: call.sender, replySerial: call.serial };
  return encodeMessage(reply, session.serial);
}

function dispatch(turn: Turn, event: BusEvent): void {
  const { session } = turn;
  switch (event.type) {
    case "configured":
      configure(turn, event.settings);
      return;
    case "connected":
      if (session.phase === "connecting") authenticate(turn, event.userId);
      return;
    case "disconnected":
      if (session.phase !== "off" && session.phase !== "waiting") lose(turn, event.reason);
      return;
    case "lineReceived":
      if (session.phase === "authenticating") greet(turn, event.line);
      return;
    case "received":
      receive(turn, event.message);
      return;
    case "signalRaised":
      raise(turn, event.message);
      return;
    case "deadlineReached":
      if (session.deadlineAt !== undefined && session.deadlineAt <= turn.now) expire(turn);
      return;
  }
}

function configure(turn: Turn, settings: BusSettings | undefined): void {
  const { session } = turn;
  if (JSON.stringify(session.settings) === JSON.stringify(settings)) return;
  end(turn);
  session.settings = settings;
  session.isLossLogged = false;
  session.retryUs = retryFirstUs;
  if (settings === undefined) session.signals.length = 0;
  else connect(turn, settings);
}

function end({ session, actions }: Turn): void {
  if (session.phase !== "off" && session.phase !== "waiting") actions.push({ type: "disconnect" });
  session.phase = "off";
  session.deadlineAt = undefined;
  session.awaited = undefined;
}

function connect({ session, now, actions }: Turn, { address }: BusSettings): void {
  session.phase = "connecting";
  session.deadlineAt = now + answerMaxUs;
  actions.push({ type: "connect", address });
}

function lose(turn: Turn, reason: string): void {
  const { session, now } = turn;
  const { settings } = session;
  end(turn);
  if (settings === undefined) return;
  if (!session.isLossLogged) {
    const text = `Cannot be ${settings.serviceName} on the D-Bus at "${settings.address}"`;
    log(turn, "warn", `${text}: ${reason}; trying again`);
  }
  session.isLossLogged = true;
  session.phase = "waiting";
  session.deadlineAt = now + session.retryUs;
  session.retryUs = Math.min(session.retryUs * 2, retryMaxUs);
}

function expire(turn: Turn): void {
  const { phase, settings } = turn.session;
  if (settings === undefined) return;
  if (phase === "waiting") connect(turn, settings);
  else lose(turn, "it does not answer");
}

/** EXTERNAL: the kernel tells the bus who we are; our number stands there digit by digit. */
function authenticate({ session, actions, now }: Turn, userId: number): void {
  session.phase = "authenticating";
  session.serial = 0;
  session.deadlineAt = now + answerMaxUs;
  const identity = Buffer.from(String(userId)).toString("hex");
  actions.push({ type: "send", bytes: Buffer.from(`\0AUTH EXTERNAL ${identity}\r\n`) });
}

function greet(turn: Turn, line: string): void {
  const { session, actions } = turn;
  if (!line.startsWith("OK ")) {
    lose(turn, `it refuses us: ${line.slice(0, 100)}`);
    return;
  }
  actions.push({ type: "send", bytes: Buffer.from("BEGIN\r\n") }, { type: "expectMessages" });
  session.phase = "greeting";
  call(turn, "Hello");
}

function call(turn: Turn, member: string, signature?: string, body?: DbusMessage["body"]): void {
  const { session, now } = turn;
  const message = { type: "call", path: "/org/freedesktop/DBus", interface: busName } as const;
  send(turn, { ...message, destination: busName, member, signature, body });
  session.awaited = session.serial;
  session.deadlineAt = now + answerMaxUs;
}

function receive(turn: Turn, message: ReceivedMessage): void {
  const { session, actions } = turn;
  if (message.type === "call") {
    if (session.phase === "ready" || session.phase === "naming") {
      actions.push({ type: "call", message });
    }
    return;
  }
  const isAnswer = message.type === "return" || message.type === "error";
  if (!isAnswer || message.replySerial !== session.awaited) return;
  session.awaited = undefined;
  session.deadlineAt = undefined;
  if (message.type === "error") {
    lose(turn, `${message.errorName}: ${String(message.body?.[0] ?? "").slice(0, 200)}`);
  } else if (session.phase === "greeting") {
    session.phase = "naming";
    const { serviceName = "" } = session.settings ?? {};
    call(turn, "RequestName", "su", [serviceName, doNotQueueFlag]);
  } else if (ownerReplies.includes(message.body?.[0])) establish(turn);
  else lose(turn, "another process has that name");
}

function establish(turn: Turn): void {
  const { session } = turn;
  session.phase = "ready";
  session.retryUs = retryFirstUs;
  session.isLossLogged = false;
  log(turn, "info", `Acquired DBus bus ${session.settings?.serviceName}`);
  for (const message of session.signals.splice(0)) send(turn, message);
}

/** The latest are kept for a bus that comes back. */
function raise(turn: Turn, message: DbusMessage): void {
  const { session } = turn;
  if (session.settings === undefined) return;
  if (session.phase === "ready") {
    send(turn, message);
    return;
  }
  session.signals.push(message);
  if (session.signals.length > signalsMax) session.signals.shift();
}

function send({ session, actions }: Turn, message: DbusMessage): void {
  session.serial += 1;
  actions.push({ type: "send", bytes: encodeMessage(message, session.serial) });
}

function log({ actions }: Turn, level: LogRecord["level"], text: string): void {
  actions.push({ type: "log", record: { level, text } });
}
