// Changes of nftables as messages of nfnetlink, and the begin and end of the batch that makes them
// all or none. Pure.
//
//    0        1          2               4
//    +--------+----------+---------------+--- - - -
//    | family | version  | resource (BE) | attributes
//    +--------+----------+---------------+--- - - -

import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import { NLM_F_CREATE } from "../constants/netlink.js";
import {
  NF_ACCEPT,
  NF_DROP,
  NF_INET_FORWARD,
  NF_INET_LOCAL_IN,
  NF_INET_LOCAL_OUT,
  NF_INET_POST_ROUTING,
  NF_INET_PRE_ROUTING,
  NFNL_MSG_BATCH_BEGIN,
  NFNL_MSG_BATCH_END,
  NFNL_SUBSYS_NFTABLES,
  NFPROTO_INET,
  NFPROTO_IPV4,
  NFPROTO_IPV6,
  NFT_MSG_DELSET,
  NFT_MSG_DELSETELEM,
  NFT_MSG_DELTABLE,
  NFT_MSG_NEWCHAIN,
  NFT_MSG_NEWRULE,
  NFT_MSG_NEWSET,
  NFT_MSG_NEWSETELEM,
  NFT_MSG_NEWTABLE,
  NFT_SET_ANONYMOUS,
  NFT_SET_CONCAT,
  NFT_SET_CONSTANT,
  NFT_SET_INTERVAL,
  NFT_SET_MAP,
  NFTA_CHAIN_HOOK,
  NFTA_CHAIN_NAME,
  NFTA_CHAIN_POLICY,
  NFTA_CHAIN_TABLE,
  NFTA_CHAIN_TYPE,
  NFTA_HOOK_HOOKNUM,
  NFTA_HOOK_PRIORITY,
  NFTA_LIST_ELEM,
  NFTA_RULE_CHAIN,
  NFTA_RULE_EXPRESSIONS,
  NFTA_RULE_TABLE,
  NFTA_SET_DATA_LEN,
  NFTA_SET_DATA_TYPE,
  NFTA_SET_DESC,
  NFTA_SET_DESC_CONCAT,
  NFTA_SET_ELEM_DATA,
  NFTA_SET_ELEM_KEY,
  NFTA_SET_ELEM_KEY_END,
  NFTA_SET_ELEM_LIST_ELEMENTS,
  NFTA_SET_ELEM_LIST_SET,
  NFTA_SET_ELEM_LIST_SET_ID,
  NFTA_SET_ELEM_LIST_TABLE,
  NFTA_SET_FIELD_LEN,
  NFTA_SET_FLAGS,
  NFTA_SET_ID,
  NFTA_SET_KEY_LEN,
  NFTA_SET_KEY_TYPE,
  NFTA_SET_NAME,
  NFTA_SET_TABLE,
  NFTA_SET_USERDATA,
  NFTA_TABLE_NAME,
} from "../constants/nftables.js";
import { NLM_F_APPEND } from "../constants/routing.js";
import { encodeRequest, type NetlinkRequest } from "../netlink/connection.js";
import type { MessageWriter } from "../netlink/message.js";
import { encodeParts, partLengths, setUserData, typeLength, typeNumber } from "./data-types.js";
import { attributeNetwork32, encodeExpression, encodeValue } from "./expression-codec.js";
import type {
  ChainRequest,
  DataType,
  ElementsRequest,
  FirewallChange,
  HookName,
  RuleRequest,
  SetElement,
  SetKey,
  SetRequest,
  TableFamily,
} from "./types.js";

export const familyNumbers: Readonly<Record<TableFamily, number>> = {
  ip: NFPROTO_IPV4,
  ip6: NFPROTO_IPV6,
  inet: NFPROTO_INET,
};

const hookNumbers: Readonly<Record<HookName, number>> = {
  prerouting: NF_INET_PRE_ROUTING,
  input: NF_INET_LOCAL_IN,
  forward: NF_INET_FORWARD,
  output: NF_INET_LOCAL_OUT,
  postrouting: NF_INET_POST_ROUTING,
};

