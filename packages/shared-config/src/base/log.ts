// What a log record is. Records are made at the edges only and written by the parent only: a child
// sends its records up, so that neither a full disk nor a slow terminal can ever stop an advert.
//
// Levels: error = service lost; warn = an operator should look; info = a state changed;
// detail = shown with -D, as keepalived; debug = per packet or probe, shown with -D -D.

export type LogLevel = "error" | "warn" | "info" | "detail" | "debug";

/** From the gravest to the least. */
export const logLevels: readonly LogLevel[] = ["error", "warn", "info", "detail", "debug"];

/** Values that belong to a record. Never put a secret (auth_pass) here. */
export type LogData = Readonly<Record<string, string | number | boolean | null>>;

/** What a record is about, for those who filter by it: the text names it too. */
export interface LogSubject {
  readonly instance?: string | undefined;
  readonly virtualServer?: string | undefined;
  readonly realServer?: string | undefined;
}

export interface LogRecord {
  readonly level: LogLevel;
  /** keepalived's own wording where administrators grep for it. */
  readonly text: string;
  readonly data?: LogData | undefined;
  readonly about?: LogSubject | undefined;
}

export interface Log {
  error(text: string, data?: LogData): void;
  warn(text: string, data?: LogData): void;
  info(text: string, data?: LogData): void;
  detail(text: string, data?: LogData): void;
  debug(text: string, data?: LogData): void;
}

/** A {@link Log} that hands every record to `write`. */
export function createLog(write: (record: LogRecord) => void): Log {
  const at =
    (level: LogLevel) =>
    (text: string, data?: LogData): void =>
      write(data === undefined ? { level, text } : { level, text, data });
  return {
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    detail: at("detail"),
    debug: at("debug"),
  };
}
