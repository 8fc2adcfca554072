// The lines of global_defs in keepalived's dump, each beside the field of the typed configuration
// that should say the same.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type {
  Config,
  FifoConfig,
  GlobalConfig,
  ProcessConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { anyOf, flag, list, type Table } from "./dump-compare.js";
import { scriptText, yesNo } from "./dump-text.js";

/** How things stand, and what the build brings along. */
export const globalRuntime: RegExp = anyOf(
  "libnftnl version.*",
  "current realtime .*",
  "No test config before reload",
  "Default script uid:gid.*",
  "VRRP CPU Affinity",
  "Gratuitous ARP for each secondary VMAC",
  "DBus service name",
);

function seconds(us: number): string {
  return String(us / usPerSecond);
}

function bit(value: boolean): string {
  return value ? "1" : "0";
}

function unset(value: boolean | undefined): string {
  if (value === undefined) return "unset";
  return value ? "on" : "off";
}

function switched(name: string, pick: (global: GlobalConfig) => boolean): Table<Config> {
  return {
    [`${name} enabled`]: ({ global }) => flag(pick(global)),
    [`${name} disabled`]: ({ global }) => flag(!pick(global)),
  };
}

/** Nothing of a process is shown in one place; this is what is. */
function processRows(name: string, pick: (config: Config) => ProcessConfig): Table<Config> {
  return {
    [`${name} process priority`]: (config) => String(pick(config).nicePriority ?? 0),
    [`${name} don't swap`]: (config) => String(pick(config).noSwap),
    [`${name} realtime priority`]: (config) => String(pick(config).realTimePriority ?? 0),
    [`${name} realtime limit`]: (config) => String(pick(config).realTimeLimitUs),
  };
}

function fifoText(fifo: FifoConfig | undefined): string | undefined {
  return fifo && `${fifo.path}, uid:gid ${fifo.uid}:${fifo.gid}`;
}

/** The path of the FIFO is added to its script when it is started. */
function fifoScriptText(fifo: FifoConfig | undefined): string | undefined {
  const script = fifo?.script;
  return script && scriptText({ ...script, argv: [...script.argv, fifo.path] });
}

function mail(config: Config, text: string): string | undefined {
  return config.global.smtpServer === undefined ? undefined : text;
}

const mailTable: Table<Config> = {
  "Smtp server": ({ global }) => global.smtpServer,
  "Smtp server port": (config) => mail(config, String(config.global.smtpPort)),
  "Smtp HELO name": (config) => mail(config, config.global.smtpHeloName),
  "Smtp server connection timeout": (config) =>
    mail(config, seconds(config.global.smtpConnectTimeoutUs)),
  "Email notification from": ({ global }) => global.notificationEmailFrom,
  "Email notification to": ({ global: { notificationEmails: to, notificationEmailFrom: from } }) =>
    from === undefined ? list(to) : to,
  "Default smtp_alert": ({ global }) => unset(global.smtpAlert),
  "Default smtp_alert_vrrp": ({ global }) => unset(global.smtpAlertVrrp),
  "Default smtp_alert_checker": ({ global }) => unset(global.smtpAlertChecker),
  no_checker_emails: ({ global }) => bit(global.noCheckerEmails),
};

const garpTable: Table<Config> = {
  "Gratuitous ARP delay": ({ global }) => seconds(global.garpMasterDelayUs),
  "Gratuitous ARP repeat": ({ global }) => String(global.garpMasterRepeat),
  "Gratuitous ARP refresh timer": ({ global }) => seconds(global.garpMasterRefreshUs),
  "Gratuitous ARP refresh repeat": ({ global }) => String(global.garpMasterRefreshRepeat),
  "Gratuitous ARP lower priority delay": ({ global }) => seconds(global.garpLowerPriorityDelayUs),
  "Gratuitous ARP lower priority repeat": ({ global }) => String(global.garpLowerPriorityRepeat),
  "Gratuitous ARP interval": ({ global }) => (global.garpIntervalUs / usPerSecond).toFixed(6),
  "Gratuitous NA interval": ({ global }) => (global.gnaIntervalUs / usPerSecond).toFixed(6),
};

const bufferTable: Table<Config> = {
  vrrp_netlink_cmd_rcv_bufs: ({ global }) => String(global.vrrpNetlinkCommandBufferBytes ?? 0),
  vrrp_netlink_cmd_rcv_bufs_force: ({ global }) => bit(global.vrrpNetlinkCommandBufferForce),
  vrrp_netlink_monitor_rcv_bufs: ({ global }) => String(global.vrrpNetlinkMonitorBufferBytes ?? 0),
  vrrp_netlink_monitor_rcv_bufs_force: ({ global }) => bit(global.vrrpNetlinkMonitorBufferForce),
  process_monitor_rcv_bufs: ({ global }) => String(global.processMonitorBufferBytes ?? 0),
  process_monitor_rcv_bufs_force: ({ global }) => bit(global.processMonitorBufferForce),
  lvs_netlink_cmd_rcv_bufs: ({ global }) => String(global.lvsNetlinkCommandBufferBytes ?? 0),
  lvs_netlink_cmd_rcv_bufs_force: ({ global }) => bit(global.lvsNetlinkCommandBufferForce),
  lvs_netlink_monitor_rcv_bufs: ({ global }) => String(global.lvsNetlinkMonitorBufferBytes ?? 0),
  lvs_netlink_monitor_rcv_bufs_force: ({ global }) => bit(global.lvsNetlinkMonitorBufferForce),
};

