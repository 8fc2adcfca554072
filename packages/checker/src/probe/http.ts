// HTTP_GET and SSL_GET: one url a probe. The server is well if the response is complete within
// connect_timeout, and its status, digest and pattern are as the url wants them. Redirects are not
// followed, nothing is decompressed.

import type { Duplex } from "node:stream";
import type { HttpCheckConfig, UrlConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Attempt } from "./attempt.js";
import { BodyMatch } from "./body-match.js";
import { startConnection } from "./connection.js";
import { http2Request, httpRequest, type TextProtocol } from "./http-request.js";
import { HttpResponse, type ResponseEvent } from "./http-response.js";
import { exchange, http2Protocols } from "./http2-exchange.js";
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
    else if (check.kind === "HTTP_GET") ask({ check, url, stream: socket, attempt, witness });
    else {
      const applicationProtocols = check.protocol === "2" ? http2Protocols : undefined;
      secure(socket, { ...check, ...url, applicationProtocols }, tls, attempt, (stream) =>
        ask({ check, url, stream, attempt, witness }),
      );
    }
  });
}

interface Question {
  readonly check: HttpCheckConfig;
  readonly url: UrlConfig;
  /** Over which it is asked. */
  readonly stream: Duplex;
  readonly attempt: Attempt;
  readonly witness: ResponseWitness | undefined;
}

function ask(question: Question): void {
  const { protocol } = question.check;
  if (protocol === "2") askOverHttp2(question);
  else askInText(question, protocol);
}

/** The body as far as it is looked at, within its bound. */
function bodyOf({ url, attempt, witness }: Question): {
  readonly match: BodyMatch;
  feed(bytes: Buffer): void;
} {
  const match = new BodyMatch(url);
  let bodyBytes = 0;
  const feed = (bytes: Buffer): void => {
    bodyBytes += bytes.length;
    if (bodyBytes > bodyBytesMax) attempt.fail("body too long");
    else match.feed(bytes);
    witness?.body(bytes);
  };
  return { match, feed };
}

function askOverHttp2(question: Question): void {
  const { check, url, stream, attempt, witness } = question;
  const body = bodyOf(question);
  exchange(stream, attempt, http2Request(check, url), {
    data: body.feed,
    end: (headers) => {
      const status = Number(headers[":status"]);
      const fields = Object.entries(headers).filter(([name]) => !name.startsWith(":"));
      const lines = fields.map(([name, value]) => `${name}: ${String(value)}\r\n`);
      witness?.header(Buffer.from(`HTTP/2 ${status}\r\n${lines.join("")}\r\n`));
      judge(url, status, body.match, attempt);
    },
  });
}

function askInText(question: Question, protocol: TextProtocol): void {
  const { check, url, stream, attempt, witness } = question;
  const body = bodyOf(question);
  const response = new HttpResponse(body.feed, witness?.header);
  const step = (event: ResponseEvent): void => {
    if (event.type === "broken") attempt.fail(event.reason);
    else if (event.type === "complete" && !attempt.isOver) {
      judge(url, response.status, body.match, attempt);
    }
  };
  stream.on("data", (bytes: Buffer) => step(response.feed(bytes)));
  stream.on("end", () => step(response.finish()));
  stream.write(httpRequest(protocol, check, url), "utf8");
}

function judge(url: UrlConfig, status: number, match: BodyMatch, attempt: Attempt): void {
  if (!url.statusCodes.some(({ from, to }) => from <= status && status <= to)) {
    attempt.fail(`HTTP status ${status}`);
    return;
  }
  const verdict = match.judge();
  if (verdict.ok) attempt.pass();
  else attempt.fail(verdict.reason);
}
