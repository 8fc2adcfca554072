// KEEPALIVED-MIB, VRRP part: sync groups, instances and their addresses.
// 1.3.6.1.4.1.9586.100.5.2.1 to .3 and .6

import type { VrrpStateName } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  StaticAddress,
  VirtualAddress,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { agentxError, type SnmpValue } from "./agentx-types.js";
import { keepalivedOid } from "./keepalived-global.js";
import type { Column, IndexedRow, Read, Refusal } from "./object-tree.js";
import {
  address,
  addressType,
  command,
  familyType,
  gauge,
  ifThere,
  integer,
  oneOrTwo,
  scope,
  text,
  truth,
} from "./values.js";
import {
  type GroupRow,
  groupRows,
  type InstanceRow,
  instanceRows,
  numbered,
  type SnmpChange,
  type SnmpColumn,
  type SnmpView,
  stateNumbers,
  table,
} from "./view.js";

export const vrrpOid: readonly number[] = [...keepalivedOid, 2];
export const groupEntry: readonly number[] = [...vrrpOid, 1, 1];
export const instanceEntry: readonly number[] = [...vrrpOid, 3, 1];

const usPerS = 1e6;
const usPerCs = 1e4;

export function instanceTables(view: SnmpView): SnmpColumn[] {
  return [
    ...table({ entry: groupEntry, columns: groupColumns, rows: () => numbered(groupRows(view)) }),
    ...table({
      entry: [...vrrpOid, 2, 1],
      columns: { 2: (member: string) => text(member) },
      rows: () => groupRows(view).flatMap(({ group }, i) => numbered(group.members, [i + 1])),
    }),
    ...table({
      entry: instanceEntry,
      columns: instanceColumns,
      rows: () => numbered(instanceRows(view)),
    }),
    ...table({ entry: [...vrrpOid, 6, 1], columns: addressColumns, rows: () => addressRows(view) }),
  ];
}

function stateValue(state: VrrpStateName | undefined): SnmpValue {
  return integer(stateNumbers[state ?? "UNKNOWN"]);
}

/** The state that all members are in, else INIT. */
function groupState({ view, group }: GroupRow): SnmpValue {
  const states = group.members.map((member) => view.instances.get(member)?.state);
  const [first] = states;
  return states.every((state) => state === first) ? stateValue(first) : stateValue("INIT");
}

const groupColumns: Record<number, Read<GroupRow>> = {
  2: ({ group }) => text(group.name),
  3: groupState,
  4: ({ group }) => oneOrTwo(group.smtpAlert),
  5: ({ group }) =>
    oneOrTwo(
      [
        group.notify,
        group.notifyMaster,
        group.notifyBackup,
        group.notifyFault,
        group.notifyStop,
      ].some((script) => script !== undefined),
    ),
  6: ({ group }) => ifThere(group.notifyMaster, command),
  7: ({ group }) => ifThere(group.notifyBackup, command),
  8: ({ group }) => ifThere(group.notifyFault, command),
  9: ({ group }) => ifThere(group.notify, command),
  10: ({ group }) => oneOrTwo(group.trackingWeights),
  11: ({ group }) => ifThere(group.notifyStop, command),
};

function advertInterval({ version, advertIntervalUs }: VrrpInstanceConfig): SnmpValue {
  return gauge(Math.round(advertIntervalUs / (version === 2 ? usPerS : usPerCs)));
}

/** none(0), password(1), ah(2) */
function authenticationType({
  authentication,
  headerAuthentication,
}: VrrpInstanceConfig): SnmpValue {
  if (headerAuthentication !== undefined) return integer(2);
  return integer(authentication === undefined ? 0 : 1);
}

function syncDaemon({ view, instance }: InstanceRow): string | undefined {
  const daemon = view.config.global.lvsSyncDaemon;
  return daemon?.instance === instance.name ? daemon.interface : undefined;
}

function notifies(instance: VrrpInstanceConfig): boolean {
  const { notify, notifyMaster, notifyBackup, notifyFault, notifyStop } = instance;
  const { notifyDeleted, notifyMasterReceivedLowerPriority: lower } = instance;
  const scripts = [notify, notifyMaster, notifyBackup, notifyFault, notifyStop, notifyDeleted];
  return [...scripts, lower].some((script) => script !== undefined);
}

/**
 * 255 says that the router owns the addresses, which is no matter of a manager's: it is the
 * configuration's, and only what that says can be set back to.
 */
function writePriority({ instance }: InstanceRow, value: SnmpValue): SnmpChange | Refusal {
  if (value.type !== "integer") return { error: agentxError.wrongType };
  const isOwner = value.value === 255 && instance.basePriority === 255;
  if (!isOwner && (value.value < 1 || value.value > 254)) return { error: agentxError.wrongValue };
  return { type: "basePriority", instance: instance.name, value: value.value };
}

