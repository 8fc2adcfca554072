// keepalived's command line as a table: every option that keepalived 2.4 knows, what it takes,
// what it does here. Options that are known but not built yet start with a warning where the
// daemon without them is still what was asked for.

import type { ChildKind } from "./core/event.js";

/** What the command line asks of the daemon. */
export interface DaemonOptions {
  configFile: string;
  dontFork: boolean;
  logToConsole: boolean;
  logToSyslog: boolean;
  /** syslog(3) facility number. */
  facility: number;
  /** 0: what operators should see; 1 (-D): details; 2 (-D -D): per packet or probe. */
  logDetail: 0 | 1 | 2;
  /** From -P and -C; empty = all. */
  kinds: readonly ChildKind[];
  respawn: boolean;
  /** -p, -r and -c; what is absent has its standard name. */
  pidFiles: Readonly<Partial<Record<"parent" | ChildKind, string>>>;
  /** -s; undefined = as the configuration says. */
  namespace: string | undefined;
  configId: string | undefined;
  umask: number | undefined;
  ignoreInterrupt: boolean;
  /** -e */
  includeCheck: boolean;
  /** --log-json: console and files. */
  logAsJson: boolean;
  /** --log-journal */
  journal: "auto" | "always" | "never";
  /** -g: undefined = none. */
  logFile: string | undefined;
  /** -a: the VRRP process logs every address that comes and goes. */
  logsAddresses: boolean;
  /** --all: children run without a configuration too. */
  startsAll: boolean;
  /** -d */
  logsConfig: boolean;
  /** -V and -I: these leave what they have in the kernel when the daemon stops. */
  keeps: readonly ChildKind[];
  /** -m and -M */
  leavesCore: boolean;
  corePattern: string | undefined;
  /** -x */
  enablesSnmp: boolean;
  /** -A */
  snmpSocket: string | undefined;
  /** -t: the file for the diagnostics, "" = stderr; undefined = run as a daemon. */
  configTest: string | undefined;
  /** --strict-config: what only we complain of counts as keepalived's own complaints do. */
  strictConfig: boolean;
  /** --dump-config: print the effective configuration and end. */
  dumpConfig: DumpForm | undefined;
  /** Secrets stand in the JSON of --dump-config. */
  showSecrets: boolean;
  /** --format: with -t the form of the diagnostics, else "" = print the file in canonical form. */
  format: OutputForm | undefined;
  /** --cluster: the words are configuration files to compare, FILE or FILE@ID. */
  cluster: boolean;
  clusterFiles: readonly string[];
}

export type DumpForm = "json" | "keepalived";
export type OutputForm = "" | "text" | "json";

export function defaultOptions(): DaemonOptions {
  return {
    configFile: "/etc/keepalived/keepalived.conf",
    dontFork: false,
    logToConsole: false,
    logToSyslog: true,
    facility: facilities["daemon"] ?? 3,
    logDetail: 0,
    kinds: [],
    respawn: true,
    pidFiles: {},
    namespace: undefined,
    configId: undefined,
    umask: undefined,
    ignoreInterrupt: false,
    includeCheck: false,
    logAsJson: false,
    journal: "auto",
    logFile: undefined,
    logsAddresses: false,
    startsAll: false,
    logsConfig: false,
    keeps: [],
    leavesCore: false,
    corePattern: undefined,
    enablesSnmp: false,
    snmpSocket: undefined,
    configTest: undefined,
    strictConfig: false,
    dumpConfig: undefined,
    showSecrets: false,
    format: undefined,
    cluster: false,
    clusterFiles: [],
  };
}

/** What an option leads to, besides a change of the options. */
export type Outcome =
  | undefined
  | { readonly kind: "warning"; readonly text: string }
  | { readonly kind: "refused"; readonly text: string }
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "signalNumber"; readonly signal: number };

