// Generic netlink: the number of a family by its name, and the 4-byte header before the attributes
// (linux/genetlink.h). Knows nothing of IPVS.
//
//    0         1         2         4
//    +---------+---------+---------+--- - - -
//    | command | version | 0       | attributes
//    +---------+---------+---------+--- - - -

import {
  CTRL_ATTR_FAMILY_ID,
  CTRL_ATTR_FAMILY_NAME,
  CTRL_CMD_GETFAMILY,
  GENL_ID_CTRL,
} from "../constants/netlink.js";
import type { NetlinkConnection } from "../netlink/connection.js";
import {
  type Attributes,
  type MessageWriter,
  type NetlinkMessage,
  numberIn,
  readAttributes,
} from "../netlink/message.js";

const headerLength = 4;
const controllerVersion = 1;

export type FamilyLookup =
  | { readonly ok: true; readonly id: number }
  | { readonly ok: false; readonly errno: string };

export function encodeGenericHeader(writer: MessageWriter, command: number, version: number): void {
  writer.u8(command);
  writer.u8(version);
  writer.u16(0);
}

/** The attributes behind the generic header, or undefined if malformed. */
export function genericAttributes(message: NetlinkMessage): Attributes | undefined {
  if (message.payload.length < headerLength) return undefined;
  return readAttributes(message.payload, headerLength);
}

/** ENOENT: the kernel has no such family, or has not loaded the module. */
export async function lookUpFamily(
  connection: NetlinkConnection,
  name: string,
): Promise<FamilyLookup> {
  let id: number | undefined;
  const errno = await connection.request(
    {
      type: GENL_ID_CTRL,
      flags: 0,
      encode: (writer) => {
        encodeGenericHeader(writer, CTRL_CMD_GETFAMILY, controllerVersion);
        writer.attributeText(CTRL_ATTR_FAMILY_NAME, name);
      },
    },
    (message) => {
      id = numberIn(genericAttributes(message)?.get(CTRL_ATTR_FAMILY_ID));
    },
  );
  if (errno !== null) return { ok: false, errno };
  return id === undefined ? { ok: false, errno: "EBADMSG" } : { ok: true, id };
}
