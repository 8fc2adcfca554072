// The JSON file (SIGRTMIN + 2) in keepalived's form: version 1 is a list of instances, version 2
// an object with that list and the processes that are tracked. Passwords are not shown.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { InstanceStatus, VrrpStateName } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  Config,
  ScriptConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { addressLine } from "./instance-table.js";
import { commandText, routeText, ruleText } from "./kernel-text.js";
import { usersOf } from "./object-tables.js";
import type { StateView } from "./state-data.js";

/** vrrp/vrrp.h */
const stateNumbers: Readonly<Record<VrrpStateName, number>> = {
  INIT: 0,
  BACKUP: 1,
  MASTER: 2,
  FAULT: 3,
};

/** Undefined where there is no instance: keepalived then writes no file. */
export function stateJson(view: StateView): string | undefined {
  const { config, instances } = view;
  const shown = (config.vrrp?.instances ?? []).flatMap((instance) => {
    const status = instances.get(instance.name);
    return status === undefined ? [] : [instanceJson(instance, status, view)];
  });
  if (shown.length === 0) return undefined;
  if (config.global.jsonVersion === 1) return JSON.stringify(shown);
  return JSON.stringify({ vrrp: shown, track_process: processesJson(view) });
}

function seconds(us: number): number {
  return us / usPerSecond;
}

function bit(value: boolean): number {
  return value ? 1 : 0;
}

function instanceJson(
  instance: VrrpInstanceConfig,
  status: InstanceStatus,
  { wallUs, config }: StateView,
): object {
  return {
    data: { ...dataOf(instance, status, wallUs), ...listsOf(instance, status, config) },
    stats: statisticsOf(status),
  };
}

function dataOf(
  instance: VrrpInstanceConfig,
  status: InstanceStatus,
  wallUs: StateView["wallUs"],
): object {
  const { garp } = instance;
  const link = instance.vmac?.name ?? instance.ipvlan?.name ?? "";
  return {
    iname: instance.name,
    dont_track_primary: bit(!instance.trackPrimary),
    skip_check_adv_addr: bit(instance.skipCheckAdvertAddresses),
    strict_mode: bit(instance.strictMode),
    vmac_ifname: link,
    ifp_ifname: link === "" ? instance.interface : link,
    master_priority: status.masterPriority ?? 0,
    last_transition: Number((wallUs(status.enteredAt) / 1e6).toFixed(6)),
    garp_delay: seconds(garp.masterDelayUs),
    garp_refresh: seconds(garp.masterRefreshUs),
    garp_rep: garp.masterRepeat,
    garp_refresh_rep: garp.masterRefreshRepeat,
    garp_lower_prio_delay: seconds(garp.lowerPriorityDelayUs),
    garp_lower_prio_rep: garp.lowerPriorityRepeat,
    lower_prio_no_advert: bit(instance.lowerPriorityNoAdvert),
    higher_prio_send_advert: bit(instance.higherPrioritySendAdvert),
    vrid: instance.virtualRouterId,
    base_priority: instance.basePriority,
    effective_priority: status.effectivePriority,
    vipset: status.holdsAddresses,
    promote_secondaries: instance.promoteSecondaries,
    adver_int: seconds(instance.advertIntervalUs),
    master_adver_int: seconds(status.masterAdvertIntervalUs),
    accept: bit(instance.acceptMode),
    nopreempt: !instance.preempt,
    preempt_delay: seconds(instance.preemptDelayUs),
    state: stateNumbers[status.state],
    wantstate: stateNumbers[status.wantedState],
    version: instance.version,
    smtp_alert: instance.smtpAlert,
    notify_deleted: instance.reportDeleted,
  };
}

function script(config: ScriptConfig | undefined): string | undefined {
  return config && commandText(config);
}

function nonEmpty<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}

function authenticationNumber(instance: VrrpInstanceConfig): number {
  if (instance.headerAuthentication !== undefined) return 2;
  return instance.authentication === undefined ? 0 : 1;
}

/** Lists that are empty, and scripts that are not given, are left out. */
function listsOf(
  instance: VrrpInstanceConfig,
  { holdsAddresses }: InstanceStatus,
  config: Config,
): object {
  const set = holdsAddresses ? " set" : "";
  const addresses = (list: VrrpInstanceConfig["virtualAddresses"]): readonly string[] | undefined =>
    nonEmpty(list.map((address) => `${addressLine(instance, address)}${set}`));
  return {
    script_backup: script(instance.notifyBackup),
    script_master: script(instance.notifyMaster),
    script_fault: script(instance.notifyFault),
    script_stop: script(instance.notifyStop),
    script_deleted: script(instance.notifyDeleted),
    script: script(instance.notify),
    script_master_rx_lower_pri: script(instance.notifyMasterReceivedLowerPriority),
    vips: addresses(instance.virtualAddresses),
    evips: addresses(instance.excludedAddresses),
    vroutes: nonEmpty(instance.virtualRoutes.map(routeText)),
    vrules: nonEmpty(instance.virtualRules.map(ruleText)),
    track_ifp: nonEmpty(instance.track.interfaces.map((each) => each.interface)),
    track_script: nonEmpty(scriptsOf(instance, config)),
    auth_type: authenticationNumber(instance),
  };
}

/** By their commands. */
function scriptsOf({ track }: VrrpInstanceConfig, { tracking }: Config): string[] {
  return track.scripts.flatMap(({ name }) => {
    const tracked = tracking.scripts.find((each) => each.name === name);
    return tracked === undefined ? [] : [commandText(tracked.script)];
  });
}

function statisticsOf({ counters }: InstanceStatus): object {
  const of = (name: string): number => counters[name] ?? 0;
  return {
    advert_rcvd: of("advertisementsReceived"),
    advert_sent: of("advertisementsSent"),
    become_master: of("becomeMaster"),
    release_master: of("releaseMaster"),
    packet_len_err: of("packetLengthErrors"),
    advert_interval_err: of("advertIntervalErrors"),
    ip_ttl_err: of("ttlErrors"),
    invalid_type_rcvd: of("typeErrors"),
    addr_list_err: of("addressListErrors"),
    invalid_authtype: of("authenticationTypeInvalid"),
    authtype_mismatch: of("authenticationTypeMismatch"),
    auth_failure: of("authenticationFailures"),
    pri_zero_rcvd: of("priorityZeroReceived"),
    pri_zero_sent: of("priorityZeroSent"),
  };
}

function processesJson({ config, trackers }: StateView): object[] {
  return config.tracking.processes.map((object) => ({
    name: object.name,
    process: object.process,
    quorum: object.quorum,
    have_quorum: trackers.get(`process ${object.name}`)?.value === 1,
    weight: object.weight,
    instances: usersOf(config, "processes", object.name).map((user) => user.replace(/,.*/, "")),
  }));
}
