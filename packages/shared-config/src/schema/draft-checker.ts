// What virtual servers, their real servers and the checks of these said, before defaults and
// inheritance.

import type { Located, Span } from "../text/source.js";
import type {
  BfdCheckConfig,
  CheckConnection,
  CheckTiming,
  DnsCheckConfig,
  FileCheckConfig,
  ForwardingMethod,
  GroupEntry,
  GrpcCheckConfig,
  HttpCheckConfig,
  MiscCheckConfig,
  RegexConfig,
  SmtpCheckConfig,
  SslConfig,
  TransportProtocol,
  TunnelConfig,
  UdpCheckConfig,
  UrlConfig,
  VirtualServerConfig,
} from "./config-checker.js";
import type { Drafted } from "./drafted.js";
import type { ScriptDraft } from "./script.js";

type Field<T> = Located<T> | undefined;

/**
 * Fields without their place: the linker complains of none of them, and a large file has hundreds
 * of thousands.
 */
type Unplaced<T> = { -readonly [K in keyof T]?: T[K] | undefined };

/** The keywords that a check takes over from its real server, and that from its service. */
export interface TimingDraft
  extends Unplaced<
    Pick<CheckTiming, "delayLoopUs" | "retry" | "delayBeforeRetryUs" | "warmupUs"> &
      Pick<CheckConnection, "connectTimeoutUs">
  > {
  alpha?: Field<boolean>;
}

/** What the linker must know of every check. */
interface CheckBase {
  /** Its keyword. */
  readonly span: Span;
}

/** What checks have that ask somebody something. */
export interface TimedDraft extends TimingDraft {
  logAllFailures?: Field<boolean>;
}

export interface ConnectionDraft
  extends TimedDraft,
    Drafted<Omit<CheckConnection, "connectTimeoutUs">> {}

export interface TcpCheckDraft extends CheckBase, ConnectionDraft {
  readonly kind: "TCP_CHECK";
}

export interface PingCheckDraft extends CheckBase, ConnectionDraft {
  readonly kind: "PING_CHECK";
}

export interface SmtpCheckDraft
  extends CheckBase,
    ConnectionDraft,
    Drafted<Pick<SmtpCheckConfig, "heloName">> {
  readonly kind: "SMTP_CHECK";
  /** Each a check of its own. */
  readonly hosts: SmtpHostDraft[];
}

export interface SmtpHostDraft extends CheckBase, ConnectionDraft {}

export interface DnsCheckDraft
  extends CheckBase,
    ConnectionDraft,
    Drafted<Pick<DnsCheckConfig, "type" | "name">> {
  readonly kind: "DNS_CHECK";
}

export interface UdpCheckDraft
  extends CheckBase,
    ConnectionDraft,
    Drafted<
      Pick<
        UdpCheckConfig,
        "payload" | "requireReply" | "replyPattern" | "replyLengthMin" | "replyLengthMax"
      >
    > {
  readonly kind: "UDP_CHECK";
}

export interface GrpcCheckDraft
  extends CheckBase,
    ConnectionDraft,
    Drafted<
      Pick<
        GrpcCheckConfig,
        | "service"
        | "authority"
        | "isSecure"
        | "serverName"
        | "verifyCertificate"
        | "certificateDaysMin"
      >
    > {
  readonly kind: "GRPC_CHECK";
}

export interface MiscCheckDraft
  extends CheckBase,
    TimedDraft,
    Drafted<Pick<MiscCheckConfig, "timeoutUs" | "isDynamic">> {
  readonly kind: "MISC_CHECK";
  script?: Located<ScriptDraft> | undefined;
  user?: Field<string>;
  group?: Field<string>;
}

export interface FileCheckDraft extends CheckBase, Drafted<Omit<FileCheckConfig, "kind">> {
  readonly kind: "FILE_CHECK";
}

export interface BfdCheckDraft extends CheckBase, Drafted<Omit<BfdCheckConfig, "kind">> {
  readonly kind: "BFD_CHECK";
}

export interface RegexDraft extends Drafted<RegexConfig> {}

