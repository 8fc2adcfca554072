// Which ways a record goes: console, syslog, journal. Whatever would end in the journal goes there
// by the journal's own protocol, with its fields, and once: standard error under systemd is the
// journal, and so is /dev/log as a rule.

import { existsSync, fstatSync, realpathSync } from "node:fs";

export const journalSocket = "/run/systemd/journal/socket";
export const syslogSocket = "/dev/log";
/** What /dev/log is a link to where journald reads it. */
const journalSyslogSocket = "/run/systemd/journal/dev-log";
const stderrFd = 2;

/** --log-journal: what nothing, "always" and "never" stand for. */
export type JournalChoice = "auto" | "always" | "never";

export interface LogWays {
  readonly toConsole: boolean;
  readonly toSyslog: boolean;
  readonly toJournal: boolean;
}

/** What was asked for. */
export type WantedWays = Pick<LogWays, "toConsole" | "toSyslog"> & {
  readonly journal: JournalChoice;
};

/** What the surroundings are like. */
export interface LogSurroundings {
  readonly isStderrJournal: boolean;
  readonly isSyslogJournal: boolean;
  readonly hasJournal: boolean;
}

export function logWays(wanted: WantedWays, about: LogSurroundings): LogWays {
  const { toConsole, toSyslog, journal } = wanted;
  const isWanted = journal === "always" || (journal === "auto" && about.isStderrJournal);
  // Without the socket the journal is reached as before: by standard error and by /dev/log.
  if (!isWanted || !(about.hasJournal || journal === "always")) {
    return { toConsole, toSyslog, toJournal: false };
  }
  // -G without -l: nothing that reaches the journal was asked for.
  const isReached = journal === "always" || toConsole || toSyslog;
  return {
    toConsole: toConsole && !about.isStderrJournal,
    toSyslog: toSyslog && !about.isSyslogJournal,
    toJournal: isReached,
  };
}

export function logSurroundings(journalStream: string | undefined): LogSurroundings {
  return {
    isStderrJournal: isJournal(stderrFd, journalStream),
    isSyslogJournal: realPath(syslogSocket) === journalSyslogSocket,
    hasJournal: existsSync(journalSocket),
  };
}

/** systemd.exec(5): $JOURNAL_STREAM is `device:inode` of what was connected to the journal. */
export function isJournal(descriptor: number, journalStream: string | undefined): boolean {
  if (journalStream === undefined || journalStream === "") return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return `${dev}:${ino}` === journalStream;
  } catch {
    // EBADF: started without a standard error.
    return false;
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    // ENOENT: no syslog daemon here (yet).
    return undefined;
  }
}
