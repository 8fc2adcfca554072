// One request and its response over HTTP/2 (RFC 9113) on a connection that stands: for HTTP_GET,
// SSL_GET and GRPC_CHECK. Bounds what a hostile server can make us keep; decides nothing about what
// the response means.

import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  OutgoingHttpHeaders,
} from "node:http2";
import type { Duplex } from "node:stream";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type { Attempt } from "./attempt.js";
import { headerBytesMax } from "./http-response.js";

const noError = 0;

/** What SSL_GET and GRPC_CHECK offer in the TLS handshake. */
export const http2Protocols: readonly string[] = ["h2"];

export interface Http2Listener {
  /** The body, in pieces. */
  data(bytes: Buffer): void;
  /** The response is complete; `trailers` are those of a response that has nothing else, too. */
  end(headers: IncomingHttpHeaders, trailers: IncomingHttpHeaders): void;
}

/** A server has nothing to push, to reserve or to send wrongly. */
const limits = {
  maxSessionMemory: 1,
  maxHeaderListPairs: 128,
  maxReservedRemoteStreams: 0,
  maxSessionInvalidFrames: 10,
  maxSessionRejectedStreams: 1,
  settings: { enablePush: false, maxHeaderListSize: headerBytesMax },
} as const;

/** Node's HTTP/2 is loaded when the first probe wants it: the start of a daemon does not wait. */
export function exchange(
  stream: Duplex,
  attempt: Attempt,
  headers: OutgoingHttpHeaders,
  listener: Http2Listener,
  body?: Buffer,
): void {
  const open = ({ connect }: typeof import("node:http2")): void => {
    if (attempt.isOver) return;
    // The URL is for default headers, of which none is used.
    const session = connect("http://probe", { ...limits, createConnection: () => stream });
    attempt.holds(() => session.destroy());
    ask(session, attempt, headers, listener, body);
  };
  import("node:http2").then(open).catch((thrown: unknown) => attempt.fail(errorText(thrown)));
}

function ask(
  session: ClientHttp2Session,
  attempt: Attempt,
  headers: OutgoingHttpHeaders,
  listener: Http2Listener,
  body: Buffer | undefined,
): void {
  session.on("error", (error: NodeJS.ErrnoException) => failBy(attempt, error));
  session.on("close", () => attempt.fail("closed"));
  let request: ClientHttp2Stream;
  try {
    request = session.request(headers, { endStream: body === undefined });
  } catch (thrown) {
    // The connection has gone meanwhile.
    attempt.fail(errorText(thrown));
    return;
  }
  follow(request, attempt, listener);
  if (body !== undefined) request.end(body);
}

function follow(request: ClientHttp2Stream, attempt: Attempt, listener: Http2Listener): void {
  let response: IncomingHttpHeaders | undefined;
  let trailers: IncomingHttpHeaders | undefined;
  request.on("error", (error: NodeJS.ErrnoException) => failBy(attempt, error, request.rstCode));
  request.on("response", (headers) => {
    response = headers;
  });
  request.on("trailers", (headers) => {
    trailers = headers;
  });
  let bodyBytes = 0;
  request.on("data", (bytes: Buffer) => {
    bodyBytes += bytes.length;
    if (!attempt.isOver) listener.data(bytes);
  });
  // "end" also comes when the connection breaks off; only now is it known how it ended.
  request.on("close", () => {
    if (attempt.isOver) return;
    const { rstCode } = request;
    if (rstCode !== undefined && rstCode !== noError) {
      attempt.fail(resetText(rstCode));
    } else if (response === undefined) attempt.fail("no response");
    // A reset without an error before the end looks like the end to us.
    else if (isShort(response, bodyBytes)) attempt.fail("closed within the body");
    else listener.end(response, trailers ?? response);
  });
}

function isShort(headers: IncomingHttpHeaders, bodyBytes: number): boolean {
  const length = headers["content-length"];
  return length !== undefined && Number(length) !== bodyBytes;
}

/** RFC 9113 section 7, by their codes. */
const resetNames: readonly string[] = [
  ...["NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT"],
  ...["STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR"],
  ...["CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"],
];

function resetText(code: number): string {
  return `stream reset by ${resetNames[code] ?? code}`;
}

function failBy(attempt: Attempt, error: NodeJS.ErrnoException, rstCode?: number): void {
  const { code = "", message } = error;
  if (!code.startsWith("ERR_HTTP2")) attempt.endWith(error);
  else if (rstCode !== undefined && code === "ERR_HTTP2_STREAM_ERROR") {
    attempt.fail(resetText(rstCode));
  } else attempt.fail(`HTTP/2: ${message}`);
}
