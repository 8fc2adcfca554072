// How a VRRP instance signs its adverts. All of it is secret: never logged, never in a diagnostic.

/** `authentication { auth_type PASS }`. */
export interface PassAuthentication {
  readonly type: "PASS";
  /**
   * The 8 bytes on the wire in hexadecimal, padded with zeros (RFC 2338 section 5.3.6). A secret:
   * never log.
   */
  readonly data: string;
}

/** `authentication { auth_type AH }`: an authentication header, HMAC-MD5-96 (RFC 2402, 2403). */
export interface HeaderAuthentication {
  /** 8 bytes in hexadecimal, padded with zeros. A secret: never log. */
  readonly secret: string;
}

/** A line `key` of auth_hmac. */
export interface HmacKey {
  /** 1 to 255, as it stands in the trailer. */
  readonly id: number;
  /**
   * 32 to 64 bytes in hexadecimal; absent when the host was not asked for the file. A secret: never
   * log.
   */
  readonly secret?: string | undefined;
  /** The file that it came from. */
  readonly file?: string | undefined;
}

/** `auth_hmac`: a trailer with HMAC-SHA-256 behind each advert. */
export interface HmacAuthentication {
  /** Any of them is accepted. */
  readonly keys: readonly HmacKey[];
  /** The key that signs. */
  readonly activeKey: number;
  /** How far the clocks of sender and receiver may differ: whole seconds, 1 to 300. */
  readonly timeWindowUs: number;
  /** Whether an advert must be recent, or only later than the one before it. */
  readonly antiReplay: "time" | "monotonic";
  readonly mode: "enforce" | "permissive" | "receive-only";
}

/** At most one of them. */
export interface AuthenticationConfig {
  readonly authentication?: PassAuthentication | undefined;
  readonly headerAuthentication?: HeaderAuthentication | undefined;
  readonly hmacAuthentication?: HmacAuthentication | undefined;
}