/**
 * Elements in one message: a refusal quotes the message, and more than 32 KiB would not fit what we
 * read into.
 */
const elementsPerMessage = 500;

export const batchBegin: Uint8Array = batchMark(NFNL_MSG_BATCH_BEGIN);
export const batchEnd: Uint8Array = batchMark(NFNL_MSG_BATCH_END);

/** The messages of one change: one, or several for very many elements. */
export function encodeChange(change: FirewallChange): readonly Uint8Array[] {
  switch (change.type) {
    case "addElements":
      return encodeElements(NFT_MSG_NEWSETELEM, NLM_F_CREATE, change);
    case "deleteElements":
      return encodeElements(NFT_MSG_DELSETELEM, 0, change);
    default:
      return [encodeRequest(requestOf(change))];
  }
}

/** The type of a message of nf_tables. */
export function messageType(message: number): number {
  return (NFNL_SUBSYS_NFTABLES << 8) | message;
}

/** struct nfgenmsg of a family. */
export function encodeFamily(writer: MessageWriter, family: TableFamily | null): void {
  writer.u8(family === null ? 0 : familyNumbers[family]);
  writer.u8(0);
  writer.u16(0);
}

type OtherChange = Exclude<FirewallChange, { readonly type: "addElements" | "deleteElements" }>;

function requestOf(change: OtherChange): NetlinkRequest {
  switch (change.type) {
    case "addTable":
      return message(NFT_MSG_NEWTABLE, NLM_F_CREATE, change.table.family, (writer) =>
        writer.attributeText(NFTA_TABLE_NAME, change.table.name),
      );
    case "deleteTable":
      return message(NFT_MSG_DELTABLE, 0, change.table.family, (writer) =>
        writer.attributeText(NFTA_TABLE_NAME, change.table.name),
      );
    case "addChain":
      return message(NFT_MSG_NEWCHAIN, NLM_F_CREATE, change.chain.table.family, (writer) =>
        encodeChain(writer, change.chain),
      );
    case "addSet":
      return message(NFT_MSG_NEWSET, NLM_F_CREATE, change.set.table.family, (writer) =>
        encodeSet(writer, change.set),
      );
    case "deleteSet":
      return message(NFT_MSG_DELSET, 0, change.set.table.family, (writer) =>
        encodeSetKey(writer, change.set),
      );
    case "addRule": {
      const { rule } = change;
      const flags = NLM_F_CREATE | NLM_F_APPEND;
      return message(NFT_MSG_NEWRULE, flags, rule.table.family, (writer) =>
        encodeRule(writer, rule),
      );
    }
    default:
      return unreachable(change);
  }
}

function message(
  type: number,
  flags: number,
  family: TableFamily,
  encode: (writer: MessageWriter) => void,
): NetlinkRequest {
  return {
    type: messageType(type),
    flags,
    encode: (writer) => {
      encodeFamily(writer, family);
      encode(writer);
    },
  };
}

/** The resource of a batch's marks is the subsystem, in network order. */
function batchMark(type: number): Uint8Array {
  return encodeRequest({
    type,
    flags: 0,
    encode: (writer) => {
      for (const byte of [0, 0, 0, NFNL_SUBSYS_NFTABLES]) writer.u8(byte);
    },
  });
}

function encodeChain(writer: MessageWriter, { table, name, base }: ChainRequest): void {
  writer.attributeText(NFTA_CHAIN_TABLE, table.name);
  writer.attributeText(NFTA_CHAIN_NAME, name);
  if (base === undefined) return;
  writer.nested(NFTA_CHAIN_HOOK, () => {
    attributeNetwork32(writer, NFTA_HOOK_HOOKNUM, hookNumbers[base.hook]);
    attributeNetwork32(writer, NFTA_HOOK_PRIORITY, base.priority);
  });
  attributeNetwork32(writer, NFTA_CHAIN_POLICY, base.policy === "accept" ? NF_ACCEPT : NF_DROP);
  writer.attributeText(NFTA_CHAIN_TYPE, "filter");
}