export interface Option {
  readonly short?: string;
  readonly long: string;
  /** The name of its argument in the help text; absent = takes none. */
  readonly argument?: string;
  readonly isArgumentOptional?: true;
  readonly help: string;
  /** Not one of keepalived's: its own long names come first when a name is shortened. */
  readonly isOurs?: true;
  apply(options: DaemonOptions, argument: string): Outcome;
}

/** keepalived --signum: SIGRTMIN + 2 and SIGRTMAX - 1 of glibc. */
const signalNumbers: Readonly<Record<string, number>> = {
  STOP: 15,
  RELOAD: 1,
  DATA: 10,
  STATS: 12,
  STATS_CLEAR: 63,
  JSON: 36,
};

/** keepalived's. */
const standardLogFile = "/tmp/keepalived.log";

/** syslog.h */
const facilities: Readonly<Record<string, number>> = {
  user: 1,
  daemon: 3,
  ...Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`local${n}`, 16 + n])),
  ...Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`${n}`, 16 + n])),
};

export const optionTable: readonly Option[] = [
  set(
    "f",
    "use-file",
    "FILE",
    "read FILE instead of /etc/keepalived/keepalived.conf",
    (o, file) => {
      o.configFile = file;
    },
  ),
  flag("P", "vrrp", "run VRRP only", (o) => {
    o.kinds = [...o.kinds, "vrrp"];
  }),
  flag("C", "check", "run the health checker only", (o) => {
    o.kinds = [...o.kinds, "checker"];
  }),
  flag("B", "no_bfd", "accepted: there is no BFD process yet", nothing),
  flag("", "all", "start child processes that have no configuration too", (o) => {
    o.startsAll = true;
  }),
  flag("l", "log-console", "with -n, log to stderr too", (o) => {
    o.logToConsole = true;
  }),
  flag("D", "log-detail", "log details; twice: every packet and probe", (o) => {
    o.logDetail = o.logDetail === 0 ? 1 : 2;
  }),
  set(
    "S",
    "log-facility",
    "FACILITY",
    "syslog facility: 0-7, local0-7, user or daemon",
    setFacility,
  ),
  {
    ...set("g", "log-file", "FILE", `log to FILE too (${standardLogFile})`, (o, file) => {
      o.logFile = file === "" ? standardLogFile : file;
    }),
    isArgumentOptional: true,
  },
  flag("", "flush-log-file", "accepted: the log file is written at once anyway", nothing),
  flag("G", "no-syslog", "do not log to syslog", (o) => {
    o.logToSyslog = false;
  }),
  set("u", "umask", "MASK", "permissions to take from files that are made", setUmask),
  flag("X", "release-vips", "accepted: what must not be held is always removed", nothing),
  flag("V", "dont-release-vrrp", "leave virtual addresses and routes at stop", (o) => {
    o.keeps = [...o.keeps, "vrrp"];
  }),
  flag("I", "dont-release-ipvs", "leave IPVS services at stop", (o) => {
    o.keeps = [...o.keeps, "checker"];
  }),
  flag("R", "dont-respawn", "end when a child process dies", (o) => {
    o.respawn = false;
  }),
  flag("n", "dont-fork", "stay in the foreground", (o) => {
    o.dontFork = true;
  }),
  flag("d", "dump-conf", "log the configuration when it is put in force", (o) => {
    o.logsConfig = true;
  }),
  set("p", "pid", "FILE", "pid file of the parent process", (o, file) => {
    o.pidFiles = { ...o.pidFiles, parent: file };
  }),
  set("r", "vrrp_pid", "FILE", "pid file of the VRRP process", (o, file) => {
    o.pidFiles = { ...o.pidFiles, vrrp: file };
  }),
  set("c", "checkers_pid", "FILE", "pid file of the health checker process", (o, file) => {
    o.pidFiles = { ...o.pidFiles, checker: file };
  }),
  set("b", "bfd_pid", "FILE", "accepted: there is no BFD process yet", nothing),
  flag("a", "address-monitoring", "log every address that comes to this host or goes", (o) => {
    o.logsAddresses = true;
  }),
  set("s", "namespace", "NAME", "run in this network namespace (ip netns)", (o, name) => {
    o.namespace = name;
  }),
  flag("e", "all-config", "a file to include that is missing is an error", (o) => {
    o.includeCheck = true;
  }),
  set(
    "i",
    "config-id",
    "ID",
    "take configuration lines marked @ID, not those marked @^ID",
    (o, id) => {
      o.configId = id;
    },
  ),
  flag("x", "snmp", "serve every SNMP object, as enable_snmp_vrrp and its kin do", (o) => {
    o.enablesSnmp = true;
  }),
  set("A", "snmp-agent-socket", "SOCKET", "where the SNMP agent listens", (o, socket) => {
    o.snmpSocket = socket;
  }),
  flag("m", "core-dump", "let a process that crashes leave a core file", (o) => {
    o.leavesCore = true;
  }),
  {
    ...set("M", "core-dump-pattern", "PATTERN", "and have the kernel name it so (core)", (o, p) => {
      o.leavesCore = true;
      o.corePattern = p === "" ? "core" : p;
    }),
    isArgumentOptional: true,
  },
  {
    ...set(
      "t",
      "config-test",
      "LOGFILE",
      "check the configuration, then end with 0, 4, 5 or 6",
      (o, file) => {
        o.configTest = file;
      },
    ),
    isArgumentOptional: true,
  },
  set(
    "",
    "signum",
    "NAME",
    `print the number of a signal: ${Object.keys(signalNumbers).join(", ")}`,
    signum,
  ),
  flag("", "ignore-sigint", "take no notice of SIGINT", (o) => {
    o.ignoreInterrupt = true;
  }),
  {
    short: "T",
    long: "genhash",
    help: "be genhash, which the words after this are for: only as the first option",
    apply: () => ({ kind: "refused", text: "Cannot use --genhash here: it must come first" }),
  },
  unbuilt("", "perf", "no performance record is made", "MODE", true),
  unbuilt("", "debug", "use -D -D", "OPTIONS", true),
  flag("", "no-mem-check", "accepted: memory is managed by the runtime", nothing),
  flag("L", "mem-check-log", "accepted: memory is managed by the runtime", nothing),
  flag("O", "openssl-mem-check", "accepted: memory is managed by the runtime", nothing),
  ours({
    long: "log-json",
    help: "on the console and in files a JSON object a line, with time, process and instance",
    apply: (o) => {
      o.logAsJson = true;
    },
  }),
  ours({
    long: "log-journal",
    argument: "WHEN",
    help: "log to systemd's journal with fields: auto (stderr is the journal), always or never",
    apply: setJournal,
  }),
  ours({
    long: "dump-config",
    argument: "FORM",
    isArgumentOptional: true,
    help: "print the configuration in force, defaults filled in, as json or keepalived",
    apply: setDump,
  }),
  ours({
    long: "show-secrets",
    help: "with --dump-config=json: print passwords and keys too",
    apply: (o) => {
      o.showSecrets = true;
    },
  }),
  ours({
    long: "format",
    argument: "FORM",
    isArgumentOptional: true,
    help: "with -t: diagnostics as text or json; alone: print FILE of -f in canonical form",
    apply: setFormat,
  }),
  ours({
    long: "strict-config",
    help: "take what only keepalived-ts complains of as seriously as keepalived's complaints",
    apply: (o) => {
      o.strictConfig = true;
    },
  }),
  ours({
    long: "cluster",
    help: "with -t: compare the routers of a cluster, words are FILE or FILE@CONFIG-ID",
    apply: (o) => {
      o.cluster = true;
    },
  }),
  { short: "v", long: "version", help: "print the version", apply: () => ({ kind: "version" }) },
  { short: "h", long: "help", help: "print this text", apply: () => ({ kind: "help" }) },
];

