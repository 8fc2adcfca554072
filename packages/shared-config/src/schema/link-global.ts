// From the draft of global_defs and the top level to the settings of the daemon, every default
// filled in. Follows init_global_data of keepalived's core/global_data.c.

import type { FifoConfig, GlobalConfig, GlobalSettings } from "./config-global.js";
import { globalDefaults, processDefaults } from "./config-global-defaults.js";
import type { LvsSyncDaemonConfig } from "./config-global-lvs.js";
import type { ProcessConfig, ProcessesConfig } from "./config-process.js";
import type { FifoDraft, GlobalDraft } from "./draft.js";
import type { Drafted } from "./drafted.js";
import { standardIpsets } from "./global-ipsets.js";
import { shorten } from "./keyword.js";
import type { LinkContext } from "./link-context.js";
import { linkAccount, linkScript, linkScriptUser, standardUser } from "./link-script.js";

export function linkGlobal(context: LinkContext): GlobalConfig {
  const {
    processes: _,
    scripts,
    notificationEmails,
    fifos: __,
    firewall,
    ...rest
  } = context.global;
  const { lvs: ___, ...settings } = rest;
  const given = valuesOf<GlobalSettings>(settings);
  const iptables = firewall.iptables?.value;
  if (settings.scriptUser !== undefined) linkScriptUser(context, settings.scriptUser);
  return present({
    ...globalDefaults,
    ...given,
    ...derivedSettings(context, given),
    processes: linkProcesses(context.global),
    startupScript: linkScript(context, scripts.startup, "startup_script", "error"),
    shutdownScript: linkScript(context, scripts.shutdown, "shutdown_script", "error"),
    notificationEmails,
    ...linkFifos(context),
    iptables,
    ipsets: firewall.ipsets?.value ?? (iptables && standardIpsets),
    lvsSyncDaemon: linkSyncDaemon(context),
  });
}

export function linkProcesses({ processes }: GlobalDraft): ProcessesConfig {
  return {
    vrrp: linkProcess(processes.vrrp),
    checker: linkProcess(processes.checker),
    bfd: linkProcess(processes.bfd),
  };
}

function linkProcess(draft: Drafted<ProcessConfig>): ProcessConfig {
  const config = { ...processDefaults, ...valuesOf<ProcessConfig>(draft) };
  // No processor at all stands for every one of them.
  return config.cpuAffinity?.length === 0 ? present({ ...config, cpuAffinity: undefined }) : config;
}

/** The settings whose defaults depend on others or on the host. */
function derivedSettings(
  context: LinkContext,
  given: Partial<GlobalSettings>,
): Partial<GlobalSettings> {
  const { hostName } = context;
  const { netNamespace, instanceName, includeChecks, smtpServer, vmacPrefix } = given;
  const garpDelayUs = given.garpMasterDelayUs ?? globalDefaults.garpMasterDelayUs;
  const garpRepeat = given.garpMasterRepeat ?? globalDefaults.garpMasterRepeat;
  const usePidDirectory =
    given.usePidDirectory === true || netNamespace !== undefined || instanceName !== undefined;
  return {
    routerId: given.routerId ?? hostName,
    scriptUser: given.scriptUser ?? standardUser(context),
    ...linkControlGroup(context),
    usePidDirectory,
    netNamespaceIpvs: given.netNamespaceIpvs ?? netNamespace,
    includeChecks: includeChecks?.length === 0 ? undefined : includeChecks,
    reloadFile:
      given.reloadFile === ""
        ? standardReloadFile(usePidDirectory, instanceName)
        : given.reloadFile,
    smtpHeloName: given.smtpHeloName ?? hostName,
    notificationEmailFrom:
      given.notificationEmailFrom ?? (smtpServer === undefined ? undefined : `root@${hostName}`),
    snmpRsStatsUpdateIntervalUs:
      given.snmpRsStatsUpdateIntervalUs ??
      given.snmpVsStatsUpdateIntervalUs ??
      globalDefaults.snmpRsStatsUpdateIntervalUs,
    garpLowerPriorityDelayUs: given.garpLowerPriorityDelayUs ?? garpDelayUs,
    garpLowerPriorityRepeat: given.garpLowerPriorityRepeat ?? garpRepeat,
    vmacAddressPrefix: given.vmacAddressPrefix ?? vmacPrefix ?? globalDefaults.vmacAddressPrefix,
    ...linkTables(context),
  };
}

/** Nobody is let in instead of a group that is not there. */
function linkControlGroup({ global, host, report }: LinkContext): Partial<GlobalSettings> {
  const { controlGroup: group } = global;
  if (group === undefined || host.group === undefined) return {};
  const id = host.group(group.value);
  if (id !== undefined) return { controlGroupId: id };
  report(group.span, {
    severity: "error",
    code: "UNKNOWN_ACCOUNT",
    message: `Cannot use control_group "${shorten(group.value)}": there is no such group`,
    hint: "make it by groupadd(8), then reload; until then root alone may use the control socket",
  });
  return { controlGroup: undefined };
}

/** Beside the pid files (core/global_data.c init_global_data). */
function standardReloadFile(usePidDirectory: boolean, instanceName: string | undefined): string {
  if (instanceName !== undefined) return `/run/keepalived/keepalived_${instanceName}.reload`;
  return usePidDirectory ? "/run/keepalived/keepalived.reload" : "/run/keepalived.reload";
}

