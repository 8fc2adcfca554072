// The messages between an AgentX master agent and us, RFC 2741, as plain values. No behaviour.

import type { Oid } from "./oid.js";

/** A value of SMI version 2 (RFC 2578 section 7.1). */
export type SnmpValue =
  /** -2^31 to 2^31 - 1. */
  | { readonly type: "integer"; readonly value: number }
  /** 0 to 2^32 - 1; counters wrap. */
  | { readonly type: "gauge" | "counter32" | "timeTicks"; readonly value: number }
  /** 0 to 2^64 - 1. */
  | { readonly type: "counter64"; readonly value: bigint }
  | { readonly type: "octets"; readonly value: Uint8Array }
  /** Four bytes. */
  | { readonly type: "ipAddress"; readonly value: Uint8Array }
  | { readonly type: "oid"; readonly value: Oid }
  /** Sent by managers that try what is taken. */
  | { readonly type: "null" | "opaque" };

export type SnmpException = "noSuchObject" | "noSuchInstance" | "endOfMibView";

export interface VarBind {
  readonly oid: Oid;
  readonly value: SnmpValue | { readonly type: SnmpException };
}

/** RFC 2741 section 5.2: from `start` (itself only with `isIncluded`) to before `end`. */
export interface SearchRange {
  readonly start: Oid;
  readonly isIncluded: boolean;
  /** Empty: no end. */
  readonly end: Oid;
}

/** The part of a header that an answer repeats. */
export interface PduHeader {
  readonly sessionId: number;
  readonly transactionId: number;
  readonly packetId: number;
}

/** What a master asks. */
export type RequestPdu =
  | {
      readonly type: "get" | "getNext";
      readonly header: PduHeader;
      readonly ranges: readonly SearchRange[];
    }
  | {
      readonly type: "getBulk";
      readonly header: PduHeader;
      readonly nonRepeaters: number;
      readonly maxRepetitions: number;
      readonly ranges: readonly SearchRange[];
    }
  | {
      readonly type: "testSet";
      readonly header: PduHeader;
      readonly varbinds: readonly VarBind[];
    }
  | { readonly type: "commitSet" | "undoSet" | "cleanupSet"; readonly header: PduHeader };

export type ReceivedPdu =
  | RequestPdu
  | {
      readonly type: "response";
      readonly header: PduHeader;
      /** Hundredths of a second since the master started. */
      readonly sysUpTimeCs: number;
      readonly error: number;
    }
  | { readonly type: "close"; readonly header: PduHeader };

/** What we send. */
export type SentPdu =
  | { readonly type: "open"; readonly timeoutS: number; readonly description: string }
  | { readonly type: "close" }
  | { readonly type: "register" | "unregister"; readonly subtree: Oid }
  | { readonly type: "ping" }
  | { readonly type: "notify"; readonly varbinds: readonly VarBind[] }
  | {
      readonly type: "response";
      readonly error: number;
      /** Of the variable that is at fault, from 1; 0 = none. */
      readonly index: number;
      readonly varbinds: readonly VarBind[];
    };

/** RFC 2741 section 6.2.16 and RFC 3416 section 3: `res.error`. */
export const agentxError = {
  noError: 0,
  genErr: 5,
  noAccess: 6,
  wrongType: 7,
  wrongValue: 10,
  noCreation: 11,
  resourceUnavailable: 13,
  commitFailed: 14,
  undoFailed: 15,
  notWritable: 17,
  notOpen: 257,
  unsupportedContext: 262,
  parseError: 266,
} as const;
