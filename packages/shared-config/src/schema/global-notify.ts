// The keywords of global_defs about mail, FIFOs, SNMP and D-Bus. Follows keepalived's
// core/global_parser.c; a mail server's name is kept as it is and looked up when mail is sent.

import { isIP } from "node:net";
import { canonicalIp } from "../base/ip.js";
import { usPerSecond } from "../base/units.js";
import type { Statement, Word } from "../text/ast.js";
import type { FifoConfig, NotifySettings } from "./config-global.js";
import type { FifoDraft, GlobalDraft } from "./draft.js";
import {
  alias,
  boolean,
  choice,
  flag,
  ignored,
  oneWord,
  printWord,
  reject,
  seconds,
  store,
  word,
} from "./forms.js";
import {
  bare,
  delaySecondsMax,
  firstWins,
  fromOne,
  mendable,
  named,
  oldName,
  onlyWord,
  parseExact,
  wholeSeconds,
  within,
  wordsUnlimited,
} from "./global-forms.js";
import { firstWord, type Keywords, type Rule, type Scope } from "./keyword.js";
import { quoteWord } from "./printed.js";
import { notifyScript } from "./script.js";
import { lines, lineWords, printLines } from "./sections.js";
import { parseSnmpSocket, snmpSocketForm } from "./snmp-socket.js";

const smtpPortStandard = 25;
const portMax = 65535;
/** That of mehdy's keepalived_exporter, so that what scrapes it goes on. */
const monitorPortStandard = 9165;
const statsInterval = { from: 1000, to: 30 * usPerSecond };

const snmpVrrp = flag<GlobalDraft>("enableSnmpVrrp");

export const notifyKeywords: Keywords<GlobalDraft> = {
  ...fifo("notify_fifo", "notifyFifo", "global"),
  ...fifo("vrrp_notify_fifo", "vrrpNotifyFifo", "vrrp"),
  ...fifo("lvs_notify_fifo", "lvsNotifyFifo", "lvs"),
  fifo_write_vrrp_states_on_reload: flag("fifoWriteVrrpStatesOnReload"),
  vrrp_notify_priority_changes: boolean("notifyPriorityChanges"),
  notify_scripts_parallel: boolean("notifyScriptsParallel"),
  notify_script_wait: mendable(wholeSeconds("notifyScriptWaitUs", { from: 1, to: 3600 })),
  ...mailKeywords(),
  snmp_socket: firstWins("snmpSocket", snmpSocket()),
  enable_traps: flag("enableTraps"),
  enable_snmp_vrrp: snmpVrrp,
  enable_snmp_keepalived: alias("enable_snmp_vrrp", snmpVrrp, oldName("enable_snmp_vrrp")),
  enable_snmp_checker: flag("enableSnmpChecker"),
  snmp_vs_stats_update_interval: seconds("snmpVsStatsUpdateIntervalUs", statsInterval),
  snmp_rs_stats_update_interval: seconds("snmpRsStatsUpdateIntervalUs", statsInterval),
  enable_snmp_rfc: bare((scope, statement) => {
    store(scope, "enableSnmpRfcv2", true, statement);
    store(scope, "enableSnmpRfcv3", true, statement);
  }),
  enable_snmp_rfcv2: flag("enableSnmpRfcv2"),
  enable_snmp_rfcv3: flag("enableSnmpRfcv3"),
  monitor_listen: monitorListen(),
  enable_dbus: flag("enableDbus"),
  dbus_service_name: mendable(named("dbusServiceName")),
  dbus_no_interface_name: mendable(named("dbusNoInterfaceName")),
};

/** keepalived takes every word, and an agent that cannot be reached is told of at the start. */
function snmpSocket(): Rule<GlobalDraft> {
  const rule = onlyWord<GlobalDraft>("<transport>", "snmpSocket");
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const first = firstWord(statement);
    if (first.value === "" || parseSnmpSocket(first.value) !== undefined) {
      rule.bind(scope, statement);
      return;
    }
    scope.diagnostics.report(first.span, {
      severity: "warning",
      code: "INVALID_VALUE",
      message: `Cannot use snmp_socket "${first.value.slice(0, 100)}"; ${ignored}`,
      expected: snmpSocketForm,
    });
  };
  return { ...rule, bind };
}