export interface UrlDraft extends CheckBase, Drafted<Omit<UrlConfig, "serverName" | "regex">> {
  /** What a repeated status_code adds to. */
  readonly codes: { readonly from: number; readonly to: number }[];
  readonly regex: RegexDraft;
}

export interface HttpCheckDraft
  extends CheckBase,
    ConnectionDraft,
    Drafted<Pick<HttpCheckConfig, "protocol" | "enableSni" | "sniName" | "fastRecovery">> {
  readonly kind: "HTTP_GET" | "SSL_GET";
  readonly urls: UrlDraft[];
  virtualHost?: Field<string>;
  tlsCompliant?: Field<boolean>;
  verifyCertificate?: Field<boolean>;
  certificateDaysMin?: Field<number>;
}

export type CheckDraft =
  | TcpCheckDraft
  | HttpCheckDraft
  | SmtpCheckDraft
  | MiscCheckDraft
  | DnsCheckDraft
  | UdpCheckDraft
  | PingCheckDraft
  | GrpcCheckDraft
  | FileCheckDraft
  | BfdCheckDraft;

/** A forwarding method with what it wraps packets in. */
export interface ForwardingDraft {
  readonly method: ForwardingMethod;
  readonly tunnel?: TunnelConfig | undefined;
}

export interface RealServerDraft extends TimingDraft {
  readonly span: Span;
  /** "" where a name stands for it. */
  readonly address: string;
  readonly dnsName?: string | undefined;
  readonly port: Field<number>;
  weight?: number | undefined;
  forwarding?: Field<ForwardingDraft>;
  upperThreshold?: Field<number>;
  lowerThreshold?: Field<number>;
  inhibitOnFailure?: Field<boolean>;
  drainTimeoutUs?: Field<number>;
  slowStartUs?: Field<number>;
  smtpAlert?: Field<boolean>;
  notifyUp?: Field<ScriptDraft>;
  notifyDown?: Field<ScriptDraft>;
  virtualHost?: Field<string>;
  snmpName?: Field<string>;
  checks: CheckDraft[];
}

export interface SorryServerDraft {
  readonly span: Span;
  readonly address: string;
  readonly port: Field<number>;
  inhibit: boolean;
  forwarding: Field<ForwardingDraft>;
}

export type ServiceDraft =
  | { readonly kind: "address"; readonly address: string; readonly port: number }
  | { readonly kind: "fwmark"; readonly mark: number }
  | { readonly kind: "group"; readonly group: string };

/** A scheduler flag by the name that one scheduler has for it, and the scheduler set above it. */
export interface NamedFlagDraft {
  readonly schedulerAbove: string | undefined;
}

export interface VirtualServerDraft
  extends TimingDraft,
    Drafted<
      Pick<
        VirtualServerConfig,
        | "scheduler"
        | "schedulerFlag1"
        | "schedulerFlag2"
        | "schedulerFlag3"
        | "onePacket"
        | "persistenceTimeoutS"
        | "persistenceGranularity"
        | "persistenceEngine"
        | "haSuspend"
        | "quorum"
        | "hysteresis"
        | "omega"
        | "smtpAlert"
        | "virtualHost"
        | "snmpName"
      >
    > {
  readonly span: Span;
  readonly service: ServiceDraft;
  family?: Field<4 | 6>;
  protocol?: Field<TransportProtocol>;
  forwarding?: Field<ForwardingDraft>;
  shPort?: Field<NamedFlagDraft>;
  shFallback?: Field<NamedFlagDraft>;
  mhPort?: Field<NamedFlagDraft>;
  mhFallback?: Field<NamedFlagDraft>;
  weight?: number | undefined;
  inhibitOnFailure?: Field<boolean>;
  drainTimeoutUs?: Field<number>;
  slowStartUs?: Field<number>;
  quorumUp?: Field<ScriptDraft>;
  quorumDown?: Field<ScriptDraft>;
  sorryServer?: SorryServerDraft | undefined;
  readonly realServers: RealServerDraft[];
}

export interface GroupDraft {
  readonly span: Span;
  readonly name: string;
  readonly entries: Located<GroupEntry>[];
}

export interface SslDraft extends Drafted<SslConfig> {}
