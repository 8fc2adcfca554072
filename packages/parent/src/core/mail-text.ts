// What a mail about a change of VRRP says: keepalived's subjects and bodies (vrrp_notify.c). Which
// change is worth one, core/teller decides.

import type { Mail } from "./mail-queue.js";
import type { NoticeState } from "./notice.js";

interface Words {
  readonly subject: string;
  readonly body: string;
}

const noLonger = "VRRP Instance is no longer owning VRRP VIPs";

const instanceWords: Readonly<Partial<Record<NoticeState, Words>>> = {
  MASTER: { subject: "Entering MASTER state", body: "VRRP Instance is now owning VRRP VIPs" },
  BACKUP: { subject: "Entering BACKUP state", body: noLonger },
  FAULT: { subject: "Entering FAULT state", body: noLonger },
  STOP: { subject: "Stopping", body: "VRRP Instance stopping" },
  DELETED: { subject: "Deleted", body: "VRRP Deleted at reload" },
};

/** Undefined for what keepalived sends no mail for. */
export function instanceMail(name: string, state: NoticeState): Mail | undefined {
  const words = instanceWords[state];
  return (
    words && {
      subject: `VRRP Instance ${name} - ${words.subject}`,
      body: mailBody(words.body),
    }
  );
}

export function groupMail(name: string, state: NoticeState): Mail | undefined {
  if (state === "STOP") return undefined;
  return {
    subject: `VRRP Group ${name} - Entering ${state} state`,
    body: mailBody(`All VRRP group instances are now in ${state} state`),
  };
}

export function mailBody(text: string): string {
  return `=> ${text} <=`;
}