/** The text of --help. */
export function usage(): string {
  const rows = optionTable.map((option) => [optionSyntax(option), option.help] as const);
  const width = Math.max(...rows.map(([syntax]) => syntax.length));
  const lines = rows.map(([syntax, help]) => `  ${syntax.padEnd(width)}  ${help}`);
  return `Usage: keepalived-ts [OPTION...]\n${lines.join("\n")}\n`;
}

export function optionSyntax(option: Option): string {
  const short = option.short === undefined ? "    " : `-${option.short}, `;
  const name = option.argument ?? "";
  const argument = option.isArgumentOptional ? `[=${name}]` : name === "" ? "" : `=${name}`;
  return `${short}--${option.long}${argument}`;
}

function flag(short: string, long: string, help: string, apply: Option["apply"]): Option {
  return { ...(short === "" ? {} : { short }), long, help, apply };
}

function set(
  short: string,
  long: string,
  argument: string,
  help: string,
  apply: Option["apply"],
): Option {
  return { ...flag(short, long, help, apply), argument };
}

function ours(option: Omit<Option, "isOurs">): Option {
  return { ...option, isOurs: true };
}

/** Known, harmless to leave out: said, and the daemon starts. */
function unbuilt(
  short: string,
  long: string,
  consequence: string,
  argument?: string,
  isArgumentOptional?: true,
): Option {
  const text = `Option --${long} is not supported yet: ${consequence}`;
  const option = flag(short, long, `not supported yet: ${consequence}`, () => ({
    kind: "warning",
    text,
  }));
  return {
    ...option,
    ...(argument === undefined ? {} : { argument }),
    ...(isArgumentOptional === undefined ? {} : { isArgumentOptional }),
  };
}

