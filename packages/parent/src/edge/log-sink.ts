// Where log records go: winston with transports of our own, syslog or the journal, console, files;
// none of them ever waits. Only the parent writes logs; children send theirs up.

import { type LogLevel, type LogRecord, logLevels } from "@keepalived-ts/shared-config/base/log";
import winston from "winston";
import Transport from "winston-transport";
import { type ShownLevel, shownLevels } from "../core/shown-level.js";
import { DescriptorWriter } from "./descriptor-writer.js";
import { journalEntry } from "./journal.js";
import { LogFiles } from "./log-file.js";
import { consoleNow, jsonLine, lineText, syslogNow } from "./log-line.js";
import { connectSyslog, SyslogWriter } from "./syslog-writer.js";

/** The ident of the parent in syslog. */
export const parentIdent = "Keepalived";

export interface LogSinkOptions {
  readonly toConsole: boolean;
  readonly toSyslog: boolean;
  readonly facility: number;
  readonly detail: 0 | 1 | 2;
  /** Console and files have JSON, an object a line. */
  readonly asJson?: boolean | undefined;
  /** Absent = no file. */
  readonly file?: string | undefined;
  /** /dev/log, but for tests. */
  readonly syslogPath: string;
  /** The journal's socket; absent = not to the journal. */
  readonly journalPath?: string | undefined;
}

/** Whose record it is: syslog ident and process. */
export interface LogSource {
  readonly ident: string;
  readonly pid: number;
}

export interface LogSink {
  write(record: LogRecord, source: LogSource): void;
  /** From now on records down to this level are shown, as with -D and -D -D. */
  show(level: ShownLevel): void;
  /** Log files are opened anew: somebody may have moved them away. */
  reopen(): void;
  /** Lines that found no taker so far. */
  dropped(): number;
  /** Writes what is queued, waiting for a bounded time: false = a reader does not take it. */
  close(): Promise<boolean>;
}

/** What travels through winston. */
interface Entry extends LogSource {
  readonly record: LogRecord;
}

interface Drain {
  readonly dropped: number;
  drain(timeoutMs: number): Promise<boolean>;
}

interface LineWriter extends Drain {
  write(line: string): void;
}

/**
 * syslog.h: LOG_ERR, LOG_WARNING, LOG_INFO, LOG_INFO, LOG_DEBUG. keepalived's details are LOG_INFO
 * too.
 */
const severities: Readonly<Record<LogLevel, number>> = {
  error: 3,
  warn: 4,
  info: 6,
  detail: 6,
  debug: 7,
};
const drainMs = 500;
const stderrFd = 2;

export function createLogSink(options: LogSinkOptions): LogSink {
  let isDebug = options.detail === 2;
  const writers: Drain[] = [];
  const transports: Transport[] = [];
  const lossLine = (lost: number): string => framed(options, lossEntry(lost), isDebug);
  if (options.toConsole) {
    const writer = new DescriptorWriter(stderrFd, lossLine);
    writers.push(writer);
    transports.push(new LineTransport(writer, (entry) => framed(options, entry, isDebug)));
  }
  for (const [path, frame] of datagramWays(options)) {
    const lossText = (lost: number): string => frame(lossEntry(lost), options, false);
    const writer = new SyslogWriter(() => connectSyslog(path), lossText);
    writers.push(writer);
    transports.push(new LineTransport(writer, (entry) => frame(entry, options, isDebug)));
  }
  const files = options.file === undefined ? undefined : new LogFiles(options.file, tell, lossLine);
  if (files !== undefined) {
    writers.push({
      get dropped(): number {
        return files.dropped;
      },
      drain: (timeoutMs) => files.drain(timeoutMs),
    });
    transports.push(new FileTransport(files, (entry) => framed(options, entry, isDebug)));
  }
  const logger = winston.createLogger({
    levels: Object.fromEntries(logLevels.map((level, rank) => [level, rank])),
    level: shownLevels[options.detail],
    // The lines are framed by the transports; winston's own JSON rendering would be thrown away.
    format: winston.format((info) => info)(),
    transports,
    silent: transports.length === 0,
  });
  function tell(text: string): void {
    sink.write({ level: "warn", text }, { ident: parentIdent, pid: process.pid });
  }
  const sink: LogSink = {
    write(record, source): void {
      logger.log({ level: record.level, message: record.text, entry: { ...source, record } });
    },
    show(level): void {
      logger.level = level;
      isDebug = level === "debug";
    },
    reopen: () => files?.reopen(drainMs),
    dropped: () => writers.reduce((sum, writer) => sum + writer.dropped, 0),
    async close(): Promise<boolean> {
      const areDrained = await Promise.all(writers.map((writer) => writer.drain(drainMs)));
      return areDrained.every(Boolean);
    },
  };
  return sink;
}

/** A winston transport that frames an entry as a line and hands it on. */
class LineTransport extends Transport {
  readonly #writer: LineWriter;
  readonly #frame: (entry: Entry) => string;

  constructor(writer: LineWriter, frame: (entry: Entry) => string) {
    super();
    this.#writer = writer;
    this.#frame = frame;
  }

  override log(info: { readonly entry: Entry }, next: () => void): void {
    this.#writer.write(this.#frame(info.entry));
    next();
  }
}

/** As LineTransport, by ident. */
class FileTransport extends Transport {
  readonly #files: LogFiles;
  readonly #frame: (entry: Entry) => string;

  constructor(files: LogFiles, frame: (entry: Entry) => string) {
    super();
    this.#files = files;
    this.#frame = frame;
  }

  override log(info: { readonly entry: Entry }, next: () => void): void {
    this.#files.write(info.entry.ident, this.#frame(info.entry));
    next();
  }
}

type DatagramFrame = (entry: Entry, options: LogSinkOptions, isDebug: boolean) => string;

function datagramWays(options: LogSinkOptions): (readonly [string, DatagramFrame])[] {
  const { toSyslog, syslogPath, journalPath } = options;
  return [
    ...(toSyslog ? [[syslogPath, syslogLine] as const] : []),
    ...(journalPath === undefined ? [] : [[journalPath, journalText] as const]),
  ];
}

function lossEntry(lost: number): Entry {
  const record: LogRecord = { level: "warn", text: `${lost} log messages were lost` };
  return { ident: parentIdent, pid: process.pid, record };
}

/** For console and files. */
function framed({ asJson }: LogSinkOptions, entry: Entry, isDebug: boolean): string {
  if (!asJson) return consoleLine(entry, isDebug);
  return jsonLine(entry.record, entry.ident, entry.pid, new Date());
}

function journalText(
  { record, ...source }: Entry,
  options: LogSinkOptions,
  isDebug: boolean,
): string {
  const fields = { ...source, priority: severities[record.level], facility: options.facility };
  return journalEntry(record, fields, needsData(record, isDebug));
}

function consoleLine(entry: Entry, isDebug: boolean): string {
  return `${consoleNow()}: ${lineText(entry.record, needsData(entry.record, isDebug))}`;
}

function syslogLine(entry: Entry, options: LogSinkOptions, isDebug: boolean): string {
  const priority = options.facility * 8 + severities[entry.record.level];
  const text = lineText(entry.record, needsData(entry.record, isDebug));
  return `<${priority}>${syslogNow()} ${entry.ident}[${entry.pid}]: ${text}`;
}

/** State changes keep keepalived's wording to the end of the line, since people grep for it. */
function needsData(record: LogRecord, isDebug: boolean): boolean {
  return isDebug || record.level === "error" || record.level === "warn";
}
