// GRPC_CHECK: the server is well if grpc.health.v1.Health/Check says that the service is SERVING.
// One call over HTTP/2, plain or in TLS; the stream Watch is not used.

import type { OutgoingHttpHeaders } from "node:http2";
import type { Duplex } from "node:stream";
import { usPerMs } from "@keepalived-ts/shared-config/base/units";
import type { GrpcCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Attempt } from "./attempt.js";
import { startConnection } from "./connection.js";
import { healthRequest, healthStatus, servingStatuses } from "./grpc-codec.js";
import { hostOf } from "./http-request.js";
import { exchange, http2Protocols } from "./http2-exchange.js";
import type { Finished, RunningProbe } from "./probe.js";
import { secure, type TlsContext } from "./tls.js";

/** The answer is a few bytes. */
const bodyBytesMax = 4096;

export function startGrpcProbe(
  check: GrpcCheckConfig,
  tls: TlsContext,
  finished: Finished,
): RunningProbe {
  return startConnection(check, finished, (socket, attempt) => {
    if (!check.isSecure) ask(check, socket, attempt);
    else {
      const { serverName, authority: virtualHost } = check;
      const names = { serverName, virtualHost, tlsCompliant: false };
      const demand = { ...check, ...names, applicationProtocols: http2Protocols };
      secure(socket, demand, tls, attempt, (stream) => ask(check, stream, attempt));
    }
  });
}

function ask(check: GrpcCheckConfig, stream: Duplex, attempt: Attempt): void {
  const parts: Buffer[] = [];
  let bodyBytes = 0;
  exchange(
    stream,
    attempt,
    requestHeaders(check),
    {
      data: (bytes) => {
        bodyBytes += bytes.length;
        if (bodyBytes > bodyBytesMax) attempt.fail("answer too long");
        else parts.push(bytes);
      },
      end: (headers, trailers) => {
        const problem =
          responseProblem(Number(headers[":status"]), headers["content-type"]) ??
          callProblem(String(trailers["grpc-status"] ?? "missing")) ??
          healthProblem(healthStatus(Buffer.concat(parts)));
        if (problem === undefined) attempt.pass();
        else attempt.fail(problem);
      },
    },
    healthRequest(check.service),
  );
}

function requestHeaders(check: GrpcCheckConfig): OutgoingHttpHeaders {
  return {
    ":method": "POST",
    ":scheme": check.isSecure ? "https" : "http",
    ":authority": check.authority ?? hostOf(check, check.isSecure),
    ":path": "/grpc.health.v1.Health/Check",
    "content-type": "application/grpc",
    te: "trailers",
    "grpc-timeout": timeoutText(check.connectTimeoutUs),
    "user-agent": "KeepAliveClient",
  };
}

/** At most eight digits; what is longer is said in seconds. */
function timeoutText(timeoutUs: number): string {
  const ms = Math.ceil(timeoutUs / usPerMs);
  return ms < 1e8 ? `${ms}m` : `${Math.ceil(ms / 1000)}S`;
}

function responseProblem(status: number, contentType: string | undefined): string | undefined {
  if (status !== 200) return `HTTP status ${status}`;
  return contentType?.startsWith("application/grpc") === true ? undefined : "not gRPC";
}

/** Those that a health check is answered with. */
const statusNames: Readonly<Record<string, string>> = {
  "4": "DEADLINE_EXCEEDED",
  "5": "NOT_FOUND, the service is not known there",
  "12": "UNIMPLEMENTED, no health service is there",
  "14": "UNAVAILABLE",
  "16": "UNAUTHENTICATED",
};

function callProblem(status: string): string | undefined {
  if (status === "0") return undefined;
  const name = Object.hasOwn(statusNames, status) ? ` ${statusNames[status]}` : "";
  return `grpc-status ${status.slice(0, 16)}${name}`;
}

function healthProblem(status: number | undefined): string | undefined {
  if (status === undefined) return "not a HealthCheckResponse";
  const name = servingStatuses[status] ?? String(status);
  return name === "SERVING" ? undefined : name;
}
