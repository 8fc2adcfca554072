// HTTP_GET and SSL_GET over HTTP/2 on loopback: honest servers, and hostile ones, which must
// neither hold a probe beyond its deadline nor fill the memory nor get a wrong verdict.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { test } from "node:test";
import type { HttpCheckConfig, UrlConfig } from "@keepalived-ts/shared-config/schema/config";
import type { ProbeResult } from "../core/event.js";
import { httpCheck, second, url } from "../testing/builders.js";
import {
  emptySettings,
  endHeaders,
  endStream,
  field,
  frame,
  status200,
} from "../testing/http2-frames.js";
import { closeServer, listen } from "../testing/listening.js";
import { startHttpProbe } from "./http.js";
import { loadTlsContext } from "./tls.js";

const tls = loadTlsContext({}, () => undefined);
const passed: ProbeResult = { outcome: "passed" };

function failed(reason: string): ProbeResult {
  return { outcome: "failed", reason };
}

function probe(port: number, wanted: Partial<UrlConfig>, timeoutUs: number): Promise<ProbeResult> {
  const check: HttpCheckConfig = httpCheck({
    connectAddress: "127.0.0.1",
    connectPort: port,
    connectTimeoutUs: timeoutUs,
    protocol: "2",
    urls: [url(wanted)],
  });
  return new Promise((resolve) => startHttpProbe(check, 0, tls, resolve));
}