/** Numbers of a table that is not named mean nothing; keepalived sets them back without a word. */
function linkTables({ global, report }: LinkContext): Partial<GlobalSettings> {
  const numbers = {
    nftablesPriority: ["nftablesTable", "nftables"],
    nftablesIpvsPriority: ["nftablesIpvsTable", "nftables_ipvs"],
    nftablesIpvsStartFwmark: ["nftablesIpvsTable", "nftables_ipvs"],
  } as const;
  const reset: { -readonly [K in keyof typeof numbers]?: number } = {};
  for (const [field, [table, keyword]] of entriesOf(numbers)) {
    const given = global[field];
    if (given === undefined || global[table] !== undefined) continue;
    reset[field] = globalDefaults[field];
    report(given.span, {
      severity: "hint",
      code: "CONFLICT",
      message: `Cannot use "${given.value}" without ${keyword}; ${globalDefaults[field]} is used`,
      hint: `add ${keyword} above this line`,
    });
  }
  return reset;
}

function linkFifos(
  context: LinkContext,
): Pick<GlobalConfig, "notifyFifo" | "vrrpNotifyFifo" | "lvsNotifyFifo"> {
  const { global: both, vrrp, lvs } = context.global.fifos;
  const notifyFifo = linkFifo(context, both, "notify_fifo");
  const isFree = (draft: FifoDraft, keyword: string): boolean =>
    !isSameFifo(context, notifyFifo, draft, keyword);
  const vrrpNotifyFifo = isFree(vrrp, "vrrp_notify_fifo")
    ? linkFifo(context, vrrp, "vrrp_notify_fifo")
    : undefined;
  const lvsNotifyFifo = isFree(lvs, "lvs_notify_fifo")
    ? linkFifo(context, lvs, "lvs_notify_fifo")
    : undefined;
  return {
    notifyFifo,
    vrrpNotifyFifo,
    lvsNotifyFifo: withoutRival(context, lvsNotifyFifo, vrrpNotifyFifo),
  };
}

function linkFifo(context: LinkContext, draft: FifoDraft, keyword: string): FifoConfig | undefined {
  const { fifo } = draft;
  const script = linkScript(context, draft.script, `${keyword}_script`);
  if (fifo === undefined) {
    if (draft.script !== undefined) {
      context.report(draft.script.span, {
        severity: "hint",
        code: "MISSING_KEYWORD",
        message: `Cannot run ${keyword}_script without ${keyword}: there is nothing to read`,
        hint: `add a line "${keyword} ..." to global_defs`,
      });
    }
    return undefined;
  }
  const account = linkAccount(context, fifo.value, `give ${keyword} to`, fifo.span);
  if (account === undefined) return undefined;
  const { user, group, uid, gid } = account;
  return present({ path: fifo.value.path, user, group, uid, gid, script });
}

/** Each line would come twice. */
function isSameFifo(
  { report }: LinkContext,
  both: FifoConfig | undefined,
  { fifo }: FifoDraft,
  keyword: string,
): boolean {
  if (both === undefined || both.path !== fifo?.value.path) return false;
  report(fifo.span, {
    severity: "hint",
    code: "CONFLICT",
    message: `Cannot use "${shorten(both.path)}" as ${keyword} too: it is the notify_fifo`,
    hint: `${keyword} and its script are left out`,
  });
  return true;
}

/** One FIFO of both processes has one reader, that of the VRRP process. */
function withoutRival(
  { global, report }: LinkContext,
  lvs: FifoConfig | undefined,
  vrrp: FifoConfig | undefined,
): FifoConfig | undefined {
  const { script } = global.fifos.lvs;
  const isRival = lvs?.script !== undefined && vrrp?.script !== undefined && lvs.path === vrrp.path;
  if (lvs === undefined || script === undefined || !isRival) return lvs;
  report(script.span, {
    severity: "hint",
    code: "CONFLICT",
    message: "Cannot run lvs_notify_fifo_script: vrrp_notify_fifo_script reads the same FIFO",
  });
  return present({ ...lvs, script: undefined });
}

/** vrrp_complete_init of vrrp/vrrp.c: without its instance there is no daemon. */
function linkSyncDaemon({ global, root, report }: LinkContext): LvsSyncDaemonConfig | undefined {
  const daemon = global.lvs.syncDaemon?.value;
  if (daemon === undefined) return undefined;
  const { instance, syncId, ...words } = daemon;
  if (instance === undefined) return { ...words, syncId: syncId ?? 0 };
  const draft = root.instances.get(instance.value);
  if (draft === undefined) {
    report(instance.span, {
      severity: "hint",
      code: "INVALID_VALUE",
      message: `Cannot follow vrrp_instance "${shorten(instance.value)}": there is none`,
      hint: "lvs_sync_daemon is left out",
    });
    return undefined;
  }
  const id = syncId ?? draft.virtualRouterId?.value ?? 0;
  return { ...words, instance: instance.value, syncId: id };
}

/** The values of the fields that were given. */
function valuesOf<T>(draft: Drafted<T>): Partial<T> {
  const entries = Object.entries<{ readonly value: unknown } | undefined>(draft);
  const given = entries.flatMap(([field, located]) =>
    located === undefined ? [] : [[field, located.value]],
  );
  return Object.fromEntries(given) as Partial<T>;
}

/** `value` without the fields that are undefined. */
function present<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

function entriesOf<T extends object>(value: T): [keyof T, T[keyof T]][] {
  return Object.entries(value) as [keyof T, T[keyof T]][];
}