function writePreempt({ instance }: InstanceRow, value: SnmpValue): SnmpChange | Refusal {
  if (value.type !== "integer") return { error: agentxError.wrongType };
  if (value.value !== 1 && value.value !== 2) return { error: agentxError.wrongValue };
  return { type: "preempt", instance: instance.name, value: value.value === 1 };
}

function multicast(
  { unicastPeers, multicastGroup }: VrrpInstanceConfig,
  shown: (group: string) => SnmpValue,
): SnmpValue | undefined {
  return unicastPeers.length > 0 ? undefined : shown(multicastGroup);
}

const instanceColumns: Record<number, Read<InstanceRow> | Column<InstanceRow, SnmpChange>> = {
  2: ({ instance }) => text(instance.name),
  3: ({ instance }) => gauge(instance.virtualRouterId),
  4: ({ status }) => stateValue(status?.state),
  5: ({ instance }) => stateValue(instance.wantedState),
  6: ({ status }) => stateValue(status?.wantedState),
  7: { read: ({ instance }) => integer(instance.basePriority), write: writePriority },
  8: ({ instance, status }) => integer(status?.effectivePriority ?? instance.basePriority),
  9: ({ status }) => oneOrTwo(status?.holdsAddresses === true),
  10: ({ instance }) => text(instance.interface),
  11: ({ instance }) => oneOrTwo(instance.trackPrimary),
  12: ({ instance }) => advertInterval(instance),
  13: { read: ({ instance }) => oneOrTwo(instance.preempt), write: writePreempt },
  14: ({ instance }) => gauge(instance.preemptDelayUs / usPerS),
  15: ({ instance }) => authenticationType(instance),
  16: (row) => oneOrTwo(syncDaemon(row) !== undefined),
  17: (row) => ifThere(syncDaemon(row), text),
  18: ({ view, instance }) =>
    ifThere(
      view.config.vrrp?.syncGroups.find(({ members }) => members.includes(instance.name)),
      ({ name }) => text(name),
    ),
  19: ({ instance }) => gauge(instance.garp.masterDelayUs / usPerS),
  20: ({ instance }) => oneOrTwo(instance.smtpAlert),
  21: ({ instance }) => oneOrTwo(notifies(instance)),
  22: ({ instance }) => ifThere(instance.notifyMaster, command),
  23: ({ instance }) => ifThere(instance.notifyBackup, command),
  24: ({ instance }) => ifThere(instance.notifyFault, command),
  25: ({ instance }) => ifThere(instance.notifyStop, command),
  26: ({ instance }) => ifThere(instance.notify, command),
  27: ({ instance }) => truth(instance.acceptMode),
  28: ({ instance }) => truth(instance.promoteSecondaries),
  29: ({ instance }) => truth(instance.linkbeatUsePolling),
  30: ({ instance }) => integer(instance.version),
  31: ({ instance }) => ifThere(instance.notifyMasterReceivedLowerPriority, command),
  32: ({ instance }) => ifThere(instance.notifyDeleted, command),
  33: ({ instance }) => truth(instance.reportDeleted),
  34: ({ instance }) => multicast(instance, () => familyType(instance.family)),
  35: ({ instance }) => multicast(instance, address),
};

interface AddressRow {
  readonly view: SnmpView;
  readonly address: VirtualAddress | StaticAddress;
  readonly isSet: boolean;
  readonly isAdvertised: boolean;
}

/** Static ones are those of instance 0. */
function addressRows(view: SnmpView): IndexedRow<AddressRow>[] {
  const statics = (view.config.vrrp?.statics.addresses ?? []).map((each) => ({
    view,
    address: each,
    isSet: true,
    isAdvertised: false,
  }));
  const virtual = instanceRows(view).flatMap(({ instance, status }, i) => {
    const isSet = status?.holdsAddresses === true;
    const rows = [
      ...instance.virtualAddresses.map((each) => ({
        view,
        address: each,
        isSet,
        isAdvertised: isSet,
      })),
      ...instance.excludedAddresses.map((each) => ({
        view,
        address: each,
        isSet,
        isAdvertised: false,
      })),
    ];
    return numbered(rows, [i + 1]);
  });
  return [...numbered(statics, [0]), ...virtual];
}

const addressColumns: Record<number, Read<AddressRow>> = {
  2: ({ address: each }) => addressType(each.address),
  3: ({ address: each }) => address(each.address),
  4: ({ address: each }) =>
    each.address.includes(":") ? undefined : address(each.broadcast ?? "0.0.0.0"),
  5: ({ address: each }) => gauge(each.prefixLength),
  6: ({ address: each }) => scope(each.scope),
  7: ({ view, address: each }) =>
    ifThere(view.links.get(each.device), ({ index }) => integer(index)),
  8: ({ address: each }) => text(each.device),
  9: ({ address: each }) => ifThere(each.label, text),
  10: ({ isSet }) => oneOrTwo(isSet),
  11: ({ isAdvertised }) => oneOrTwo(isAdvertised),
  12: ({ address: each }) => ifThere(each.peer, address),
};
