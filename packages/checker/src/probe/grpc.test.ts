// GRPC_CHECK on loopback: servers of node:http2 that answer as gRPC's do, and hostile ones.

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { GrpcCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import type { ProbeResult } from "../core/event.js";
import { second, tcpCheck } from "../testing/builders.js";
import { startGrpcProbe } from "./grpc.js";
import { loadTlsContext } from "./tls.js";

const tls = loadTlsContext({}, () => undefined);
const passed: ProbeResult = { outcome: "passed" };

function failed(reason: string): ProbeResult {
  return { outcome: "failed", reason };
}

interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The result of one probe, and the call that the server got. */
async function ask(
  serve: (stream: ServerHttp2Stream) => void,
  changes: Partial<GrpcCheckConfig> = {},
): Promise<{ readonly result: ProbeResult; readonly call: Call }> {
  let call: Call = { headers: {}, body: Buffer.alloc(0) };
  const server = createServer();
  server.on("sessionError", () => undefined);
  server.on("stream", (stream, headers) => {
    const parts: Buffer[] = [];
    stream.on("error", () => undefined);
    stream.on("data", (bytes: Buffer) => parts.push(bytes));
    stream.on("end", () => {
      call = { headers, body: Buffer.concat(parts) };
      serve(stream);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const check: GrpcCheckConfig = {
    ...tcpCheck({ connectAddress: "127.0.0.1", connectPort: port }),
    kind: "GRPC_CHECK",
    service: "",
    isSecure: false,
    ...changes,
  };
  const result = await new Promise<ProbeResult>((resolve) => startGrpcProbe(check, tls, resolve));
  server.close();
  return { result, call };
}

const grpc = { ":status": 200, "content-type": "application/grpc" };

/** A response with a message and, after it, the status of the call. */
function answering(
  message: Buffer,
  trailers: OutgoingHttpHeaders = { "grpc-status": "0" },
  headers: OutgoingHttpHeaders = grpc,
): (stream: ServerHttp2Stream) => void {
  return (stream) => {
    stream.respond(headers, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    stream.end(message);
  };
}

function message(...bytes: readonly number[]): Buffer {
  return Buffer.from([0, 0, 0, 0, bytes.length, ...bytes]);
}

const serving = message(8, 1);

test("GRPC_CHECK calls Health/Check as the protocol has it", async () => {
  const { result, call } = await ask(answering(serving), {
    service: "a.B",
    authority: "api.example.org",
    connectTimeoutUs: 2.5 * second,
  });
  assert.deepEqual(result, passed);
  const { ":method": method, ":path": path, ":authority": authority, te } = call.headers;
  assert.deepEqual([method, path], ["POST", "/grpc.health.v1.Health/Check"]);
  assert.deepEqual([authority, te], ["api.example.org", "trailers"]);
  assert.equal(call.headers["content-type"], "application/grpc");
  assert.equal(call.headers["grpc-timeout"], "2500m");
  assert.deepEqual(call.body, Buffer.from([0, 0, 0, 0, 5, 10, 3, 97, 46, 66]));
});

const trailersOnly = (stream: ServerHttp2Stream): void =>
  stream.respond({ ...grpc, "grpc-status": "5" }, { endStream: true });

const answers: readonly (readonly [string, (stream: ServerHttp2Stream) => void, ProbeResult])[] = [
  ["is not serving", answering(message(8, 2)), failed("NOT_SERVING")],
  ["does not know", answering(message()), failed("UNKNOWN")],
  ["does not know the service", answering(message(8, 3)), failed("SERVICE_UNKNOWN")],
  ["has a status of its own", answering(message(8, 9)), failed("9")],
  [
    "does not know the service, in trailers only",
    trailersOnly,
    failed("grpc-status 5 NOT_FOUND, the service is not known there"),
  ],
  [
    "has no health service",
    answering(Buffer.alloc(0), { "grpc-status": "12" }),
    failed("grpc-status 12 UNIMPLEMENTED, no health service is there"),
  ],
  [
    "says SERVING and then that the call has failed",
    answering(serving, { "grpc-status": "13" }),
    failed("grpc-status 13"),
  ],
  ["says SERVING and no status", answering(serving, {}), failed("grpc-status missing")],
  [
    "is no gRPC server",
    answering(serving, {}, { ":status": 200, "content-type": "text/html" }),
    failed("not gRPC"),
  ],
  ["answers 502", answering(serving, {}, { ...grpc, ":status": 502 }), failed("HTTP status 502")],
  ["sends something else", answering(Buffer.from("hello")), failed("not a HealthCheckResponse")],
  ["sends too much", answering(Buffer.alloc(5000)), failed("answer too long")],
  [
    "sends a status without end",
    answering(serving, { "grpc-status": "7".repeat(5000) }),
    failed(`grpc-status ${"7".repeat(16)}`),
  ],
];

for (const [what, serve, expected] of answers) {
  test(`GRPC_CHECK of a server that ${what}: ${JSON.stringify(expected)}`, async () => {
    assert.deepEqual((await ask(serve)).result, expected);
  });
}

test("GRPC_CHECK of a server that never answers fails at its deadline", async () => {
  const { result } = await ask(() => undefined, { connectTimeoutUs: second / 4 });
  assert.deepEqual(result, failed("connect_timeout"));
});
