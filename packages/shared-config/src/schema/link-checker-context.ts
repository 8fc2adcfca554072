// What the linkers of one virtual server and its real servers share: drafts, the context of the
// whole, and what was worked out once for all real servers.

import type { ForwardingDraft, RealServerDraft, VirtualServerDraft } from "./draft-checker.js";
import type { LinkContext } from "./link-context.js";
import type { GroupFacts } from "./link-server-group.js";

export interface ServiceContext {
  readonly context: LinkContext;
  readonly draft: VirtualServerDraft;
  /** For messages. */
  readonly name: string;
  readonly family: 4 | 6;
  readonly forwarding: ForwardingDraft;
  /** 0 for marks, for every port, and where the ports of a group differ. */
  readonly port: number;
  /** Of a group of services. */
  readonly group: GroupFacts | undefined;
  readonly delayLoopUs: number;
  readonly logAllFailures: boolean;
  /** What global_defs says, for real servers that say nothing. */
  readonly serverSmtpAlert: boolean;
}

export interface ServerContext {
  readonly service: ServiceContext;
  readonly draft: RealServerDraft;
  /** Of the server. */
  readonly address: string;
  /**
   * Where its checks connect: the port as it is written, although the service may want another
   * (keepalived's checks have their target before ports are put right).
   */
  readonly checkPort: number;
}
