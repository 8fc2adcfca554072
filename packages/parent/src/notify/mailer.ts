// Sends mail through the server that the configuration names, by nodemailer. When and how often a
// mail is tried, core/mail-queue decides.

import { errorText } from "@keepalived-ts/shared-config/base/error";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import { usPerMs } from "@keepalived-ts/shared-config/base/units";
import type { GlobalConfig } from "@keepalived-ts/shared-config/schema/config";
import type { TransportOptions } from "nodemailer";
import {
  createMailQueue,
  handleMail,
  type Mail,
  type MailQueue,
  type MailQueueEvent,
  nextMailDeadline,
} from "../core/mail-queue.js";
import { monotonicNowUs } from "../edge/clock.js";

/** What is left at the end gets this long. */
const drainMs = 2_000;
/** A server that has nothing to say for so long is given up. */
const silenceMaxMs = 60_000;

export class Mailer {
  readonly #queue: MailQueue = createMailQueue();
  readonly #log: (record: LogRecord) => void;
  #config: GlobalConfig | undefined;
  #timer: NodeJS.Timeout | undefined;
  #drained: (() => void) | undefined;

  constructor(log: (record: LogRecord) => void) {
    this.#log = log;
  }

  /** Mail that waits goes to the new server. */
  configure(config: GlobalConfig): void {
    this.#config = config;
  }

  post(mail: Mail): void {
    const { routerId, smtpServer, notificationEmails = [] } = this.#config ?? {};
    if (smtpServer === undefined || notificationEmails.length === 0) return;
    const subject = `[${routerId}] ${mail.subject}`;
    this.#dispatch({ type: "posted", mail: { ...mail, subject } });
  }

  /** Nothing is on its way; what waits for a server that does not answer may be left. */
  get isQuiet(): boolean {
    return !this.#queue.isSending;
  }

  /** Resolves when all is sent, when the server does not take it, or after a while. */
  async close(): Promise<void> {
    if (this.#queue.isSending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, drainMs);
        this.#drained = (): void => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    clearTimeout(this.#timer);
    const left = this.#queue.waiting.length;
    if (left > 0) this.#log({ level: "warn", text: `${left} mails could not be sent in time` });
  }

  #dispatch(event: MailQueueEvent): void {
    for (const action of handleMail(this.#queue, event, monotonicNowUs())) {
      if (action.type === "send") void this.#send(action.mail);
      else this.#log(action.record);
    }
    if (!this.#queue.isSending) this.#drained?.();
    clearTimeout(this.#timer);
    const deadline = nextMailDeadline(this.#queue);
    if (deadline === undefined) return;
    const delayMs = Math.max(0, Math.ceil((deadline - monotonicNowUs()) / 1000));
    this.#timer = setTimeout(() => this.#dispatch({ type: "deadlineReached" }), delayMs);
    this.#timer.unref();
  }

  async #send(mail: Mail): Promise<void> {
    const config = this.#config;
    if (config?.smtpServer === undefined) {
      this.#dispatch({ type: "failed", reason: "there is no smtp_server any more", isFinal: true });
      return;
    }
    try {
      await deliver(config, mail);
      this.#dispatch({ type: "sent" });
    } catch (thrown) {
      this.#dispatch({ type: "failed", reason: errorText(thrown), isFinal: isFinal(thrown) });
    }
  }
}

/** RFC 5321 section 4.2.1: 5yz is for ever. What goes wrong with the connection is not. */
function isFinal(thrown: unknown): boolean {
  const code =
    thrown instanceof Error && "responseCode" in thrown ? thrown.responseCode : undefined;
  return typeof code === "number" && code >= 500;
}

/** Loaded when first needed: most routers send no mail. */
async function deliver(config: GlobalConfig, mail: Mail): Promise<void> {
  const { createTransport } = await import("nodemailer");
  const connectMs = config.smtpConnectTimeoutUs / usPerMs;
  const transport = createTransport({
    host: config.smtpServer,
    port: config.smtpPort,
    name: config.smtpHeloName,
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    dnsTimeout: connectMs,
    socketTimeout: silenceMaxMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...protection(config),
  });
  try {
    await transport.sendMail({
      from: config.notificationEmailFrom,
      to: config.notificationEmails,
      subject: mail.subject,
      text: `${mail.body}\n`,
      xMailer: "Keepalived",
    });
  } finally {
    transport.close();
  }
}

/** Without smtp_tls as keepalived: whatever the server offers, nothing is encrypted. */
function protection(
  config: GlobalConfig,
): Pick<TransportOptions, "auth" | "ignoreTLS" | "requireTLS" | "secure" | "tls"> {
  const { smtpTls, smtpTlsVerify, smtpUser, smtpPassword } = config;
  const auth = smtpUser === undefined ? {} : { auth: { user: smtpUser, pass: smtpPassword } };
  if (smtpTls === "off") return { ignoreTLS: true, ...auth };
  return {
    secure: smtpTls === "implicit",
    requireTLS: smtpTls === "starttls",
    tls: { rejectUnauthorized: smtpTlsVerify },
    ...auth,
  };
}
