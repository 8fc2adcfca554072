// What genhash prints, in keepalived's form: the digest alone, or with -v all that came before it.
// Reads and writes nothing.

const bytesPerLine = 16;

export interface Answer {
  readonly header: Buffer;
  readonly body: Buffer;
  /** 16 bytes. */
  readonly digest: Buffer;
}

/** A dump of bytes, 16 a line: offset, hex, and what can be printed of them. */
export function hexDump(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += bytesPerLine) {
    const part = bytes.subarray(at, at + bytesPerLine);
    const pairs = Array.from(part, (byte) => byte.toString(16).padStart(2, "0"));
    const first = pairs.slice(0, 8).join(" ");
    const second = pairs.slice(8).join(" ");
    const hex = `${first.padEnd(23)} - ${second}`;
    const shown = part.toString("latin1").replace(/[^\x20-\x7e]/g, ".");
    const line = `${String(at).padStart(4, "0")}  ${hex.padEnd(50)}  ${shown.padEnd(bytesPerLine)}`;
    text += `${line}\n`;
  }
  return text;
}

export function plainReport({ digest }: Answer): string {
  return `${digest.toString("hex")}\n`;
}

export function verboseReport({ header, body, digest }: Answer): string {
  return (
    `${title("   HTTP Header Buffer   ")}${hexDump(header)}` +
    `${title("HTTP Header Ascii Buffer")}${header.toString("latin1")}\n` +
    `${body.length === 0 ? "" : `${title("       HTML Buffer       ")}${hexDump(body)}`}\n` +
    `${title("   HTML hash resulting   ")}${hexDump(digest)}` +
    `${title("HTML hash final resulting")}${digest.toString("hex")}\n\n`
  );
}

export function timeReport(path: string, durationUs: number): string {
  return `Global response time for [${path}] = ${Math.round(durationUs)} usecs\n`;
}

function title(words: string): string {
  return `-----------------------[ ${words} ]-----------------------\n`;
}
