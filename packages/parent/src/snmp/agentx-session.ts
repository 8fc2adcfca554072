// The life of our session with an AgentX master agent: connect, open, register, answer, be pinged;
// after a loss begin again, at growing intervals. Decides what is sent when; holds no socket, no
// clock and no object. RFC 2741 section 7.1. Pure.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import { encodePdu } from "./agentx-encode.js";
import {
  agentxError,
  type PduHeader,
  type ReceivedPdu,
  type RequestPdu,
  type SentPdu,
  type VarBind,
} from "./agentx-types.js";
import { type Oid, oidText } from "./oid.js";

export interface SessionSettings {
  /** As `snmp_socket` writes it. */
  readonly socket: string;
  readonly subtrees: readonly Oid[];
}

export type SessionEvent =
  /** undefined: no session is wanted any more. */
  | { readonly type: "configured"; readonly settings: SessionSettings | undefined }
  | { readonly type: "connected" }
  | { readonly type: "disconnected"; readonly reason: string }
  | { readonly type: "received"; readonly pdu: ReceivedPdu }
  /** A message that cannot be used, with the error that its sender is to have. */
  | { readonly type: "unusable"; readonly header: PduHeader; readonly error: number }
  /** Something for the managers: lost when there is no master for long. */
  | { readonly type: "trapRaised"; readonly varbinds: readonly VarBind[] }
  | { readonly type: "deadlineReached" };

export type SessionAction =
  | { readonly type: "connect"; readonly socket: string }
  /** `disconnected` does not follow. */
  | { readonly type: "disconnect" }
  | { readonly type: "send"; readonly bytes: Uint8Array }
  /** To be answered. */
  | { readonly type: "request"; readonly pdu: RequestPdu }
  | { readonly type: "log"; readonly record: LogRecord };

type Phase = "off" | "waiting" | "connecting" | "opening" | "ready";

export interface Session {
  phase: Phase;
  settings: SessionSettings | undefined;
  sessionId: number;
  packetId: number;
  /** Packet identifier of what has to be answered in time. */
  awaited: number | undefined;
  deadlineAt: number | undefined;
  retryUs: number;
  /** Since then there is no session, and that was logged. */
  isLossLogged: boolean;
  /** What registrations are under way, by packet identifier. */
  readonly registrations: Map<number, Oid>;
  readonly traps: (readonly VarBind[])[];
  droppedTraps: number;
  /** How long the master had run when it opened the session, and when that was. */
  masterUp: { readonly atUs: number; readonly sysUpTimeCs: number } | undefined;
}

const answerMaxUs = 5 * usPerSecond;
const pingIntervalUs = 15 * usPerSecond;
const retryFirstUs = usPerSecond;
const retryMaxUs = 15 * usPerSecond;
/** How long a master waits for our answers: the VRRP process may have to be asked. */
const answerTimeoutS = 5;
const trapsMax = 200;
const description = "Keepalived";

export function createSession(): Session {
  return {
    phase: "off",
    settings: undefined,
    sessionId: 0,
    packetId: 0,
    awaited: undefined,
    deadlineAt: undefined,
    retryUs: retryFirstUs,
    isLossLogged: false,
    registrations: new Map(),
    traps: [],
    droppedTraps: 0,
    masterUp: undefined,
  };
}

interface Turn {
  readonly session: Session;
  readonly now: number;
  readonly actions: SessionAction[];
}

export function handleSession(session: Session, event: SessionEvent, now: number): SessionAction[] {
  const turn: Turn = { session, now, actions: [] };
  dispatch(turn, event);
  return turn.actions;
}

/** The bytes of an answer; undefined when whoever asked is gone. */
export function encodeAnswer(
  { phase, sessionId }: Session,
  header: PduHeader,
  pdu: SentPdu,
): Buffer | undefined {
  return phase === "ready" && header.sessionId === sessionId ? encodePdu(header, pdu) : undefined;
}

function dispatch(turn: Turn, event: SessionEvent): void {
  const { session } = turn;
  switch (event.type) {
    case "configured":
      configure(turn, event.settings);
      return;
    case "connected":
      if (session.phase !== "connecting") return;
      session.phase = "opening";
      session.sessionId = 0;
      expectAnswer(turn, send(turn, { type: "open", timeoutS: answerTimeoutS, description }));
      return;
    case "disconnected":
      if (session.phase !== "off" && session.phase !== "waiting") lose(turn, event.reason);
      return;
    case "received":
      receive(turn, event.pdu);
      return;
    case "unusable":
      refuse(turn, event.header, event.error);
      return;
    case "trapRaised":
      raise(turn, event.varbinds);
      return;
    case "deadlineReached":
      if (session.deadlineAt !== undefined && session.deadlineAt <= turn.now) expire(turn);
      return;
  }
}

function configure(turn: Turn, settings: SessionSettings | undefined): void {
  const { session } = turn;
  if (isSameSettings(session.settings, settings)) return;
  if (session.phase === "ready") send(turn, { type: "close" });
  end(turn);
  session.settings = settings;
  session.isLossLogged = false;
  session.retryUs = retryFirstUs;
  if (settings === undefined) session.traps.length = 0;
  else connect(turn, settings);
}

