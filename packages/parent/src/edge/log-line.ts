// How a log record becomes one line of text: safe to print (no control characters that came from
// the network), bounded, with its data behind it where an operator needs it. Pure but for the time
// zone and for the clock of *Now.

import type { LogRecord, LogSubject } from "@keepalived-ts/shared-config/base/log";

/** syslog(3) readers cut at 2 KiB or more; a longer line helps nobody. */
export const lineCharactersMax = 2000;

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** The text of `record` on one line; its data follows where `withData` asks for it. */
export function lineText(record: LogRecord, withData: boolean): string {
  const data = withData ? dataText(record) : "";
  const text = `${record.text}${data}`;
  const cut = text.length > lineCharactersMax ? `${text.slice(0, lineCharactersMax)}...` : text;
  return escapeControls(cut);
}

/**
 * What a record is about, as it says itself, or by its text: keepalived writes `(VI_1) Entering
 * MASTER STATE`.
 */
export function subjectOf({ text, about }: LogRecord): LogSubject {
  if (about !== undefined) return about;
  const instance = /^\(([^()\s]{1,255})\) /.exec(text)?.[1];
  return instance === undefined ? {} : { instance };
}

/** One JSON object on one line. */
export function jsonLine(record: LogRecord, ident: string, pid: number, date: Date): string {
  const { level, data } = record;
  const line = JSON.stringify({
    time: date.toISOString(),
    ...{ level, ident, pid },
    ...subjectOf(record),
    text: lineText(record, false),
    ...(data === undefined ? {} : { data }),
  });
  // JSON leaves DEL and the controls behind it as they are, and a terminal may act upon them.
  return line.replace(/[\x7f-\x9f]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
}

/** Lines come by the thousand in a second, and local time is dear. */
function oncePerSecond(text: (date: Date) => string): () => string {
  let second = Number.NaN;
  let last = "";
  return () => {
    const nowMs = Date.now();
    const nowS = Math.floor(nowMs / 1000);
    if (nowS !== second) last = text(new Date(nowMs));
    second = nowS;
    return last;
  };
}

export const syslogNow: () => string = oncePerSecond(syslogTime);
export const consoleNow: () => string = oncePerSecond(consoleTime);

/** RFC 3164 section 4.1.2: `Nov  3 07:05:09`, local time. */
export function syslogTime(date: Date): string {
  const day = String(date.getDate()).padStart(2, " ");
  return `${months[date.getMonth()]} ${day} ${clockTime(date)}`;
}

/** As keepalived prints with --log-console: `Tue Nov  3 07:05:09 2026`. */
export function consoleTime(date: Date): string {
  return `${days[date.getDay()]} ${syslogTime(date)} ${date.getFullYear()}`;
}

function clockTime(date: Date): string {
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

function dataText(record: LogRecord): string {
  const entries = Object.entries(record.data ?? {}).filter(([, value]) => value !== null);
  if (entries.length === 0) return "";
  return ` (${entries.map(([name, value]) => `${name}=${value}`).join(", ")})`;
}

function escapeControls(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
