// What nftables tells of itself: tables, sets and elements read, and the requests for them
// (linux/netfilter/nf_tables.h). Pure. Reading trusts nothing.

import {
  NFT_MSG_GETSET,
  NFT_MSG_GETSETELEM,
  NFT_MSG_GETTABLE,
  NFT_SET_MAP,
  NFTA_DATA_VALUE,
  NFTA_SET_ELEM_DATA,
  NFTA_SET_ELEM_KEY,
  NFTA_SET_ELEM_LIST_ELEMENTS,
  NFTA_SET_ELEM_LIST_SET,
  NFTA_SET_ELEM_LIST_TABLE,
  NFTA_SET_FLAGS,
  NFTA_SET_KEY_TYPE,
  NFTA_SET_NAME,
  NFTA_SET_TABLE,
  NFTA_TABLE_NAME,
} from "../constants/nftables.js";
import type { NetlinkRequest } from "../netlink/connection.js";
import {
  type Attributes,
  alignToFour,
  isLittleEndian,
  readAttributes,
  textIn,
  viewOf,
} from "../netlink/message.js";
import { encodeFamily, familyNumbers, messageType } from "./change-codec.js";
import { decodeParts, typesOfNumber } from "./data-types.js";
import type {
  DataType,
  ElementsRequest,
  KernelSet,
  SetElement,
  TableFamily,
  TableKey,
} from "./types.js";

/** struct nfgenmsg. */
const headerLength = 4;

/** All tables of all families. */
export const tableDump: NetlinkRequest = {
  type: messageType(NFT_MSG_GETTABLE),
  flags: 0,
  encode: (writer) => encodeFamily(writer, null),
};

/** The sets of one table; ENOENT if there is no such table. */
export function setDump(table: TableKey): NetlinkRequest {
  return {
    type: messageType(NFT_MSG_GETSET),
    flags: 0,
    encode: (writer) => {
      encodeFamily(writer, table.family);
      writer.attributeText(NFTA_SET_TABLE, table.name);
    },
  };
}

export function elementDump({ table, name }: ElementsRequest["set"]): NetlinkRequest {
  return {
    type: messageType(NFT_MSG_GETSETELEM),
    flags: 0,
    encode: (writer) => {
      encodeFamily(writer, table.family);
      writer.attributeText(NFTA_SET_ELEM_LIST_TABLE, table.name);
      writer.attributeText(NFTA_SET_ELEM_LIST_SET, name);
    },
  };
}

/** null = a table of a family that is none of ours; undefined = malformed. */
export function decodeTable(payload: Uint8Array): TableKey | null | undefined {
  return tableOf(payload, attributesOf(payload)?.get(NFTA_TABLE_NAME));
}

/** null and undefined as with {@link decodeTable}. */
export function decodeSet(payload: Uint8Array): KernelSet | null | undefined {
  const attributes = attributesOf(payload);
  const table = tableOf(payload, attributes?.get(NFTA_SET_TABLE));
  const name = textIn(attributes?.get(NFTA_SET_NAME));
  if (attributes === undefined || name === undefined) return undefined;
  if (table === null || table === undefined) return table;
  const flags = network32In(attributes.get(NFTA_SET_FLAGS)) ?? 0;
  const type = network32In(attributes.get(NFTA_SET_KEY_TYPE)) ?? 0;
  return { table, name, isMap: (flags & NFT_SET_MAP) !== 0, keyTypes: typesOfNumber(type) };
}

/** The elements in one message of a dump, or undefined if it is malformed. */
export function decodeElements(
  payload: Uint8Array,
  { keyTypes, dataType }: Pick<ElementsRequest["set"], "keyTypes" | "dataType">,
): readonly SetElement[] | undefined {
  const attributes = attributesOf(payload);
  if (attributes === undefined) return undefined;
  const list = attributes.get(NFTA_SET_ELEM_LIST_ELEMENTS);
  if (list === undefined) return [];
  const elements: SetElement[] = [];
  const isWhole = eachInList(list, (bytes) => {
    const element = decodeElement(bytes, keyTypes, dataType);
    if (element !== undefined) elements.push(element);
    return element !== undefined;
  });
  return isWhole ? elements : undefined;
}

function decodeElement(
  bytes: Uint8Array,
  keyTypes: readonly DataType[],
  dataType: DataType | undefined,
): SetElement | undefined {
  const attributes = readAttributes(bytes);
  const keyBytes = valueIn(attributes?.get(NFTA_SET_ELEM_KEY));
  const key = keyBytes && decodeParts(keyTypes, keyBytes);
  if (key === undefined || dataType === undefined) return key && { key };
  const dataBytes = valueIn(attributes?.get(NFTA_SET_ELEM_DATA));
  const data = dataBytes && decodeParts([dataType], dataBytes)?.[0];
  return data === undefined ? undefined : { key, data };
}

/** Of a list all entries have one type, so no map of attributes will do. */
function eachInList(list: Uint8Array, visit: (entry: Uint8Array) => boolean): boolean {
  const view = viewOf(list);
  let offset = 0;
  while (offset + 4 <= list.length) {
    const length = view.getUint16(offset, isLittleEndian);
    if (length < 4 || length > list.length - offset) return false;
    if (!visit(list.subarray(offset + 4, offset + length))) return false;
    offset += alignToFour(length);
  }
  return true;
}

function attributesOf(payload: Uint8Array): Attributes | undefined {
  return payload.length < headerLength ? undefined : readAttributes(payload, headerLength);
}

function tableOf(payload: Uint8Array, name: Uint8Array | undefined): TableKey | null | undefined {
  const text = textIn(name);
  if (text === undefined) return undefined;
  const family = familyNames.get(payload[0] ?? 0);
  return family === undefined ? null : { family, name: text };
}

function valueIn(data: Uint8Array | undefined): Uint8Array | undefined {
  return data && readAttributes(data)?.get(NFTA_DATA_VALUE);
}

function network32In(bytes: Uint8Array | undefined): number | undefined {
  return bytes?.length === 4 ? viewOf(bytes).getUint32(0) : undefined;
}

const familyNames: ReadonlyMap<number, TableFamily> = new Map(
  (Object.keys(familyNumbers) as TableFamily[]).map((name) => [familyNumbers[name], name]),
);