function isSameSettings(a: SessionSettings | undefined, b: SessionSettings | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function end(turn: Turn): void {
  const { session } = turn;
  if (session.phase !== "off" && session.phase !== "waiting") {
    turn.actions.push({ type: "disconnect" });
  }
  session.phase = "off";
  session.deadlineAt = undefined;
  session.awaited = undefined;
  session.registrations.clear();
}

function connect({ session, now, actions }: Turn, { socket }: SessionSettings): void {
  session.phase = "connecting";
  session.deadlineAt = now + answerMaxUs;
  actions.push({ type: "connect", socket });
}

/** There is no session any more; another is tried after a while. */
function lose(turn: Turn, reason: string): void {
  const { session, now } = turn;
  const { settings } = session;
  end(turn);
  if (settings === undefined) return;
  if (!session.isLossLogged) {
    const text = `Cannot reach the SNMP agent at "${settings.socket}": ${reason}; trying again`;
    log(turn, "warn", text);
  }
  session.isLossLogged = true;
  session.phase = "waiting";
  session.deadlineAt = now + session.retryUs;
  session.retryUs = Math.min(session.retryUs * 2, retryMaxUs);
}

function expire(turn: Turn): void {
  const { session } = turn;
  const { phase, settings } = session;
  if (settings === undefined) return;
  if (phase === "waiting") connect(turn, settings);
  else if (phase === "ready" && session.awaited === undefined) {
    expectAnswer(turn, send(turn, { type: "ping" }));
  } else lose(turn, "it does not answer");
}

function receive(turn: Turn, pdu: ReceivedPdu): void {
  const { session } = turn;
  if (pdu.type === "response") {
    takeResponse(turn, pdu);
    return;
  }
  if (session.phase !== "ready" || pdu.header.sessionId !== session.sessionId) {
    if (pdu.type !== "close") refuse(turn, pdu.header, agentxError.notOpen);
    return;
  }
  if (pdu.type === "close") lose(turn, "it has closed the session");
  else turn.actions.push({ type: "request", pdu });
}

function takeResponse(turn: Turn, pdu: Extract<ReceivedPdu, { type: "response" }>): void {
  const { session, now } = turn;
  const { packetId } = pdu.header;
  const subtree = session.registrations.get(packetId);
  if (subtree !== undefined) {
    session.registrations.delete(packetId);
    if (pdu.error !== 0) {
      const text = `The SNMP agent refuses the objects below ${oidText(subtree)}`;
      log(turn, "warn", `${text}: error ${pdu.error}`);
    }
  }
  if (packetId !== session.awaited) return;
  session.awaited = undefined;
  if (pdu.error !== 0) {
    lose(turn, `it answers with error ${pdu.error}`);
    return;
  }
  session.deadlineAt = now + pingIntervalUs;
  if (session.phase === "opening") establish(turn, pdu);
}

function establish(turn: Turn, pdu: Extract<ReceivedPdu, { type: "response" }>): void {
  const { session, now } = turn;
  const { settings } = session;
  if (settings === undefined) return;
  session.phase = "ready";
  session.sessionId = pdu.header.sessionId;
  session.masterUp = { atUs: now, sysUpTimeCs: pdu.sysUpTimeCs };
  session.retryUs = retryFirstUs;
  session.isLossLogged = false;
  for (const subtree of settings.subtrees) {
    session.registrations.set(send(turn, { type: "register", subtree }), subtree);
  }
  log(turn, "info", `AgentX session with the SNMP agent at "${settings.socket}"`);
  if (session.droppedTraps > 0) {
    log(turn, "warn", `${session.droppedTraps} SNMP traps are lost: there was no agent`);
    session.droppedTraps = 0;
  }
  for (const varbinds of session.traps.splice(0)) send(turn, { type: "notify", varbinds });
}

/** The latest are kept for a master that comes back. */
function raise(turn: Turn, varbinds: readonly VarBind[]): void {
  const { session } = turn;
  if (session.settings === undefined) return;
  if (session.phase === "ready") {
    send(turn, { type: "notify", varbinds });
    return;
  }
  session.traps.push(varbinds);
  if (session.traps.length <= trapsMax) return;
  session.traps.shift();
  session.droppedTraps += 1;
}

function refuse({ session, actions }: Turn, header: PduHeader, error: number): void {
  if (session.phase !== "ready" && session.phase !== "opening") return;
  const pdu: SentPdu = { type: "response", error, index: 0, varbinds: [] };
  actions.push({ type: "send", bytes: encodePdu(header, pdu) });
}

/** Returns its packet identifier. */
function send({ session, actions }: Turn, pdu: SentPdu): number {
  session.packetId = (session.packetId % 0x7fff_ffff) + 1;
  const header = { sessionId: session.sessionId, transactionId: 0, packetId: session.packetId };
  actions.push({ type: "send", bytes: encodePdu(header, pdu) });
  return session.packetId;
}

function expectAnswer({ session, now }: Turn, packetId: number): void {
  session.awaited = packetId;
  session.deadlineAt = now + answerMaxUs;
}

function log({ actions }: Turn, level: LogRecord["level"], text: string): void {
  actions.push({ type: "log", record: { level, text } });
}