/** The last three are ours. */
function mailKeywords(): Keywords<GlobalDraft> {
  return {
    notification_email: emails(),
    notification_email_from: emailFrom(),
    smtp_server: {
      ...word<GlobalDraft>("<host> [<port>]", bindSmtpServer, printSmtpServer),
      wordsMax: 2,
    },
    smtp_helo_name: heloName(),
    smtp_connect_timeout: fromOne("smtpConnectTimeoutUs", delaySecondsMax, usPerSecond),
    smtp_alert: boolean("smtpAlert"),
    smtp_alert_vrrp: boolean("smtpAlertVrrp"),
    smtp_alert_checker: boolean("smtpAlertChecker"),
    no_email_faults: flag("noEmailFaults"),
    no_checker_emails: boolean("noCheckerEmails"),
    smtp_tls: mendable(choice("smtpTls", ["off", "starttls", "implicit"])),
    smtp_tls_verify: boolean("smtpTlsVerify"),
    smtp_auth: smtpAuth(),
  };
}

/** Quotes none of its words: one of them is a secret. */
function smtpAuth(): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const [user, password] = statement.words;
    store(scope, "smtpUser", user?.value, statement);
    store(scope, "smtpPassword", password?.value, statement);
  };
  const rule = word<GlobalDraft>("<user> <password>", bind, (keyword, config) => {
    const { smtpUser, smtpPassword } = config as unknown as NotifySettings;
    if (smtpUser === undefined || smtpPassword === undefined) return [];
    return [{ keyword, words: [quoteWord(smtpUser), quoteWord(smtpPassword)] }];
  });
  return { ...mendable(rule), wordsMin: 2, wordsMax: 2 };
}

/** Ours. An address, not a name: where it listens must not depend on a resolver. */
function monitorListen(): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const address = firstWord(statement);
    const port = statement.words[1];
    const number = port === undefined ? monitorPortStandard : (parseExact(port.value)?.value ?? 0);
    if (isIP(address.value) === 0) {
      reject(scope, statement, address, "an address, such as 127.0.0.1", ignored);
    } else if (port !== undefined && (number < 1 || number > portMax)) {
      reject(scope, statement, port, `a port, 1 to ${portMax}`, ignored);
    } else {
      store(scope, "monitorAddress", canonicalIp(address.value) ?? address.value, statement);
      store(scope, "monitorPort", number, statement);
    }
  };
  const rule = word<GlobalDraft>("<address> [<port>]", bind, (keyword, config) => {
    const { monitorAddress, monitorPort } = config as unknown as NotifySettings;
    if (monitorAddress === undefined) return [];
    return [{ keyword, words: [monitorAddress, String(monitorPort)] }];
  });
  return { ...mendable(rule), wordsMax: 2 };
}

/** Every word of every line is an address; one with a name stands in quotes. */
function emails(): Rule<GlobalDraft> {
  const rule = lines<GlobalDraft>(
    "<address>",
    (scope, line) => {
      const addresses = lineWords(line).map(({ value }) => value);
      scope.draft.notificationEmails.push(...addresses.filter((each) => each !== ""));
    },
    // In quotes always: a line may not start with what conditions start with.
    printLines("notificationEmails", (email: string) => [`"${email}"`]),
  );
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    rule.bind(scope, statement);
    if (statement.block?.length !== 0) return;
    scope.diagnostics.report(statement.keyword.span, {
      severity: "warning",
      code: "MISSING_WORD",
      message: `Cannot find an address in ${statement.keyword.value} of ${scope.owner}`,
      hint: "leave the block out to send no mail",
    });
  };
  return { ...rule, bind };
}

