// What is run, written and mailed for a notice of the checker, which decides itself what is worth
// one (check/ipwrapper.c). Remembers whose scripts are whose, over a reload that takes the owner
// away too.

import { realServerName } from "@keepalived-ts/shared-config/base/service-name";
import type { CheckerNotice, FromChecker } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  CheckerConfig,
  RealServerConfig,
  ScriptConfig,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { mailBody } from "./mail-text.js";
import type { Notice } from "./notice.js";

/** What a real or virtual server wants. */
interface Wishes {
  readonly up: ScriptConfig | undefined;
  readonly down: ScriptConfig | undefined;
  readonly smtpAlert: boolean;
}

/** Who a notice is about. */
interface Named extends Pick<Notice, "title" | "change"> {
  readonly name: string;
}

/** By the server's name, that of its virtual server before it. */
type Table = ReadonlyMap<string, Wishes>;

export interface CheckerTeller {
  present: Table;
  /** Before the last reload: what that removed is told of after it. */
  former: Table;
}

export function createCheckerTeller(): CheckerTeller {
  return { present: new Map(), former: new Map() };
}

export function configureCheckerTeller(
  teller: CheckerTeller,
  config: CheckerConfig | undefined,
): void {
  teller.former = teller.present;
  teller.present = new Map(config?.virtualServers.flatMap(rowsOf));
}

export function tellChecker(teller: CheckerTeller, message: FromChecker): Notice | undefined {
  switch (message.type) {
    case "realServerState": {
      const { virtualServer, realServer, dnsName } = message.snapshot;
      const title = `Realserver ${realServer} of virtual server ${virtualServer}`;
      const isUp = message.notice?.state === "UP";
      const change = { kind: "REAL_SERVER", virtualServer, realServer, isUp } as const;
      const port = realServer.slice(realServer.lastIndexOf(":") + 1);
      const own = dnsName === undefined ? realServer : namedText(dnsName, port);
      const named = { name: `${virtualServer} ${own}`, title, change };
      return noticeOf(teller, named, message.notice);
    }
    case "virtualServerState": {
      const { virtualServer, key } = message.snapshot;
      const isUp = message.notice?.state === "UP";
      const isStopping = message.notice?.isStopping === true;
      const family = familyOf(key);
      const change = { kind: "VIRTUAL_SERVER", virtualServer, family, isUp, isStopping } as const;
      const name = rowOf(virtualServer, key);
      const named = { name, title: `Virtualserver ${virtualServer}`, change };
      return noticeOf(teller, named, message.notice);
    }
    default:
      return undefined;
  }
}

function rowsOf(server: VirtualServerConfig): [string, Wishes][] {
  const { name, key, quorumUp, quorumDown, smtpAlert, realServers } = server;
  return [
    [rowOf(name, key), { up: quorumUp, down: quorumDown, smtpAlert }],
    ...realServers.map((each): [string, Wishes] => [
      `${name} ${textOf(key, each)}`,
      { up: each.notifyUp, down: each.notifyDown, smtpAlert: each.smtpAlert },
    ]),
  ];
}

function familyOf(key: VirtualServerConfig["key"]): 4 | 6 | undefined {
  return key.kind === "address" ? undefined : key.family;
}

/** One mark may be a service of IPv4 and one of IPv6, of the same name. */
function rowOf(name: string, key: VirtualServerConfig["key"]): string {
  return `${name} ${familyOf(key) ?? ""}`;
}

function textOf(key: VirtualServerConfig["key"], server: RealServerConfig): string {
  const { dnsName, port } = server;
  return dnsName === undefined ? realServerName(key, server) : namedText(dnsName, `${port}`);
}

/** Servers whose address DNS gives are told of by the words of their name. */
function namedText(dnsName: string, port: string): string {
  return `${dnsName} ${port}`;
}

function noticeOf(
  { present, former }: CheckerTeller,
  { name, title, change }: Named,
  notice: CheckerNotice | null,
): Notice | undefined {
  if (notice === null) return undefined;
  const { state, fifoLine, mailText } = notice;
  const wishes = present.get(name) ?? former.get(name);
  const script = state === "UP" ? wishes?.up : wishes?.down;
  const hasMail = mailText !== null && wishes?.smtpAlert === true;
  return {
    change,
    part: "lvs",
    subject: title,
    title: `${title} ${state}`,
    line: `${fifoLine}\n`,
    scripts: script === undefined ? [] : [script],
    mail: hasMail ? { subject: `${title} - ${state}`, body: mailBody(mailText) } : undefined,
  };
}
