// The lines of global_defs in a data file, in keepalived's order, each beside the setting of the
// typed configuration that it shows.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type {
  Config,
  FifoConfig,
  GlobalConfig,
  ProcessConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { scriptText, yesNo } from "./kernel-text.js";
import { flag, type Shown, type Table } from "./table.js";

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
    [`${name} CPU Affinity`]: (config) => pick(config).cpuAffinity?.join(" "),
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

function mailTo({ notificationEmails: to, notificationEmailFrom: from }: GlobalConfig): Shown {
  return to.length === 0 && from === undefined
    ? undefined
    : { line: "Email notification to:", items: to };
}

const mailTable: Table<Config> = {
  "Smtp server": ({ global }) => global.smtpServer,
  "Smtp server port": (config) => mail(config, String(config.global.smtpPort)),
  "Smtp HELO name": (config) => mail(config, config.global.smtpHeloName),
  "Smtp server connection timeout": (config) =>
    mail(config, seconds(config.global.smtpConnectTimeoutUs)),
  "Email notification from": ({ global }) => global.notificationEmailFrom,
  "Email notification to": ({ global }) => mailTo(global),
  "Default smtp_alert": ({ global }) => unset(global.smtpAlert),
  "Default smtp_alert_vrrp": ({ global }) => unset(global.smtpAlertVrrp),
  "Default smtp_alert_checker": ({ global }) => unset(global.smtpAlertChecker),
};

function reloadTime({ reloadTimeFile: path, reloadRepeat }: GlobalConfig): string | undefined {
  return path && `${path}${reloadRepeat ? " (repeat)" : ""}`;
}

const reloadTable: Table<Config> = {
  "Test config before reload": ({ global }) => global.reloadCheckConfig,
  "No test config before reload": ({ global }) => flag(global.reloadCheckConfig === undefined),
  "Reload time file": ({ global }) => reloadTime(global),
  Reload_file: ({ global }) => global.reloadFile,
};

const lvsFlushWords = { no: "disabled", all: "full", VS: "VS" } as const;

const lvsTable: Table<Config> = {
  "LVS TCP timeout": ({ global }) => global.lvsTcpTimeoutS?.toString(),
  "LVS TCP FIN timeout": ({ global }) => global.lvsTcpFinTimeoutS?.toString(),
  "LVS UDP timeout": ({ global }) => global.lvsUdpTimeoutS?.toString(),
  "Default interface": ({ global }) => global.defaultInterface,
  "Disable local IGMP": ({ global }) => yesNo(global.disableLocalIgmp),
  "LVS flush": ({ global }) => String(global.lvsFlush),
  "LVS flush on stop": ({ global }) => lvsFlushWords[global.lvsFlushOnStop],
};

const fifoTable: Table<Config> = {
  "Global notify fifo": ({ global }) => fifoText(global.notifyFifo),
  "Global notify fifo script": ({ global }) => fifoScriptText(global.notifyFifo),
  "VRRP notify fifo": ({ global }) => fifoText(global.vrrpNotifyFifo),
  "VRRP notify fifo script": ({ global }) => fifoScriptText(global.vrrpNotifyFifo),
  "LVS notify fifo": ({ global }) => fifoText(global.lvsNotifyFifo),
  "LVS notify fifo script": ({ global }) => fifoScriptText(global.lvsNotifyFifo),
  "FIFO write vrrp states on reload": ({ global }) => String(global.fifoWriteVrrpStatesOnReload),
  "VRRP notify priority changes": ({ global }) => String(global.notifyPriorityChanges),
};