/** The result of one probe of an honest server, and the headers it got. */
async function ask(
  serve: (stream: ServerHttp2Stream) => void,
  wanted: Partial<UrlConfig> = {},
): Promise<{ readonly result: ProbeResult; readonly headers: IncomingHttpHeaders }> {
  let headers: IncomingHttpHeaders = {};
  const server = createServer();
  server.on("stream", (stream, got) => {
    headers = got;
    stream.on("error", () => undefined);
    serve(stream);
  });
  server.on("sessionError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const result = await probe(port, wanted, 20 * second);
  server.close();
  return { result, headers };
}

function reply(body: string, status = 200): (stream: ServerHttp2Stream) => void {
  return (stream) => {
    stream.respond({ ":status": status });
    stream.end(body);
  };
}

test("HTTP_GET over HTTP/2 asks for path and authority, and takes the body as it is", async () => {
  const digest = createHash("md5").update("hello").digest("hex");
  const { result, headers } = await ask(reply("hello"), {
    digest,
    path: "/a?b=c",
    virtualHost: "www.example.org",
  });
  assert.deepEqual(result, passed);
  const { ":method": method, ":path": path, ":authority": authority, ":scheme": scheme } = headers;
  assert.deepEqual([method, path, authority, scheme], ["GET", "/a?b=c", "www.example.org", "http"]);
  assert.equal(headers["user-agent"], "KeepAliveClient");
});

test("HTTP_GET over HTTP/2 judges status and body", async () => {
  assert.deepEqual((await ask(reply("x", 503))).result, failed("HTTP status 503"));
  const regex = { pattern: "is w", noMatch: false, options: [], offsetMin: 0 };
  assert.deepEqual((await ask(reply("all is well"), { regex })).result, passed);
  assert.deepEqual(
    (await ask(reply("all is bad"), { regex })).result,
    failed("regex does not match"),
  );
  const hinting = (stream: ServerHttp2Stream): void => {
    stream.additionalHeaders({ ":status": 103 });
    reply("x")(stream);
  };
  assert.deepEqual((await ask(hinting)).result, passed, "interim responses are passed over");
});

/** Sends `head`, then `text` as often as it is taken. */
function flooding(head: Buffer, text: Buffer): (socket: Socket) => void {
  return (socket) => {
    const pump = (): void => {
      while (!socket.destroyed && socket.write(text));
    };
    socket.on("drain", pump);
    socket.write(head);
    pump();
  };
}

function reset(code: number): Buffer {
  return frame("resetStream", 0, 1, Buffer.of(0, 0, 0, code));
}

function saying(...frames: readonly Buffer[]): (socket: Socket) => void {
  return (socket) => {
    for (const one of [emptySettings, ...frames]) socket.write(one);
  };
}

const ok = frame("headers", endHeaders, 1, status200);
const sized = frame(
  "headers",
  endHeaders,
  1,
  Buffer.concat([status200, field("content-length", "10")]),
);
const half = frame("data", 0, 1, Buffer.from("hello"));
const kilobytes = Buffer.alloc(16_000, "x");
const manyFields = Buffer.concat(Array.from({ length: 400 }, () => field("a", "b".repeat(30))));

const hostile: readonly (readonly [string, (socket: Socket) => void, RegExp])[] = [
  ["accepts and says nothing", () => undefined, /^connect_timeout$/],
  ["greets and says nothing", saying(), /^connect_timeout$/],
  ["answers, and never ends the body", saying(ok), /^connect_timeout$/],
  ["closes at once", (socket) => void socket.end(), /./],
  [
    "speaks HTTP/1.1",
    (socket) => void socket.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    /^HTTP\/2: /,
  ],
  ["sends garbage", flooding(Buffer.alloc(0), kilobytes), /^HTTP\/2: /],
  [
    "sends headers without end",
    flooding(
      Buffer.concat([emptySettings, frame("headers", 0, 1, status200)]),
      frame("continuation", 0, 1, manyFields),
    ),
    /./,
  ],
  [
    "sends a body beyond the window",
    flooding(Buffer.concat([emptySettings, ok]), frame("data", 0, 1, kilobytes)),
    /./,
  ],
  ["floods with settings", flooding(emptySettings, emptySettings), /./],
  ["floods with pings", flooding(emptySettings, frame("ping", 0, 0, Buffer.alloc(8))), /./],
  [
    "floods with empty frames of data",
    flooding(Buffer.concat([emptySettings, ok]), frame("data", 0, 1)),
    /./,
  ],
  [
    "promises what was not asked for",
    saying(frame("pushPromise", endHeaders, 1, Buffer.concat([Buffer.of(0, 0, 0, 2), status200]))),
    /./,
  ],
  ["answers another stream", saying(frame("headers", endHeaders | endStream, 3, status200)), /./],
  ["goes away", saying(frame("goAway", 0, 0, Buffer.alloc(8))), /./],
  ["resets within the body", saying(ok, half, reset(2)), /^stream reset by INTERNAL_ERROR$/],
  ["refuses", saying(reset(7)), /^stream reset by REFUSED_STREAM$/],
  ["resets with an unknown code", saying(reset(99)), /^stream reset by/],
  ["ends without an error within the body", saying(sized, half, reset(0)), /^closed within/],
  [
    "closes within the body",
    (socket) => {
      saying(ok, half)(socket);
      socket.end();
    },
    /./,
  ],
  [
    "answers without a status",
    saying(frame("headers", endHeaders | endStream, 1, field("a", "b"))),
    /./,
  ],
];

for (const [name, serve, reason] of hostile) {
  test(`HTTP_GET over HTTP/2 of a server that ${name}: fails in time`, async () => {
    const listening = await listen("127.0.0.1", serve);
    const result = await probe(listening.port, {}, second / 2);
    await closeServer(listening);
    assert.equal(result.outcome, "failed", JSON.stringify(result));
    assert.match(result.outcome === "failed" ? result.reason : "", reason);
  });
}

test("HTTP_GET over HTTP/2 keeps little of an endless body", { timeout: 60_000 }, async () => {
  const before = process.memoryUsage.rss();
  const endless = (stream: ServerHttp2Stream): void => {
    stream.respond({ ":status": 200 });
    const pump = (): void => {
      while (!stream.destroyed && stream.write(kilobytes));
    };
    stream.on("drain", pump);
    pump();
  };
  assert.deepEqual((await ask(endless)).result, failed("body too long"));
  assert.ok(process.memoryUsage.rss() - before < 100 * 1024 * 1024);
});
