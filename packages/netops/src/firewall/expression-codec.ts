// The expressions of rules as nf_tables' attributes (linux/netfilter/nf_tables.h). Pure. Numbers in
// attributes of nf_tables are in network order.

import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import {
  NF_ACCEPT,
  NF_DROP,
  NFT_CMP_EQ,
  NFT_CMP_NEQ,
  NFT_GOTO,
  NFT_JUMP,
  NFT_LOOKUP_F_INV,
  NFT_META_IIF,
  NFT_META_IIFNAME,
  NFT_META_L4PROTO,
  NFT_META_MARK,
  NFT_META_OIF,
  NFT_META_OIFKIND,
  NFT_META_OIFNAME,
  NFT_PAYLOAD_NETWORK_HEADER,
  NFT_PAYLOAD_TRANSPORT_HEADER,
  NFT_REG_VERDICT,
  NFT_RETURN,
  NFTA_BITWISE_DREG,
  NFTA_BITWISE_LEN,
  NFTA_BITWISE_MASK,
  NFTA_BITWISE_SREG,
  NFTA_BITWISE_XOR,
  NFTA_CMP_DATA,
  NFTA_CMP_OP,
  NFTA_CMP_SREG,
  NFTA_COUNTER_BYTES,
  NFTA_COUNTER_PACKETS,
  NFTA_DATA_VALUE,
  NFTA_DATA_VERDICT,
  NFTA_DUP_SREG_ADDR,
  NFTA_DUP_SREG_DEV,
  NFTA_EXPR_DATA,
  NFTA_EXPR_NAME,
  NFTA_IMMEDIATE_DATA,
  NFTA_IMMEDIATE_DREG,
  NFTA_LIST_ELEM,
  NFTA_LOOKUP_DREG,
  NFTA_LOOKUP_FLAGS,
  NFTA_LOOKUP_SET,
  NFTA_LOOKUP_SET_ID,
  NFTA_LOOKUP_SREG,
  NFTA_META_DREG,
  NFTA_META_KEY,
  NFTA_META_SREG,
  NFTA_PAYLOAD_BASE,
  NFTA_PAYLOAD_DREG,
  NFTA_PAYLOAD_LEN,
  NFTA_PAYLOAD_OFFSET,
  NFTA_VERDICT_CHAIN,
  NFTA_VERDICT_CODE,
} from "../constants/nftables.js";
import type { MessageWriter } from "../netlink/message.js";
import type { Expression, MetaKey, PayloadBase, Verdict } from "./types.js";

const payloadBases: Readonly<Record<PayloadBase, number>> = {
  network: NFT_PAYLOAD_NETWORK_HEADER,
  transport: NFT_PAYLOAD_TRANSPORT_HEADER,
};

const metaKeys: Readonly<Record<MetaKey, number>> = {
  iif: NFT_META_IIF,
  oif: NFT_META_OIF,
  iifname: NFT_META_IIFNAME,
  oifname: NFT_META_OIFNAME,
  l4proto: NFT_META_L4PROTO,
  oifkind: NFT_META_OIFKIND,
};

const verdictCodes: Readonly<Record<Verdict["type"], number>> = {
  accept: NF_ACCEPT,
  drop: NF_DROP,
  return: NFT_RETURN,
  jump: NFT_JUMP,
  goto: NFT_GOTO,
};

type ExpressionOf<T extends Expression["type"]> = Extract<Expression, { readonly type: T }>;

/** A number of 32 bits, signed or not, in network order. */
export function attributeNetwork32(writer: MessageWriter, type: number, value: number): void {
  writer.attribute(type, Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value));
}

/** Writes one NFTA_LIST_ELEM of NFTA_RULE_EXPRESSIONS. */
export function encodeExpression(writer: MessageWriter, expression: Expression): void {
  switch (expression.type) {
    case "payload":
      encodePayload(writer, expression);
      break;
    case "meta":
      encodeMeta(writer, expression);
      break;
    case "setMark":
      encodeSetMark(writer, expression);
      break;
    case "compare":
      encodeCompare(writer, expression);
      break;
    case "mask":
      encodeMask(writer, expression);
      break;
    case "lookup":
      encodeLookup(writer, expression);
      break;
    case "duplicate":
      encodeDuplicate(writer, expression);
      break;
    case "counter":
      encodeCounter(writer);
      break;
    case "verdict":
      encodeVerdict(writer, expression.verdict);
      break;
    default:
      unreachable(expression);
  }
}

