// Mail that is to be sent: one at a time, in order, tried again when the server does not take it.
// keepalived tries once. Bounded: a server that is away for long costs the oldest mail, and that is
// said. Sends nothing itself.

import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import type { LogLevel, LogRecord } from "@keepalived-ts/shared-config/base/log";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";

export interface Mail {
  readonly subject: string;
  readonly body: string;
}

interface Waiting {
  readonly mail: Mail;
  failures: number;
}

export interface MailQueue {
  readonly waiting: Waiting[];
  /** The first of `waiting` is on its way. */
  isSending: boolean;
  /** When the first is tried again; undefined = at once. */
  retryAt: number | undefined;
  dropped: number;
}

export type MailQueueEvent =
  | { readonly type: "posted"; readonly mail: Mail }
  | { readonly type: "sent" }
  /** `isFinal`: the server said that it never will take it. */
  | { readonly type: "failed"; readonly reason: string; readonly isFinal: boolean }
  | { readonly type: "deadlineReached" };

export type MailQueueAction =
  | { readonly type: "send"; readonly mail: Mail }
  | { readonly type: "log"; readonly record: LogRecord };

export const mailsMax = 500;
/** With the pauses below, some 40 minutes. */
export const attemptsMax = 12;
const pauseMinUs = 5 * usPerSecond;
const pauseMaxUs = 300 * usPerSecond;

export function createMailQueue(): MailQueue {
  return { waiting: [], isSending: false, retryAt: undefined, dropped: 0 };
}

export function nextMailDeadline({ retryAt }: MailQueue): number | undefined {
  return retryAt;
}

interface Turn {
  readonly queue: MailQueue;
  readonly now: number;
  readonly actions: MailQueueAction[];
}

export function handleMail(
  queue: MailQueue,
  event: MailQueueEvent,
  now: number,
): MailQueueAction[] {
  const turn: Turn = { queue, now, actions: [] };
  switch (event.type) {
    case "posted":
      post(turn, event.mail);
      break;
    case "sent":
      queue.isSending = false;
      queue.waiting.shift();
      log(turn, "info", "SMTP alert successfully sent");
      break;
    case "failed":
      fail(turn, event.reason, event.isFinal);
      break;
    case "deadlineReached":
      if (queue.retryAt !== undefined && queue.retryAt <= now) queue.retryAt = undefined;
      break;
    default:
      unreachable(event);
  }
  sendNext(turn);
  return turn.actions;
}

function post(turn: Turn, mail: Mail): void {
  const { queue } = turn;
  queue.waiting.push({ mail, failures: 0 });
  if (queue.waiting.length <= mailsMax) return;
  // Not the one that is on its way.
  const [victim] = queue.waiting.splice(queue.isSending ? 1 : 0, 1);
  queue.dropped += 1;
  const count = queue.dropped === 1 ? "" : ` (${queue.dropped} so far)`;
  const text = `Dropped the mail "${victim?.mail.subject}": ${mailsMax} wait already${count}`;
  log(turn, "error", text);
}

function fail(turn: Turn, reason: string, isFinal: boolean): void {
  const { queue, now } = turn;
  queue.isSending = false;
  const [first] = queue.waiting;
  if (first === undefined) return;
  first.failures += 1;
  const what = `Cannot send the mail "${first.mail.subject}": ${reason}`;
  if (isFinal || first.failures >= attemptsMax) {
    queue.waiting.shift();
    log(turn, "error", `${what}; it is given up after ${first.failures} attempts`);
    return;
  }
  const pauseUs = Math.min(pauseMaxUs, pauseMinUs * 2 ** (first.failures - 1));
  queue.retryAt = now + pauseUs;
  if (first.failures > 1) return;
  log(turn, "warn", `${what}; it is tried again in ${pauseUs / usPerSecond} s`);
}

function sendNext(turn: Turn): void {
  const { queue } = turn;
  const [first] = queue.waiting;
  if (first === undefined || queue.isSending || queue.retryAt !== undefined) return;
  queue.isSending = true;
  turn.actions.push({ type: "send", mail: first.mail });
}

function log(turn: Turn, level: LogLevel, text: string): void {
  turn.actions.push({ type: "log", record: { level, text } });
}