const garpTable: Table<Config> = {
  "Gratuitous ARP delay": ({ global }) => seconds(global.garpMasterDelayUs),
  "Gratuitous ARP repeat": ({ global }) => String(global.garpMasterRepeat),
  "Gratuitous ARP refresh timer": ({ global }) => seconds(global.garpMasterRefreshUs),
  "Gratuitous ARP refresh repeat": ({ global }) => String(global.garpMasterRefreshRepeat),
  "Gratuitous ARP lower priority delay": ({ global }) => seconds(global.garpLowerPriorityDelayUs),
  "Gratuitous ARP lower priority repeat": ({ global }) => String(global.garpLowerPriorityRepeat),
  "Num adverts before down": ({ global }) => String(global.downTimerAdverts),
  "Gratuitous ARP for each secondary VMAC": ({ global }) =>
    `${seconds(global.garpExtraIntervalUs ?? 0)}s`,
  "Send advert after receive lower priority advert": ({ global }) =>
    String(!global.lowerPriorityNoAdvert),
  "Send advert after receive higher priority advert": ({ global }) =>
    String(global.higherPrioritySendAdvert),
  "Gratuitous ARP interval": ({ global }) => (global.garpIntervalUs / usPerSecond).toFixed(6),
  "Gratuitous NA interval": ({ global }) => (global.gnaIntervalUs / usPerSecond).toFixed(6),
  "VRRP default protocol version": ({ global }) => String(global.version),
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

/** Absent for the name that a process has anyway. */
function processName(name: string, { global }: Config): string | undefined {
  const { vrrp, checker } = global.processes;
  const isNamed = vrrp.name !== "keepalived" || checker.name !== "keepalived";
  return isNamed || name !== "keepalived" ? name : undefined;
}

const nameTable: Table<Config> = {
  "Network namespace": ({ global }) => global.netNamespace ?? "(default)",
  "Network namespace ipvs": ({ global }) => global.netNamespaceIpvs ?? "(main namespace)",
  "VRRP process name": (config) => processName(config.global.processes.vrrp.name, config),
  "LVS process name": (config) => processName(config.global.processes.checker.name, config),
  "BFD process name": (config) => processName(config.global.processes.bfd.name, config),
  "Router ID": ({ global }) => global.routerId,
};

const processTable: Table<Config> = {
  "Max auto priority": ({ global }) => String(global.maxAutoPriority),
  "Min auto priority delay": ({ global }) => `${global.minAutoPriorityDelayUs} usecs`,
  ...processRows("VRRP", ({ global }) => global.processes.vrrp),
  ...processRows("Checker", ({ global }) => global.processes.checker),
  ...processRows("BFD", ({ global }) => global.processes.bfd),
};

const defaultSocket = "unix:/var/agentx/master";

const monitoringTable: Table<Config> = {
  ...switched("SNMP vrrp", ({ enableSnmpVrrp }) => enableSnmpVrrp),
  ...switched("SNMP checker", ({ enableSnmpChecker }) => enableSnmpChecker),
  ...switched("SNMP RFCv2", ({ enableSnmpRfcv2 }) => enableSnmpRfcv2),
  ...switched("SNMP RFCv3", ({ enableSnmpRfcv3 }) => enableSnmpRfcv3),
  ...switched("SNMP traps", ({ enableTraps }) => enableTraps),
  "SNMP socket": ({ global }) =>
    global.snmpSocket === defaultSocket ? `default (${defaultSocket})` : global.snmpSocket,
  ...switched("DBus", ({ enableDbus }) => enableDbus),
  ...switched("Script security", ({ enableScriptSecurity }) => enableScriptSecurity),
};

export const globalTable: Table<Config> = {
  ...nameTable,
  ...mailTable,
  "Checkers log all failures": ({ global }) => String(global.checkerLogAllFailures),
  ...reloadTable,
  "Dynamic interfaces": ({ global }) => String(global.dynamicInterfaces),
  "Allow interface changes": ({ global }) =>
    global.dynamicInterfaces ? String(global.allowInterfaceChanges) : undefined,
  ...lvsTable,
  ...fifoTable,
  "VRRP IPv4 mcast group": ({ global }) => global.multicastGroup4,
  "VRRP IPv6 mcast group": ({ global }) => global.multicastGroup6,
  ...garpTable,
  ...firewallTable,
  "VRRP check unicast_src": ({ global }) => String(global.checkUnicastSource),
  "VRRP skip check advert addresses": ({ global }) => String(global.skipCheckAdvertAddresses),
  "VRRP strict mode": ({ global }) => String(global.strictMode),
  ...processTable,
  ...monitoringTable,
  ...bufferTable,
  rs_init_notifies: ({ global }) => bit(global.rsInitNotifies),
  no_checker_emails: ({ global }) => bit(global.noCheckerEmails),
  rx_bufs_policy: ({ global }) => global.receiveBufferPolicy,
  rx_bufs_multiples: ({ global }) => String(global.receiveBufferMultiplier),
  umask: ({ global }) => `0${global.umask.toString(8)}`,
  vrrp_startup_delay: ({ global }) =>
    global.startupDelayUs === 0 ? undefined : seconds(global.startupDelayUs),
};