function named(writer: MessageWriter, name: string, encode: () => void): void {
  writer.nested(NFTA_LIST_ELEM, () => {
    writer.attributeText(NFTA_EXPR_NAME, name);
    writer.nested(NFTA_EXPR_DATA, encode);
  });
}

function encodePayload(writer: MessageWriter, expression: ExpressionOf<"payload">): void {
  named(writer, "payload", () => {
    attributeNetwork32(writer, NFTA_PAYLOAD_DREG, expression.to);
    attributeNetwork32(writer, NFTA_PAYLOAD_BASE, payloadBases[expression.base]);
    attributeNetwork32(writer, NFTA_PAYLOAD_OFFSET, expression.offset);
    attributeNetwork32(writer, NFTA_PAYLOAD_LEN, expression.length);
  });
}

function encodeMeta(writer: MessageWriter, { key, to }: ExpressionOf<"meta">): void {
  named(writer, "meta", () => {
    attributeNetwork32(writer, NFTA_META_KEY, metaKeys[key]);
    attributeNetwork32(writer, NFTA_META_DREG, to);
  });
}

function encodeSetMark(writer: MessageWriter, { from }: ExpressionOf<"setMark">): void {
  named(writer, "meta", () => {
    attributeNetwork32(writer, NFTA_META_KEY, NFT_META_MARK);
    attributeNetwork32(writer, NFTA_META_SREG, from);
  });
}

function encodeDuplicate(writer: MessageWriter, expression: ExpressionOf<"duplicate">): void {
  named(writer, "dup", () => {
    attributeNetwork32(writer, NFTA_DUP_SREG_ADDR, expression.address);
    attributeNetwork32(writer, NFTA_DUP_SREG_DEV, expression.interface);
  });
}

/** Both counts start at 0. */
function encodeCounter(writer: MessageWriter): void {
  named(writer, "counter", () => {
    writer.attribute(NFTA_COUNTER_BYTES, new Uint8Array(8));
    writer.attribute(NFTA_COUNTER_PACKETS, new Uint8Array(8));
  });
}

function encodeCompare(writer: MessageWriter, expression: ExpressionOf<"compare">): void {
  named(writer, "cmp", () => {
    attributeNetwork32(writer, NFTA_CMP_SREG, expression.from);
    const operator = expression.is === "equal" ? NFT_CMP_EQ : NFT_CMP_NEQ;
    attributeNetwork32(writer, NFTA_CMP_OP, operator);
    encodeValue(writer, NFTA_CMP_DATA, expression.value);
  });
}

function encodeMask(writer: MessageWriter, expression: ExpressionOf<"mask">): void {
  named(writer, "bitwise", () => {
    attributeNetwork32(writer, NFTA_BITWISE_SREG, expression.from);
    attributeNetwork32(writer, NFTA_BITWISE_DREG, expression.to);
    attributeNetwork32(writer, NFTA_BITWISE_LEN, expression.mask.length);
    encodeValue(writer, NFTA_BITWISE_MASK, expression.mask);
    encodeValue(writer, NFTA_BITWISE_XOR, new Uint8Array(expression.mask.length));
  });
}

function encodeLookup(writer: MessageWriter, expression: ExpressionOf<"lookup">): void {
  const { set, from, to, isInverted } = expression;
  named(writer, "lookup", () => {
    attributeNetwork32(writer, NFTA_LOOKUP_SREG, from);
    if (to !== undefined) attributeNetwork32(writer, NFTA_LOOKUP_DREG, to);
    writer.attributeText(NFTA_LOOKUP_SET, set.name);
    if (set.id !== undefined) attributeNetwork32(writer, NFTA_LOOKUP_SET_ID, set.id);
    if (isInverted === true) attributeNetwork32(writer, NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
  });
}

function encodeVerdict(writer: MessageWriter, verdict: Verdict): void {
  named(writer, "immediate", () => {
    attributeNetwork32(writer, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    writer.nested(NFTA_IMMEDIATE_DATA, () => {
      writer.nested(NFTA_DATA_VERDICT, () => {
        attributeNetwork32(writer, NFTA_VERDICT_CODE, verdictCodes[verdict.type]);
        if ("chain" in verdict) writer.attributeText(NFTA_VERDICT_CHAIN, verdict.chain);
      });
    });
  });
}

/** A value inside an attribute of the given type. */
export function encodeValue(writer: MessageWriter, type: number, value: Uint8Array): void {
  writer.nested(type, () => writer.attribute(NFTA_DATA_VALUE, value));
}
