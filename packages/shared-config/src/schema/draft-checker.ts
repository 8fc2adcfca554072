// What virtual servers said, before defaults and inheritance.

import type { Located, Span } from "../text/source.js";
import type { ForwardingMethod } from "./config-checker.js";

type Field<T> = Located<T> | undefined;

/**
 * The timing keywords that a checker takes over from its real server, and that from its service.
 */
export interface TimingDraft {
  delayLoopUs?: Field<number>;
  retry?: Field<number>;
  delayBeforeRetryUs?: Field<number>;
  connectTimeoutUs?: Field<number>;
  warmupUs?: Field<number>;
}

export interface TcpCheckDraft extends TimingDraft {
  readonly span: Span;
  connectAddress?: Field<string>;
  connectPort?: Field<number>;
  bindAddress?: Field<string>;
  bindPort?: Field<number>;
}

export interface RealServerDraft extends TimingDraft {
  readonly span: Span;
  readonly address: string;
  readonly port: Field<number>;
  weight?: Field<number>;
  forwarding?: Field<ForwardingMethod>;
  readonly checks: TcpCheckDraft[];
}

export type ServiceDraft =
  | { readonly kind: "address"; readonly address: string; readonly port: number }
  | { readonly kind: "fwmark"; readonly mark: number };

export interface VirtualServerDraft extends TimingDraft {
  readonly span: Span;
  readonly service: ServiceDraft;
  family?: Field<4 | 6>;
  scheduler?: Field<string>;
  forwarding?: Field<ForwardingMethod>;
  protocol?: Field<"TCP" | "UDP" | "SCTP">;
  persistenceTimeoutS?: Field<number>;
  persistenceGranularity?: Field<number>;
  weight?: Field<number>;
  readonly realServers: RealServerDraft[];
}
