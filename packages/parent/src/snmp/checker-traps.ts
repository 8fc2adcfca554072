// The notifications about real and virtual servers, with keepalived's objects, without an index as
// keepalived's. Pure.

import { realServerName } from "@keepalived-ts/shared-config/base/service-name";
import type { SnmpValue } from "./agentx-types.js";
import {
  checkOid,
  isUpIn,
  keyColumns,
  protocolOf,
  realServerEntry,
  totalCount,
  typeOf,
  upCount,
  type VirtualRow,
  virtualRows,
  virtualServerEntry,
} from "./keepalived-checker.js";
import type { Oid } from "./oid.js";
import { routerId, type Trap, trap } from "./traps.js";
import { address, addressType, gauge, integer, oneOrTwo } from "./values.js";
import type { SnmpView } from "./view.js";

export type CheckerTrapCause =
  | {
      readonly kind: "REAL_SERVER";
      readonly virtualServer: string;
      readonly realServer: string;
      readonly isUp: boolean;
    }
  | {
      readonly kind: "VIRTUAL_SERVER";
      readonly virtualServer: string;
      readonly family?: 4 | 6 | undefined;
      readonly isUp: boolean;
      /** The daemon stops. */
      readonly isStopping: boolean;
    };

type Objects = (readonly [Oid, SnmpValue])[];

const realServerStateChange: Oid = [...checkOid, 5, 0, 1];
const quorumStateChange: Oid = [...checkOid, 5, 0, 2];
const shutdown = 3;

/** What is not configured any more is not told of: its objects are gone. */
export function checkerTrapsOf(cause: CheckerTrapCause, view: SnmpView): Trap[] {
  const { enableTraps, enableSnmpChecker } = view.config.global;
  const row = virtualRows(view).find((each) => isMeant(each, cause));
  if (!enableTraps || !enableSnmpChecker || row === undefined) return [];
  const own = cause.kind === "VIRTUAL_SERVER" ? quorumTrap(row, cause) : realTrap(row, cause);
  return own === undefined ? [] : [own];
}

/** A mark may be a service of IPv4 and one of IPv6, of the same name. */
function isMeant({ server }: VirtualRow, cause: CheckerTrapCause): boolean {
  const { name, key, realServers } = server;
  if (name !== cause.virtualServer) return false;
  if (cause.kind === "REAL_SERVER") {
    return realServers.some((each) => realServerName(key, each) === cause.realServer);
  }
  return cause.family === undefined || key.kind === "address" || key.family === cause.family;
}

function virtualObject(number: number, value: SnmpValue): readonly [Oid, SnmpValue] {
  return [[...virtualServerEntry, number], value];
}

/** Its type, and what of its key there is; of a mark or a group the family is not said. */
function keyObjects(row: VirtualRow): Objects {
  const objects: Objects = [virtualObject(2, typeOf(row))];
  for (const [number, read] of Object.entries(keyColumns)) {
    const value = read(row);
    const isFamily = number === "5" && row.server.key.kind !== "address";
    if (value !== undefined && !isFamily) objects.push(virtualObject(Number(number), value));
  }
  objects.push(virtualObject(8, protocolOf(row)));
  return objects;
}

function counts(row: VirtualRow, up: SnmpValue = upCount(row)): Objects {
  return [virtualObject(21, up), virtualObject(20, totalCount(row))];
}

/**
 * At the stop keepalived tells managers that everything goes down, also of virtual servers without
 * `omega`, of which nobody else is told.
 */
export function stopTrapsOf(view: SnmpView): Trap[] {
  const { enableTraps, enableSnmpChecker } = view.config.global;
  if (!enableTraps || !enableSnmpChecker) return [];
  return virtualRows(view)
    .filter(({ server }) => !server.omega)
    .flatMap((row) => {
      const { key, name: virtualServer, realServers } = row.server;
      const up = realServers.filter((each) => isUpIn(row, each));
      const traps = up.map((each, i) => {
        const realServer = realServerName(key, each);
        const cause = { kind: "REAL_SERVER", virtualServer, realServer, isUp: false } as const;
        return realTrap(row, cause, gauge(up.length - 1 - i));
      });
      const end = { kind: "VIRTUAL_SERVER", virtualServer, isUp: false, isStopping: true } as const;
      return [...traps.filter((each) => each !== undefined), quorumTrap(row, end, gauge(0))];
    });
}

function quorumTrap(
  row: VirtualRow,
  { isUp, isStopping }: Extract<CheckerTrapCause, { kind: "VIRTUAL_SERVER" }>,
  up?: SnmpValue,
): Trap {
  const status = isStopping ? integer(shutdown) : oneOrTwo(isUp);
  return trap(quorumStateChange, [
    ...keyObjects(row),
    virtualObject(23, status),
    virtualObject(22, gauge(row.server.quorum)),
    ...counts(row, up),
    routerId(row.view),
  ]);
}

function realTrap(
  row: VirtualRow,
  { realServer, isUp }: Extract<CheckerTrapCause, { kind: "REAL_SERVER" }>,
  up?: SnmpValue,
): Trap | undefined {
  const { key, realServers } = row.server;
  const real = realServers.find((each) => realServerName(key, each) === realServer);
  if (real === undefined) return undefined;
  const object = (number: number, value: SnmpValue): readonly [Oid, SnmpValue] => [
    [...realServerEntry, number],
    value,
  ];
  return trap(realServerStateChange, [
    object(3, addressType(real.address)),
    object(4, address(real.address)),
    object(5, gauge(real.port)),
    object(6, oneOrTwo(isUp)),
    ...keyObjects(row),
    ...counts(row, up),
    routerId(row.view),
  ]);
}
