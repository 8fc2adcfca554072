// How a record is written in the own protocol of systemd's journal, so that it keeps its fields.
// Specifications: JOURNAL_NATIVE_PROTOCOL of systemd, systemd.journal-fields(7)

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import { lineText, subjectOf } from "./log-line.js";

/** Of the journal's own fields; ours begin with KEEPALIVED_. */
export interface JournalFields {
  readonly priority: number;
  readonly facility: number;
  readonly ident: string;
  readonly pid: number;
}

/**
 * One datagram. No value has a line break: the text has none, whatever it quotes, and a field of
 * our data is written as a text is. So the form for binary values is never needed, and as a text is
 * cut at 2,000 characters, one datagram is always enough.
 */
export function journalEntry(record: LogRecord, fields: JournalFields, withData: boolean): string {
  const { priority, facility, ident, pid } = fields;
  const own = Object.entries({ ...record.data, ...subjectOf(record) });
  const ownFields = own.flatMap(([name, value]) => {
    const field = fieldName(name);
    const isThere = field !== undefined && value !== null && value !== undefined;
    return isThere ? [[field, oneLine(`${value}`)] as const] : [];
  });
  const lines: (readonly [string, string | number])[] = [
    ["MESSAGE", lineText(record, withData)],
    ["PRIORITY", priority],
    ["SYSLOG_FACILITY", facility],
    ["SYSLOG_IDENTIFIER", ident],
    ["SYSLOG_PID", pid],
    ["KEEPALIVED_LEVEL", record.level],
    ...ownFields,
  ];
  return lines.map(([name, value]) => `${name}=${value}\n`).join("");
}

function oneLine(text: string): string {
  return lineText({ level: "info", text }, false);
}

/** "exitCode" is KEEPALIVED_EXIT_CODE; a name that the journal would refuse is none. */
function fieldName(name: string): string | undefined {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
  return /^[A-Z0-9_]{1,40}$/.test(words) ? `KEEPALIVED_${words}` : undefined;
}