function nothing(): undefined {
  return undefined;
}

function setFacility(options: DaemonOptions, name: string): Outcome {
  const facility = facilities[name];
  if (facility === undefined) {
    const text = `Cannot use log facility "${name}": must be 0-7, local0-7, user or daemon`;
    return { kind: "warning", text };
  }
  options.facility = facility;
  return undefined;
}

/** As strtol with base 0: 022 is octal, 0x12 hexadecimal, 18 decimal. */
function setUmask(options: DaemonOptions, text: string): Outcome {
  const mask = /^0[0-7]*$/.test(text)
    ? Number.parseInt(text, 8)
    : /^(0[xX][0-9a-fA-F]+|[1-9][0-9]*)$/.test(text)
      ? Number(text)
      : Number.NaN;
  if (!(mask >= 0 && mask <= 0o777)) {
    return { kind: "warning", text: `Cannot use umask "${text}": must be a number from 0 to 0777` };
  }
  options.umask = mask;
  return undefined;
}

function signum(_options: DaemonOptions, name: string): Outcome {
  const signal = signalNumbers[name];
  if (signal !== undefined) return { kind: "signalNumber", signal };
  const known = Object.keys(signalNumbers).join(", ");
  return { kind: "refused", text: `Cannot print signal "${name}": must be one of ${known}` };
}

function setDump(options: DaemonOptions, form: string): Outcome {
  if (form !== "" && form !== "json" && form !== "keepalived") {
    return refuse("--dump-config", form, "json or keepalived");
  }
  options.dumpConfig = form === "keepalived" ? form : "json";
  return undefined;
}

function setFormat(options: DaemonOptions, form: string): Outcome {
  if (form !== "" && form !== "text" && form !== "json") {
    return refuse("--format", form, "text or json");
  }
  options.format = form;
  return undefined;
}

function setJournal(options: DaemonOptions, when: string): Outcome {
  if (when !== "auto" && when !== "always" && when !== "never") {
    return refuse("--log-journal", when, "auto, always or never");
  }
  options.journal = when;
  return undefined;
}

function refuse(option: string, value: string, wanted: string): Outcome {
  return { kind: "refused", text: `Cannot use ${option} "${value}": must be ${wanted}` };
}