function encodeSetKey(writer: MessageWriter, { table, name }: SetKey): void {
  writer.attributeText(NFTA_SET_TABLE, table.name);
  writer.attributeText(NFTA_SET_NAME, name);
}

function encodeSet(writer: MessageWriter, set: SetRequest): void {
  const { keyTypes, dataType, isAnonymous, isConstant, hasRanges, id } = set;
  const flags =
    (isAnonymous === true ? NFT_SET_ANONYMOUS : 0) |
    (isConstant === true ? NFT_SET_CONSTANT : 0) |
    (hasRanges === true ? NFT_SET_INTERVAL | NFT_SET_CONCAT : 0) |
    (dataType === undefined ? 0 : NFT_SET_MAP);
  encodeSetKey(writer, set);
  if (flags !== 0) attributeNetwork32(writer, NFTA_SET_FLAGS, flags);
  attributeNetwork32(writer, NFTA_SET_KEY_TYPE, typeNumber(keyTypes));
  attributeNetwork32(writer, NFTA_SET_KEY_LEN, typeLength(keyTypes));
  if (dataType !== undefined) {
    attributeNetwork32(writer, NFTA_SET_DATA_TYPE, typeNumber([dataType]));
    attributeNetwork32(writer, NFTA_SET_DATA_LEN, typeLength([dataType]));
  }
  if (hasRanges === true) {
    writer.nested(NFTA_SET_DESC, () => encodeFields(writer, keyTypes));
  }
  // The kernel wants one of every set (nf_tables_newset() in net/netfilter/nf_tables_api.c).
  attributeNetwork32(writer, NFTA_SET_ID, id ?? 0);
  writer.attribute(NFTA_SET_USERDATA, setUserData(keyTypes, dataType));
}

function encodeFields(writer: MessageWriter, keyTypes: readonly DataType[]): void {
  writer.nested(NFTA_SET_DESC_CONCAT, () => {
    for (const bytes of partLengths(keyTypes)) {
      writer.nested(NFTA_LIST_ELEM, () => attributeNetwork32(writer, NFTA_SET_FIELD_LEN, bytes));
    }
  });
}

function encodeElements(
  type: number,
  flags: number,
  { set, elements }: ElementsRequest,
): readonly Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let first = 0; first < elements.length; first += elementsPerMessage) {
    const some = elements.slice(first, first + elementsPerMessage);
    const request = message(type, flags, set.table.family, (writer) => {
      writer.attributeText(NFTA_SET_ELEM_LIST_TABLE, set.table.name);
      writer.attributeText(NFTA_SET_ELEM_LIST_SET, set.name);
      if (set.id !== undefined) attributeNetwork32(writer, NFTA_SET_ELEM_LIST_SET_ID, set.id);
      writer.nested(NFTA_SET_ELEM_LIST_ELEMENTS, () => {
        for (const element of some) encodeElement(writer, set, element);
      });
    });
    messages.push(encodeRequest(request));
  }
  return messages;
}

function encodeElement(
  writer: MessageWriter,
  { keyTypes, dataType, hasRanges }: ElementsRequest["set"],
  { key, last = key, data }: SetElement,
): void {
  writer.nested(NFTA_LIST_ELEM, () => {
    encodeValue(writer, NFTA_SET_ELEM_KEY, encodeParts(keyTypes, key));
    if (hasRanges) encodeValue(writer, NFTA_SET_ELEM_KEY_END, encodeParts(keyTypes, last));
    if (dataType === undefined || data === undefined) return;
    encodeValue(writer, NFTA_SET_ELEM_DATA, encodeParts([dataType], [data]));
  });
}

function encodeRule(writer: MessageWriter, { table, chain, expressions }: RuleRequest): void {
  writer.attributeText(NFTA_RULE_TABLE, table.name);
  writer.attributeText(NFTA_RULE_CHAIN, chain);
  writer.nested(NFTA_RULE_EXPRESSIONS, () => {
    for (const expression of expressions) encodeExpression(writer, expression);
  });
}
