// The time in a reload_time_file: `HH:MM:SS`, `YY-MM-DD HH:MM:SS` or `YYYY-MM-DD HH:MM:SS`, each
// with an optional Z for UTC, nothing else on the first line. Reads no clock and no file.

export interface ReloadTime {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** A time without a date comes every day. */
  readonly hasDate: boolean;
}

const form = /^(?:((?:\d\d)?\d\d)-(\d\d)-(\d\d) )?(\d\d):(\d\d):(\d\d)(Z?)$/;

/** Undefined for what is no such time. A time without a date is the next one after `nowMs`. */
export function readReloadTime(text: string, nowMs: number): ReloadTime | undefined {
  const match = form.exec(text.split("\n", 1)[0] ?? "");
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, zone] = match;
  const clock = [Number(hour), Number(minute), Number(second)] as const;
  const isUtc = zone === "Z";
  if (year !== undefined) {
    const full = year.length === 2 ? 2000 + Number(year) : Number(year);
    const atMs = instant([full, Number(month) - 1, Number(day)], clock, isUtc);
    return atMs === undefined ? undefined : { atMs, hasDate: true };
  }
  const now = new Date(nowMs);
  const today = isUtc
    ? ([now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()] as const)
    : ([now.getFullYear(), now.getMonth(), now.getDate()] as const);
  const atMs = instant(today, clock, isUtc);
  if (atMs === undefined) return undefined;
  if (atMs > nowMs) return { atMs, hasDate: false };
  // By the calendar, since a day of local time need not have 24 hours.
  return { atMs: make([today[0], today[1], today[2] + 1], clock, isUtc), hasDate: false };
}

type Triple = readonly [number, number, number];

/** Undefined for what the calendar or the clock does not have. */
function instant(date: Triple, clock: Triple, isUtc: boolean): number | undefined {
  const [hour, minute, second] = clock;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const [, month, day] = date;
  const noon = new Date(Date.UTC(date[0], month, day));
  if (noon.getUTCMonth() !== month || noon.getUTCDate() !== day) return undefined;
  return make(date, clock, isUtc);
}

function make([year, month, day]: Triple, clock: Triple, isUtc: boolean): number {
  return isUtc
    ? Date.UTC(year, month, day, ...clock)
    : new Date(year, month, day, ...clock).getTime();
}