function emailFrom(): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const [first, surplus] = statement.words;
    if (surplus !== undefined) {
      const expected = 'one address; with a name it stands in quotes: "Name <a@b.c>"';
      reject(scope, statement, surplus, expected, "it is left out");
    }
    if (first?.value === "") reject(scope, statement, first, "an address", ignored);
    else store(scope, "notificationEmailFrom", first?.value, statement);
  };
  const rule = word<GlobalDraft>("<address>", bind, printWord("notificationEmailFrom", quoteWord));
  return { ...mendable(rule), wordsMax: wordsUnlimited };
}

function bindSmtpServer(scope: Scope<GlobalDraft>, statement: Statement): void {
  const host = firstWord(statement);
  const port = statement.words[1];
  const portNumber = port === undefined ? smtpPortStandard : (parseExact(port.value)?.value ?? 0);
  if (!isMailHost(host)) {
    reject(scope, statement, host, "an address or the name of a host", ignored);
  } else if (port !== undefined && (portNumber < 1 || portNumber > portMax)) {
    reject(scope, statement, port, `a port, 1 to ${portMax}`, ignored);
  } else {
    store(scope, "smtpServer", canonicalIp(host.value) ?? host.value, statement);
    store(scope, "smtpPort", portNumber, statement);
  }
}

/** An IP address, or a name whose last label is no number (RFC 1123 section 2.1). */
function isMailHost({ value }: Word): boolean {
  if (isIP(value) !== 0) return true;
  const isName = value.length <= 253 && /^[\w-]+(\.[\w-]+)*\.?$/.test(value);
  return isName && !/(^|\.)\d+\.?$/.test(value);
}

function printSmtpServer(
  keyword: string,
  config: Readonly<Record<string, unknown>>,
): ReturnType<NonNullable<Rule<never>["print"]>> {
  const { smtpServer, smtpPort } = config as unknown as NotifySettings;
  return smtpServer === undefined ? [] : [{ keyword, words: [smtpServer, String(smtpPort)] }];
}

/** Without a word keepalived keeps quiet and uses the host's name. */
function heloName(): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const [first] = statement.words;
    if (first !== undefined) {
      if (first.value !== "") store(scope, "smtpHeloName", first.value, statement);
      else reject(scope, statement, first, "a name", ignored);
      return;
    }
    scope.diagnostics.report(statement.keyword.span, {
      severity: "hint",
      code: "MISSING_WORD",
      message: `Cannot find a name after smtp_helo_name in ${scope.owner}; ${ignored}`,
    });
  };
  const rule = word<GlobalDraft>("<name>", bind, printWord("smtpHeloName", quoteWord));
  return { ...rule, wordsMin: 0 };
}

/** `notify_fifo` and `notify_fifo_script` and their kin. */
function fifo(
  keyword: string,
  field: "notifyFifo" | "vrrpNotifyFifo" | "lvsNotifyFifo",
  kind: keyof GlobalDraft["fifos"],
): Keywords<GlobalDraft> {
  const of = (rule: Rule<FifoDraft>): Rule<GlobalDraft> =>
    mendable(within(field, (draft) => draft.fifos[kind], rule));
  const print: Rule<FifoDraft>["print"] = (name, config) => {
    const { path, user, group } = config as unknown as FifoConfig;
    const words = group === undefined ? [path, user] : [path, user, group];
    return [{ keyword: name, words: words.map(quoteWord) }];
  };
  const form = "<path> [<user> [<group>]]";
  const path = { ...oneWord, wordsMax: 3, form, bind: bindFifo, print };
  return {
    [keyword]: of(firstWins("fifo", path)),
    [`${keyword}_script`]: of(notifyScript("script")),
  };
}

function bindFifo(scope: Scope<FifoDraft>, statement: Statement): void {
  const path = firstWord(statement);
  const [, user, group] = statement.words;
  if (path.value === "") {
    reject(scope, statement, path, "a path", ignored);
    return;
  }
  scope.draft.fifo = {
    value: {
      path: path.value,
      ...(user === undefined ? {} : { user: { value: user.value, span: user.span } }),
      ...(group === undefined ? {} : { group: { value: group.value, span: group.span } }),
    },
    span: path.span,
  };
}
