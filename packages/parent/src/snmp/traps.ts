// Which notifications managers get of a change, and with which objects. Those of KEEPALIVED-MIB
// name their objects without an index, as keepalived's do; the RFCs' have theirs. Pure.

import type { RefusalCause } from "@keepalived-ts/shared-config/ipc/messages";
import type { SnmpValue, VarBind } from "./agentx-types.js";
import { routerIdOid } from "./keepalived-global.js";
import { groupEntry, instanceEntry, vrrpOid } from "./keepalived-instances.js";
import { type Oid, oidOf } from "./oid.js";
import {
  indexOf,
  masterAddress,
  operMasterIpAddress,
  rfc2787Oid,
  trapAuthenticationErrorType,
  trapPacketSource,
} from "./rfc2787.js";
import {
  index6527,
  masterReason,
  operationsMasterIpAddress,
  protocolErrorReason,
  rfc6527Oid,
  statisticsNewMasterReason,
  statisticsProtocolErrorReason,
} from "./rfc6527.js";
import { address, integer, ipAddress, text } from "./values.js";
import { instanceRows, type SnmpView, stateNumbers } from "./view.js";

type TrapState = "MASTER" | "BACKUP" | "FAULT" | "STOP" | "DELETED";

export type TrapCause =
  | { readonly kind: "INSTANCE"; readonly name: string; readonly state: TrapState }
  | { readonly kind: "GROUP"; readonly name: string; readonly state: TrapState };

export interface Refusal {
  readonly name: string;
  readonly cause: RefusalCause;
  readonly source: string;
}

export type Trap = readonly VarBind[];

/** snmpTrapOID.0; sysUpTime.0 the master adds (RFC 2741 section 7.2.8). */
const snmpTrapOid = oidOf("1.3.6.1.6.3.1.1.4.1.0");
const groupStateChange: Oid = [...vrrpOid, 10, 0, 1];
const instanceStateChange: Oid = [...vrrpOid, 10, 0, 2];
const newMaster2787: Oid = [...rfc2787Oid, 0, 1];
const newMaster6527: Oid = [...rfc6527Oid, 0, 1];
const authenticationFailure2787: Oid = [...rfc2787Oid, 0, 2];
const protocolError6527: Oid = [...rfc6527Oid, 0, 2];

/** `view` is how things stand after the change. */
export function trapsOf(cause: TrapCause, view: SnmpView): Trap[] {
  const { global } = view.config;
  if (!global.enableTraps) return [];
  const traps: Trap[] = [];
  if (global.enableSnmpVrrp) {
    traps.push(cause.kind === "GROUP" ? groupTrap(cause, view) : instanceTrap(cause, view));
  }
  if (cause.kind === "INSTANCE" && cause.state === "MASTER") {
    traps.push(...newMasterTraps(cause.name, view));
  }
  return traps;
}

/** Of an advert that was not obeyed; `view` is how things stand after it. */
export function refusalTrapsOf({ name, cause, source }: Refusal, view: SnmpView): Trap[] {
  const { enableTraps, enableSnmpRfcv2, enableSnmpRfcv3 } = view.config.global;
  const row = instanceRows(view).find(({ instance }) => instance.name === name);
  if (!enableTraps || row === undefined) return [];
  const traps: Trap[] = [];
  const errorType = authenticationErrorTypes[cause];
  const index = indexOf(row);
  const isVersion2 = row.instance.version === 2;
  if (enableSnmpRfcv2 && isVersion2 && index !== undefined && errorType !== undefined) {
    traps.push(
      trap(authenticationFailure2787, [
        [[...trapPacketSource, ...index], ipAddress(source)],
        [[...trapAuthenticationErrorType, ...index], integer(errorType)],
      ]),
    );
  }
  const reason = protocolErrorReason(cause);
  const index3 = index6527(row);
  if (enableSnmpRfcv3 && reason !== undefined && index3 !== undefined) {
    traps.push(
      trap(protocolError6527, [[[...statisticsProtocolErrorReason, ...index3], integer(reason)]]),
    );
  }
  return traps;
}

/** invalidAuthType(1), authTypeMismatch(2), authFailure(3) */
const authenticationErrorTypes: Readonly<Partial<Record<RefusalCause, number>>> = {
  authenticationType: 1,
  authenticationMismatch: 2,
  authentication: 3,
};

export function trap(kind: Oid, objects: readonly (readonly [Oid, SnmpValue])[]): Trap {
  return [
    { oid: snmpTrapOid, value: { type: "oid", value: kind } },
    ...objects.map(([oid, value]) => ({ oid, value })),
  ];
}

export function routerId({ config }: SnmpView): readonly [Oid, SnmpValue] {
  return [routerIdOid, text(config.global.routerId)];
}

function groupTrap({ name, state }: TrapCause, view: SnmpView): Trap {
  return trap(groupStateChange, [
    [[...groupEntry, 2], text(name)],
    [[...groupEntry, 3], integer(stateNumbers[state])],
    routerId(view),
  ]);
}

function instanceTrap({ name, state }: TrapCause, view: SnmpView): Trap {
  const instance = view.config.vrrp?.instances.find((each) => each.name === name);
  return trap(instanceStateChange, [
    [[...instanceEntry, 2], text(name)],
    [[...instanceEntry, 4], integer(stateNumbers[state])],
    [[...instanceEntry, 5], integer(stateNumbers[instance?.wantedState ?? "BACKUP"])],
    routerId(view),
  ]);
}

function newMasterTraps(name: string, view: SnmpView): Trap[] {
  const row = instanceRows(view).find(({ instance }) => instance.name === name);
  if (row === undefined) return [];
  const { enableSnmpRfcv2, enableSnmpRfcv3 } = view.config.global;
  const traps: Trap[] = [];
  const index = indexOf(row);
  if (enableSnmpRfcv2 && row.instance.version === 2 && index !== undefined) {
    const master = ipAddress(masterAddress(row));
    traps.push(trap(newMaster2787, [[[...operMasterIpAddress, ...index], master]]));
  }
  const index3 = index6527(row);
  if (enableSnmpRfcv3 && index3 !== undefined) {
    const master = address(masterAddress(row) ?? (row.instance.family === 4 ? "0.0.0.0" : "::"));
    traps.push(
      trap(newMaster6527, [
        [[...operationsMasterIpAddress, ...index3], master],
        [[...statisticsNewMasterReason, ...index3], integer(masterReason(row))],
      ]),
    );
  }
  return traps;
}
