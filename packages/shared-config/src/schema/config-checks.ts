// The checks of a real server, as the checker process gets them: what each asks of whom, and when.
// Everything inherited from the real server, the virtual server and global_defs is filled in.

import type { ScriptConfig } from "./config-script.js";

/** When a check asks, and what its failures count. */
export interface CheckTiming {
  readonly delayLoopUs: number;
  /** Further failures after the first before the server counts as failed. */
  readonly retry: number;
  readonly delayBeforeRetryUs: number;
  /** The first probe starts at a random instant within this time. */
  readonly warmupUs: number;
  /** The server counts as failed until the first success. */
  readonly alpha: boolean;
  /** Tell of each failure, not only of the one that counts. */
  readonly logAllFailures: boolean;
}

/** Where the packets of a check go and come from. */
interface CheckConnectionBase {
  readonly connectAddress: string;
  /** Source of the probe (`bindto`, `bind_port`, `bind_if`). */
  readonly bindAddress?: string | undefined;
  readonly bindPort?: number | undefined;
  readonly bindInterface?: string | undefined;
  /** Mark of the probe's packets, 1 to 4294967295; absent = none. */
  readonly fwmark?: number | undefined;
  readonly connectTimeoutUs: number;
}

export interface CheckConnection extends CheckConnectionBase {
  readonly connectPort: number;
}

export interface TcpCheckConfig extends CheckTiming, CheckConnection {
  readonly kind: "TCP_CHECK";
}

/** An ICMP echo; ports mean nothing to it and are kept as they are written. */
export interface PingCheckConfig extends CheckTiming, CheckConnectionBase {
  readonly kind: "PING_CHECK";
  readonly connectPort?: number | undefined;
}

export interface SmtpCheckConfig extends CheckTiming, CheckConnection {
  readonly kind: "SMTP_CHECK";
  readonly heloName: string;
}

/** Question types that DNS_CHECK knows. */
export type DnsType = "A" | "NS" | "CNAME" | "SOA" | "MX" | "TXT" | "AAAA" | "RRSIG" | "DNSKEY";

export interface DnsCheckConfig extends CheckTiming, CheckConnection {
  readonly kind: "DNS_CHECK";
  readonly type: DnsType;
  /** "." is the root. */
  readonly name: string;
}

export interface UdpCheckConfig extends CheckTiming, CheckConnection {
  readonly kind: "UDP_CHECK";
  /** Hex digits, two a byte; absent = the checker's own text. */
  readonly payload?: string | undefined;
  /** Silence is a failure. */
  readonly requireReply: boolean;
  /** Hex digits, two a byte, where x stands for any. */
  readonly replyPattern?: string | undefined;
  /** Bytes, 0 to 65535; looked at only together with a pattern. */
  readonly replyLengthMin: number;
  readonly replyLengthMax: number;
}

export interface MiscCheckConfig extends CheckTiming {
  readonly kind: "MISC_CHECK";
  readonly script: ScriptConfig;
  readonly timeoutUs: number;
  /** The exit code sets the weight (`misc_dynamic`). */
  readonly isDynamic: boolean;
}

/** The value of a file times `weight` is added to the server's weight. */
export interface FileCheckConfig {
  readonly kind: "FILE_CHECK";
  /** Name of a `track_file`. */
  readonly file: string;
  /** -2147483647 to 2147483647; 0 = any value but 0 is a failure. */
  readonly weight: number;
  readonly isReversed: boolean;
}

export interface BfdCheckConfig {
  readonly kind: "BFD_CHECK";
  /** Name of a `bfd_instance`. */
  readonly session: string;
  readonly alpha: boolean;
}

/** `1.0c` and `1.0C` add "Connection: close", the second with a capital C; `2` is ours. */
export type HttpProtocol = "1.0" | "1.0c" | "1.0C" | "1.1" | "2";

/** Status codes from the first to the last. */
export interface StatusCodes {
  readonly from: number;
  readonly to: number;
}

/** What the body must match. */
export interface RegexConfig {
  /** PCRE2. */
  readonly pattern: string;
  /** Success is that the pattern does not match. */
  readonly noMatch: boolean;
  readonly options: readonly string[];
  /** Bytes of the body before the first place where a match may start. */
  readonly offsetMin: number;
  /** The last place where a match may start; absent = the end. */
  readonly offsetMax?: number | undefined;
  /** Bytes for the matcher's stack; absent = its own choice. */
  readonly stack?: { readonly start: number; readonly max: number } | undefined;
}

/** One `url` of HTTP_GET or SSL_GET. */
export interface UrlConfig {
  readonly path: string;
  /** The Host header; absent = the address and port that are asked. */
  readonly virtualHost?: string | undefined;
  /** The name in the TLS handshake; absent = none. */
  readonly serverName?: string | undefined;
  /** MD5 of the body, 32 hex digits. */
  readonly digest?: string | undefined;
  readonly statusCodes: readonly StatusCodes[];
  readonly regex?: RegexConfig | undefined;
  /** A regular end of the TLS session; only for SSL_GET. */
  readonly tlsCompliant: boolean;
}

export interface HttpCheckConfig extends CheckTiming, CheckConnection {
  readonly kind: "HTTP_GET" | "SSL_GET";
  readonly protocol: HttpProtocol;
  /** `enable_sni`; without `sniName` the name is that of the url, the check, the virtual server. */
  readonly enableSni: boolean;
  readonly sniName?: string | undefined;
  readonly fastRecovery: boolean;
  /** Ours (`verify_certificate`): the server's must be valid for its name; only for SSL_GET. */
  readonly verifyCertificate?: boolean | undefined;
  /** Ours (`certificate_days`): days that the server's must last at least; only for SSL_GET. */
  readonly certificateDaysMin?: number | undefined;
  /** At least one; all must pass, one a round. */
  readonly urls: readonly UrlConfig[];
}

/** Ours: grpc.health.v1 over HTTP/2. */
export interface GrpcCheckConfig extends CheckTiming, CheckConnection {
  readonly kind: "GRPC_CHECK";
  /** "" = the server as a whole. */
  readonly service: string;
  /** Absent = the address and port that are asked (`virtualhost`). */
  readonly authority?: string | undefined;
  /** In TLS (`tls`). */
  readonly isSecure: boolean;
  /** The name in the TLS handshake; absent = none. */
  readonly serverName?: string | undefined;
  readonly verifyCertificate?: boolean | undefined;
  readonly certificateDaysMin?: number | undefined;
}

export type CheckConfig =
  | TcpCheckConfig
  | HttpCheckConfig
  | SmtpCheckConfig
  | MiscCheckConfig
  | DnsCheckConfig
  | UdpCheckConfig
  | PingCheckConfig
  | GrpcCheckConfig
  | FileCheckConfig
  | BfdCheckConfig;
