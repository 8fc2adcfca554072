// One typed end of the pipe between the parent and a child. Checks every message that comes in
// against the table in messages.ts; sends never block and never throw.

import type * as z from "zod/mini";
import { KeepalivedError } from "../base/error.js";

const typeCharactersMax = 64;

/** What both `process` (in a child) and a `ChildProcess` (in the parent) can do. */
export interface IpcPeer {
  readonly connected: boolean;
  send?(message: unknown, callback?: (error: Error | null) => void): boolean;
  on(event: "message", listener: (message: unknown) => void): unknown;
  on(event: "disconnect", listener: () => void): unknown;
}

export interface ChannelHandlers<Incoming> {
  message(message: Incoming): void;
  /** A message that fits no row of the table; it was dropped. */
  invalid(error: KeepalivedError): void;
  disconnected(): void;
}

export interface Channel<Outgoing> {
  /**
   * False when the peer is gone; the message is then dropped. Otherwise `written` is called when it
   * has left this process, or cannot leave it any more.
   */
  send(message: Outgoing, written?: () => void): boolean;
  /** The same for several, in order and in one piece. */
  sendAll(messages: readonly Outgoing[], written?: () => void): boolean;
}

/**
 * Binds `peer` to `handlers`; every incoming message is checked against `incoming`, whether it
 * comes alone or in an array of several.
 */
export function openChannel<Outgoing, Incoming>(
  peer: IpcPeer,
  incoming: z.ZodMiniType<Incoming>,
  handlers: ChannelHandlers<Incoming>,
): Channel<Outgoing> {
  const take = (raw: unknown): void => {
    const result = incoming.safeParse(raw);
    if (result.success) handlers.message(result.data);
    else handlers.invalid(invalidMessage(raw, result.error));
  };
  peer.on("message", (raw) => {
    if (Array.isArray(raw)) raw.forEach(take);
    else take(raw);
  });
  peer.on("disconnect", () => handlers.disconnected());
  return {
    send: (message, written = ignoreSendResult) => hand(peer, message, written),
    sendAll: (messages, written = ignoreSendResult) =>
      hand(peer, messages.length === 1 ? messages[0] : messages, written),
  };
}

function hand(peer: IpcPeer, message: unknown, written: () => void): boolean {
  if (!peer.connected || peer.send === undefined) return false;
  try {
    peer.send(message, () => written());
    return true;
  } catch (thrown) {
    // The peer went between the check and the call; `disconnect` follows and is acted upon.
    if (isChannelClosed(thrown)) return false;
    throw thrown;
  }
}

/** A failed send means that the pipe is closing; the disconnect event is what counts. */
function ignoreSendResult(): void {
  return;
}

function isChannelClosed(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ERR_IPC_CHANNEL_CLOSED";
}

function invalidMessage(raw: unknown, error: z.core.$ZodError): KeepalivedError {
  const type = typeOf(raw);
  const issue = error.issues[0];
  const where = issue === undefined ? "" : `${issue.path.join(".")}: ${issue.message}`;
  return new KeepalivedError(
    "IPC_INVALID_MESSAGE",
    `Cannot accept IPC message of type "${type}": ${where}`,
    { type },
  );
}

/** For a log: whatever the message is, a short text. */
function typeOf(raw: unknown): string {
  if (raw === null || typeof raw !== "object" || !("type" in raw)) return "none";
  return typeof raw.type === "string" ? raw.type.slice(0, typeCharactersMax) : typeof raw.type;
}
