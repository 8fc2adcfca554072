// What the parent is asked to tell the world of a change: the FIFO line and the words of the mail,
// as keepalived has them (check/ipwrapper.c). Which change is worth a notice is decided elsewhere.

import type { CheckerNotice } from "@keepalived-ts/shared-config/ipc/messages";
import type { CheckConfig } from "@keepalived-ts/shared-config/schema/config";
import { quorumText } from "./quorum.js";
import { aliveWeight } from "./service-plan.js";
import type { Check, RealServer, VirtualServer } from "./state.js";

/** Null: no mail for this one, keepalived sends none either. */
export function serverNotice(
  server: RealServer,
  mailText: string | null,
  how: { readonly isUp: boolean; readonly isStopping: boolean } = {
    isUp: server.isUp,
    isStopping: false,
  },
): CheckerNotice {
  const state = how.isUp ? "UP" : "DOWN";
  const fifoLine = `RS ${server.name} ${server.virtualServer.config.name} ${state}`;
  return { state, fifoLine, mailText, isStopping: how.isStopping };
}

/** The words for a server that goes up or down because of `check` (the check_*.c of keepalived). */
export function checkMailText({
  config: { kind },
  result,
}: Pick<Check, "config" | "result">): string {
  const { name, up = "succeed", down = "failed on service" } = mailWords[kind];
  return result === true ? `${name} ${up} on service` : `${name} ${down}`;
}

interface MailWords {
  readonly name: string;
  readonly up?: string;
  readonly down?: string;
}

const mailWords: Readonly<Record<CheckConfig["kind"], MailWords>> = {
  TCP_CHECK: { name: "TCP CHECK" },
  UDP_CHECK: { name: "UDP CHECK" },
  GRPC_CHECK: { name: "GRPC CHECK" },
  PING_CHECK: { name: "ICMP CHECK" },
  DNS_CHECK: { name: "DNS_CHECK:" },
  FILE_CHECK: { name: "FILE CHECK", up: "succeeded" },
  BFD_CHECK: { name: "BFD CHECK", up: "succeeded" },
  MISC_CHECK: { name: "MISC CHECK", up: "succeeded" },
  SMTP_CHECK: { name: "CHECK" },
  HTTP_GET: { name: "CHECK", down: "failed on service : HTTP request failed" },
  SSL_GET: { name: "CHECK", down: "failed on service : SSL request failed" },
};

export function quorumNotice(server: VirtualServer, isStarting: boolean): CheckerNotice {
  const { config, hasQuorum } = server;
  const state = hasQuorum ? "UP" : "DOWN";
  const event = hasQuorum ? "Gained quorum" : "Lost quorum";
  const words = isStarting ? `Starting with quorum ${state.toLowerCase()}` : event;
  const mailText = `${words} ${quorumText(config, hasQuorum, aliveWeight(server))}`;
  return { state, fifoLine: `VS ${config.name} ${state}`, mailText, isStopping: false };
}

/** With omega everything is told to be down when the daemon stops. */
export function stopNotice({ config }: VirtualServer): CheckerNotice {
  return {
    state: "DOWN",
    fifoLine: `VS ${config.name} DOWN`,
    mailText: "Shutting down",
    isStopping: true,
  };
}
