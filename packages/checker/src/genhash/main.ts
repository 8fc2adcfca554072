// genhash: asks a web server as HTTP_GET and SSL_GET do, and prints the digest that they want of
// it. A program of its own, started by the parent's -T.

import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import type { ProbeResult } from "../core/event.js";
import { startHttpProbe } from "../probe/http.js";
import { loadTlsContext } from "../probe/tls.js";
import { genhashUsage, readGenhashWords } from "./options.js";
import { type Answer, plainReport, timeReport, verboseReport } from "./report.js";

const exitFailed = 1;

type Question = Extract<ReturnType<typeof readGenhashWords>, { kind: "ask" }>;

function main(): void {
  const command = readGenhashWords(process.argv.slice(2));
  if (command.kind === "ask") ask(command);
  else {
    writeSync(2, command.kind === "refused" ? `${command.text}\n${genhashUsage}` : genhashUsage);
    process.exitCode = exitFailed;
  }
}

function ask({ check, isVerbose }: Question): void {
  const hash = createHash("md5");
  const headers: Buffer[] = [];
  const bodies: Buffer[] = [];
  const startedAt = process.hrtime.bigint();
  const witness = {
    header: (bytes: Buffer) => void headers.push(Buffer.from(bytes)),
    body: (bytes: Buffer) => {
      hash.update(bytes);
      if (isVerbose) bodies.push(Buffer.from(bytes));
    },
  };
  const tls = loadTlsContext({}, () => undefined);
  startHttpProbe(check, 0, tls, finished, witness);

  function finished(result: ProbeResult): void {
    if (result.outcome !== "passed") fail(result.reason);
    else {
      const [header, body] = [Buffer.concat(headers), Buffer.concat(bodies)];
      const answer: Answer = { header, body, digest: hash.digest() };
      const durationUs = Number(process.hrtime.bigint() - startedAt) / 1000;
      const path = check.urls[0]?.path ?? "";
      if (isVerbose) writeSync(1, `${verboseReport(answer)}${timeReport(path, durationUs)}`);
      else writeSync(1, plainReport(answer));
    }
  }
}

/** keepalived's words for what happens most. */
function fail(reason: string): void {
  const text = reason === "connect_timeout" ? "Timeout" : "Connection failed";
  writeSync(2, `${text}: ${reason}\n`);
  process.exitCode = exitFailed;
}

main();