/** Shown when something needs a table. */
const firewallTable: Table<Config> = {
  "nftables table name": (config) => nftablesTable(config),
  "nftables base chain priority": (config) =>
    nftablesTable(config) && String(config.global.nftablesPriority),
  "nftables force use ifindex for link local IPv6": (config) =>
    nftablesTable(config) && flag(config.global.nftablesInterfaceIndex),
  "nftables don't force use ifindex for link local IPv6": (config) =>
    nftablesTable(config) && flag(!config.global.nftablesInterfaceIndex),
  "nftables with counters": ({ global }) => flag(global.nftablesCounters),
  "nftables without counters": ({ global }) => flag(!global.nftablesCounters),
};

/** A table of its own is made for virtual MACs and no_accept too. */
function nftablesTable({ global, vrrp }: Config): string | undefined {
  const needs = vrrp?.instances.some(({ vmac, acceptMode }) => vmac || !acceptMode) ?? false;
  return global.nftablesTable ?? (needs ? "keepalived" : undefined);
}

/** Absent for the name that a process has anyway. */
function processName(name: string, usual: string, config: Config): string | undefined {
  const { vrrp, checker } = config.global.processes;
  const isNamed = vrrp.name !== "keepalived" || checker.name !== "keepalived";
  return isNamed || name !== usual ? name : undefined;
}

const lvsFlushWords = { no: "disabled", all: "full", VS: "VS" } as const;

const defaultSocket = "unix:/var/agentx/master";

export const globalTable: Table<Config> = {
  "Router ID": ({ global }) => global.routerId,
  "Network namespace": ({ global }) => global.netNamespace ?? "(default)",
  "Network namespace ipvs": ({ global }) => global.netNamespaceIpvs ?? "(main namespace)",
  "Checkers log all failures": ({ global }) => String(global.checkerLogAllFailures),
  "Dynamic interfaces": ({ global }) => String(global.dynamicInterfaces),
  "Allow interface changes": ({ global }) =>
    global.dynamicInterfaces ? String(global.allowInterfaceChanges) : undefined,
  "Default interface": ({ global }) => global.defaultInterface,
  "Disable local IGMP": ({ global }) => yesNo(global.disableLocalIgmp),
  "LVS flush": ({ global }) => String(global.lvsFlush),
  "FIFO write vrrp states on reload": ({ global }) => String(global.fifoWriteVrrpStatesOnReload),
  "VRRP notify priority changes": ({ global }) => String(global.notifyPriorityChanges),
  "VRRP notify fifo": ({ global }) => fifoText(global.vrrpNotifyFifo),
  "VRRP notify fifo script": ({ global }) => fifoScriptText(global.vrrpNotifyFifo),
  "VRRP IPv4 mcast group": ({ global }) => global.multicastGroup4,
  "VRRP IPv6 mcast group": ({ global }) => global.multicastGroup6,
  "Num adverts before down": ({ global }) => String(global.downTimerAdverts),
  "Send advert after receive lower priority advert": ({ global }) =>
    String(!global.lowerPriorityNoAdvert),
  "Send advert after receive higher priority advert": ({ global }) =>
    String(global.higherPrioritySendAdvert),
  "VRRP default protocol version": ({ global }) => String(global.version),
  "VRRP check unicast_src": ({ global }) => String(global.checkUnicastSource),
  "VRRP skip check advert addresses": ({ global }) => String(global.skipCheckAdvertAddresses),
  "VRRP strict mode": ({ global }) => String(global.strictMode),
  vrrp_startup_delay: ({ global }) =>
    global.startupDelayUs === 0 ? undefined : seconds(global.startupDelayUs),
  "Max auto priority": ({ global }) => String(global.maxAutoPriority),
  "Min auto priority delay": ({ global }) => `${global.minAutoPriorityDelayUs} usecs`,
  ...processRows("VRRP", ({ global }) => global.processes.vrrp),
  ...processRows("Checker", ({ global }) => global.processes.checker),
  ...processRows("BFD", ({ global }) => global.processes.bfd),
  ...switched("SNMP vrrp", ({ enableSnmpVrrp }) => enableSnmpVrrp),
  ...switched("SNMP checker", ({ enableSnmpChecker }) => enableSnmpChecker),
  ...switched("SNMP RFCv2", ({ enableSnmpRfcv2 }) => enableSnmpRfcv2),
  ...switched("SNMP RFCv3", ({ enableSnmpRfcv3 }) => enableSnmpRfcv3),
  ...switched("SNMP traps", ({ enableTraps }) => enableTraps),
  ...switched("DBus", ({ enableDbus }) => enableDbus),
  ...switched("Script security", ({ enableScriptSecurity }) => enableScriptSecurity),
  "SNMP socket": ({ global }) =>
    global.snmpSocket === defaultSocket ? `default (${defaultSocket})` : global.snmpSocket,
  rs_init_notifies: ({ global }) => bit(global.rsInitNotifies),
  rx_bufs_policy: ({ global }) => global.receiveBufferPolicy,
  rx_bufs_multiples: ({ global }) => String(global.receiveBufferMultiplier),
  umask: ({ global }) => `0${global.umask.toString(8)}`,
  "LVS flush on stop": ({ global }) => lvsFlushWords[global.lvsFlushOnStop],
  "VRRP process name": (config) =>
    processName(config.global.processes.vrrp.name, "keepalived", config),
  "LVS process name": (config) =>
    processName(config.global.processes.checker.name, "keepalived", config),
  "BFD process name": (config) =>
    processName(config.global.processes.bfd.name, "keepalived", config),
  ...firewallTable,
  ...mailTable,
  ...garpTable,
  ...bufferTable,
};
