// What the parent is asked to tell the world of a change: the FIFO line and the words of the mail,
// as keepalived has them (check/ipwrapper.c). Which change is worth a notice is decided elsewhere.

import type { CheckerNotice } from "@keepalived-ts/shared-config/ipc/messages";
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

/** The words for a server that goes up or down because of `check`. */
export function checkMailText({ config, result }: Check): string {
  const kind = config.kind.slice(0, config.kind.indexOf("_"));
  return `${kind} CHECK ${result === true ? "succeed" : "failed"} on service`;
}

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
