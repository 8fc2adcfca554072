// HTTP_GET and SSL_GET: one url a probe. The server is well if the response is complete within
// connect_timeout, and its status, digest and pattern are as the url wants them. Redirects are not
// followed, nothing is decompressed.

import type { Duplex } from "node:stream";
import type { HttpCheckConfig, UrlConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Attempt } from "./attempt.js";
import { BodyMatch } from "./body-match.js";
import { startConnection } from "./connection.js";
import { httpRequest } from "./http-request.js";
import { HttpResponse, type ResponseEvent } from "./http-response.js";
import type { Finished, RunningProbe } from "./probe.js";
import { secure, type TlsContext } from "./tls.js";

/** Sees what comes, in pieces; for genhash. */
export interface ResponseWitness {
  header(bytes: Buffer): void;
  body(bytes: Buffer): void;
}

/** A body of more would keep the process busy for nothing. */
const bodyBytesMax = 16 * 1024 * 1024;

export function startHttpProbe(
  check: HttpCheckConfig,
  urlIndex: number,
  tls: TlsContext,
  finished: Finished,
  witness?: ResponseWitness,
): RunningProbe {
  const url = check.urls[urlIndex];
  return startConnection(check, finished, (socket, attempt) => {
    if (url === undefined) attempt.giveUp("there is no such url");
    else if (check.kind === "HTTP_GET") ask(check, url, socket, attempt, witness);
    else
      secure(socket, { ...check, ...url }, tls, attempt, (stream) =>
        ask(check, url, stream, attempt, witness),
      );
  });
}

function ask(
  check: HttpCheckConfig,
  url: UrlConfig,
  stream: Duplex,
  attempt: Attempt,
  witness?: ResponseWitness,
): void {
  const match = new BodyMatch(url);
  let bodyBytes = 0;
  const response = new HttpResponse((bytes) => {
    bodyBytes += bytes.length;
    if (bodyBytes > bodyBytesMax) attempt.fail("body too long");
    else match.feed(bytes);
    witness?.body(bytes);
  }, witness?.header);
  const step = (event: ResponseEvent): void => {
    if (event.type === "broken") attempt.fail(event.reason);
    else if (event.type === "complete" && !attempt.isOver) judge(url, response, match, attempt);
  };
  stream.on("data", (bytes: Buffer) => step(response.feed(bytes)));
  stream.on("end", () => step(response.finish()));
  stream.write(httpRequest(check, url), "utf8");
}

function judge(url: UrlConfig, { status }: HttpResponse, match: BodyMatch, attempt: Attempt): void {
  if (!url.statusCodes.some(({ from, to }) => from <= status && status <= to)) {
    attempt.fail(`HTTP status ${status}`);
    return;
  }
  const verdict = match.judge();
  if (verdict.ok) attempt.pass();
  else attempt.fail(verdict.reason);
}
