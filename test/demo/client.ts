// The client of the demonstration: asks every address for a page every 10 ms, each time with a new
// connection, and writes one JSON line an answer or failure. Run as `client.js ADDRESS...`.

import { get } from "node:http";

const INTERVAL_MS = 10;
/** A request into the void is given up, or thousands would wait at the end. */
const PATIENCE_MS = 300;

/** One line of the client's output. */
export interface ClientReport {
  readonly address: string;
  /** When it was asked and when the answer or failure came, milliseconds. */
  readonly askedAtMs: number;
  readonly atMs: number;
  /** Who answered; null for a failure. */
  readonly server: string | null;
}

function ask(address: string): void {
  const askedAtMs = performance.now();
  const report = (server: string | null): void => {
    const line: ClientReport = { address, askedAtMs, atMs: performance.now(), server };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  };
  const request = get({ host: address, port: 80, agent: false }, (response) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (text: string) => {
      body += text;
    });
    response.on("end", () => report(body));
    response.on("error", () => report(null));
  });
  request.on("error", () => report(null));
  request.setTimeout(PATIENCE_MS, () => request.destroy(new Error("no answer")));
}

for (const address of process.argv.slice(2)) setInterval(ask, INTERVAL_MS, address);
