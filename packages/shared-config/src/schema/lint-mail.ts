// Hints about mail: whether a password goes to the mail server for everybody on the way to read.

import type { Config } from "./config.js";
import type { LinkContext } from "./link-context.js";

/** To this host itself nothing is on the way. */
const ownHosts: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

export function lintMail({ root, report }: LinkContext, { global }: Config): void {
  const { smtpUser: user } = root.global;
  const { smtpServer } = global;
  if (user === undefined || global.smtpTls !== "off" || smtpServer === undefined) return;
  if (ownHosts.has(smtpServer)) return;
  report(user.span, {
    severity: "hint",
    code: "PASSWORD_IN_CLEAR",
    message: "Cannot keep the password of smtp_auth secret: it is sent without encryption",
    hint: "add smtp_tls starttls, or smtp_tls implicit for port 465",
  });
}
