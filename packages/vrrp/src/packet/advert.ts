// The VRRP advertisement of versions 2 (RFC 3768 section 5) and 3 (RFC 9568 section 5): bytes to
// values and back. Pure; judges only what needs no configuration, the core judges the rest.

/** Why a packet is not an advertisement at all. */
export type AdvertDecodeError =
  | "ADVERT_TOO_SHORT"
  | "ADVERT_BAD_LENGTH"
  | "ADVERT_BAD_VERSION"
  | "ADVERT_BAD_TYPE"
  | "ADVERT_BAD_CHECKSUM";

/** A well-formed advertisement. */
export interface Advert {
  readonly version: 2 | 3;
  readonly virtualRouterId: number;
  /** 0 = the master is leaving, 255 = the owner. */
  readonly priority: number;
  readonly addressCount: number;
  /** The addresses in network order, hexadecimal: comparing lists is comparing texts. */
  readonly addresses: string;
  readonly advertIntervalUs: number;
  /** Version 2 only: 0 none, 1 PASS, 2 AH. Always 0 in version 3. */
  readonly authenticationType: number;
  /** Version 2 only: the 8 authentication bytes, hexadecimal; empty in version 3. */
  readonly authenticationData: string;
}

/** The result of decoding, good or bad, is the event: the core counts both. */
export type DecodedAdvert =
  | { readonly ok: true; readonly advert: Advert }
  | {
      readonly ok: false;
      readonly code: AdvertDecodeError;
      /** As far as it could be read, to charge the right instance; null if not. */
      readonly virtualRouterId: number | null;
    };
