// How the demonstration looks: one line an event with the seconds since the start. Colour only on a
// terminal, and never when NO_COLOR is set (no-color.org).

const BOLD = "\u001b[1m";
const DIM = "\u001b[2m";
const GREEN = "\u001b[32m";
const RED = "\u001b[31m";
const PLAIN = "\u001b[0m";

export type Tone = "plain" | "bold" | "dim" | "good" | "bad";
const CODES: Readonly<Record<Tone, string>> = {
  plain: "",
  bold: BOLD,
  dim: DIM,
  good: GREEN,
  bad: RED,
};

export class Terminal {
  readonly #write: (text: string) => void;
  readonly #hasColour: boolean;
  readonly #beginMs: number = performance.now();

  constructor(write: (text: string) => void, hasColour: boolean) {
    this.#write = write;
    this.#hasColour = hasColour;
  }

  paint(text: string, tone: Tone): string {
    const code = CODES[tone];
    return this.#hasColour && code !== "" ? `${code}${text}${PLAIN}` : text;
  }

  line(text = "", tone: Tone = "plain"): void {
    this.#write(`${this.paint(text, tone)}\n`);
  }

  #stamp(): string {
    const seconds = (performance.now() - this.#beginMs) / 1000;
    return this.paint(`${seconds.toFixed(2).padStart(7)} s  `, "dim");
  }

  /** The heading of a scene. */
  scene(text: string): void {
    this.#write(`\n${this.#stamp()}${this.paint(text, "bold")}\n`);
  }

  /** Something that happened, and to whom. */
  event(who: string, text: string, tone: Tone = "plain"): void {
    this.#write(`${this.#stamp()}  ${who.padEnd(10)}${this.paint(text, tone)}\n`);
  }
}
