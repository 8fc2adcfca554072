// Reads replies of an SMTP server (RFC 5321 section 4.2), of one line or several, as the bytes come
// in. Keeps one line, within a bound. Never throws.

/** Twice what RFC 5321 section 4.5.3.1.5 allows, and far more lines than anyone sends. */
const lineBytesMax = 1024;
const linesMax = 128;

export class SmtpReplies {
  #line = "";
  #lines = 0;

  /** The codes of the replies that are complete with `bytes`; "broken" = this is no SMTP. */
  feed(bytes: Buffer): number[] | "broken" {
    const parts = (this.#line + bytes.toString("latin1")).split("\n");
    this.#line = parts.pop() ?? "";
    if (this.#line.length > lineBytesMax) return "broken";
    const codes: number[] = [];
    for (const line of parts) {
      const found = /^(\d{3})(?:([ -]).*)?\r?$/.exec(line);
      if (found === null || line.length > lineBytesMax || ++this.#lines > linesMax) return "broken";
      if (found[2] === "-") continue;
      this.#lines = 0;
      codes.push(Number(found[1]));
    }
    return codes;
  }
}
